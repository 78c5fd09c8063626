// Checks dist/build/mp-weixin as far as that goes without WeChat DevTools. Usage: node scripts/check-mp.mjs [folder]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { addressFaults } from './addresses.mjs'
import { openBuild } from './mp-build.mjs'
import { runPages } from './run-pages.mjs'

const require = createRequire(import.meta.url)
const { TmplGroup } = require('glass-easel-template-compiler')
const KB = 1024
const BUDGET = { main: 600 * KB }
const SUB_BUDGET = 1024 * KB // WeChat allows 2 MB for each package

const build = openBuild(process.argv[2] ?? 'dist/build/mp-weixin')
const faults = []
const fault = (text) => faults.push(text)

function checkFiles() {
  for (const page of build.pages) {
    for (const extension of ['js', 'json', 'wxml']) if (!build.has(`${page}.${extension}`)) fault(`missing ${page}.${extension}`)
    for (const [name, target] of Object.entries(JSON.parse(build.read(`${page}.json`)).usingComponents ?? {})) {
      const file = target.startsWith('/') ? target.slice(1) : path.posix.join(path.posix.dirname(page), target)
      if (!build.has(`${file}.wxml`)) fault(`${page}: component ${name} -> ${target} is missing`)
    }
  }
  for (const tab of build.app.tabBar?.list ?? [])
    for (const icon of [tab.iconPath, tab.selectedIconPath]) if (!build.has(icon)) fault(`tab icon ${icon} is missing`)
}

function checkSizes() {
  const sizes = {}
  for (const file of build.files) {
    const name = build.packageOf(file)
    sizes[name] = (sizes[name] ?? 0) + build.size(file)
  }
  for (const [name, bytes] of Object.entries(sizes)) if (bytes > (BUDGET[name] ?? SUB_BUDGET)) fault(`package ${name}: ${bytes} bytes is over budget`)
  return sizes
}

/** Code may only be required from the main package or from its own. */
function checkRequires() {
  for (const file of build.withExtension('.js')) {
    for (const [, name] of build.read(file).matchAll(/require\("(\.[^"]+)"\)/g)) {
      const target = path.posix.join(path.posix.dirname(file), name)
      if (!build.has(target)) fault(`${file} requires ${target}, which is missing`)
      if (!['main', build.packageOf(file)].includes(build.packageOf(target))) fault(`${file} requires ${target} of another package`)
    }
  }
}

function checkTemplates() {
  for (const file of build.withExtension('.wxml')) {
    const group = new TmplGroup()
    for (const note of group.addTmpl(file.replace(/\.wxml$/, ''), build.read(file)) ?? [])
      if (note.isError ?? note.level >= 3) fault(`${file}: ${note.message} at ${note.startLine}`)
    group.free()
  }
}

/** wcc and wcsc are the compilers inside WeChat DevTools; npm ships their Linux binaries (2019/2020). */
function checkWithWechatCompilers() {
  const bin = path.join(path.dirname(require.resolve('miniprogram-compiler/package.json')), 'bin/linux')
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'check-mp-'))
  for (const [tool, extension, options] of [['wcc', '.wxml', ['-d']], ['wcsc', '.wxss', []]]) {
    const program = path.join(out, tool)
    fs.copyFileSync(path.join(bin, tool), program)
    fs.chmodSync(program, 0o755) // wcsc is packed without its x bit
    const run = spawnSync(program, [...options, '-o', path.join(out, `${tool}.js`), ...build.withExtension(extension)], { cwd: build.root, encoding: 'utf8' })
    if (run.status !== 0) fault(`${tool}: ${run.stderr || run.error}`)
  }
  fs.rmSync(out, { recursive: true })
}

function checkStyles() {
  for (const file of build.withExtension('.wxss')) {
    const style = build.read(file)
    if (/(^|[\s,{}>+~])\*\s*[,{]/.test(style)) fault(`${file}: the * selector`)
    if (/url\(\s*['"]?(?!data:)[^)]+\)/.test(style)) fault(`${file}: a file or an address in url()`)
  }
}

function checkAddresses() {
  for (const file of build.files.filter((name) => /\.(js|json|wxml|wxss)$/.test(name)))
    addressFaults(file, build.read(file)).forEach(fault)
}

checkFiles()
const sizes = checkSizes()
checkRequires()
checkTemplates()
checkWithWechatCompilers()
checkStyles()
checkAddresses()
const painted = await runPages(build, fault).catch((error) => fault(`the logic layer does not start: ${error.message}`))

console.log('packages (bytes)', sizes, '| pages', build.pages.length)
console.log('data keys set by each page', painted)
if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log('mp-weixin ok')
process.exit(0) // a page that was run may have a clock that never stops
