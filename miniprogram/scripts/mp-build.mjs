// What check-mp and the browser harness both read out of a finished mp-weixin build.
import fs from 'node:fs'
import path from 'node:path'

function walk(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name)
    return entry.isDirectory() ? walk(full) : [full]
  })
}

export function openBuild(folder) {
  const root = path.resolve(folder)
  if (!fs.existsSync(path.join(root, 'app.json'))) throw new Error(`no build in ${root}: run npm run build:mp-weixin first`)
  const files = walk(root).map((file) => path.relative(root, file).split(path.sep).join('/'))
  const read = (file) => fs.readFileSync(path.join(root, file), 'utf8')
  const app = JSON.parse(read('app.json'))
  const subpackages = app.subPackages ?? []
  const pages = [...app.pages, ...subpackages.flatMap((sub) => sub.pages.map((page) => `${sub.root}/${page}`))]
  return {
    root, files, read, app, subpackages, pages,
    has: (file) => fs.existsSync(path.join(root, file)),
    size: (file) => fs.statSync(path.join(root, file)).size,
    withExtension: (extension) => files.filter((file) => file.endsWith(extension)),
    packageOf: (file) => subpackages.find((sub) => file.startsWith(`${sub.root}/`))?.root ?? 'main',
  }
}
