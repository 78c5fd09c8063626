// Makes dist/mp-web: the genuine mp-weixin output, unchanged in its logic, on WeChat's own glass-easel
// runtime in a browser. Run after build:mp-weixin; serve the folder anywhere next to /api/v1.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import esbuild from 'esbuild'
import { openBuild } from '../scripts/mp-build.mjs'

const require = createRequire(import.meta.url)
const { TmplGroup } = require('glass-easel-template-compiler')
const HERE = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const OUT = path.resolve('dist/mp-web')
const build = openBuild('dist/build/mp-weixin')

const TAGS = { view: 'div', text: 'span', image: 'img', 'scroll-view': 'div', picker: 'div' }

/** WeChat's built-in tags become HTML that remembers its origin in wxtag; bindtap becomes bind:tap. */
function toHtmlTags(wxml) {
  return wxml
    .replace(/<(\/?)(view|text|image|scroll-view|picker)(?=[\s>/])/g, (_, slash, tag) => `<${slash}${TAGS[tag]}${slash ? '' : ` wxtag="${tag}"`}`)
    .replace(/\s(bind|catch)(?!:)([a-zA-Z]+)=/g, ' $1:$2=')
}

/** :host is the component's own tag here, as there is no shadow root. */
function toWebStyle(wxss, file) {
  return wxss.replaceAll(':host', path.posix.basename(file, '.wxss')).replace(/(-?[\d.]+)rpx/g, (_, n) => `${n / 7.5}vw`).replace(/(^|[},])\s*page(?=[\s,{])/g, '$1body')
}

function compileTemplates() {
  const group = new TmplGroup()
  const components = []
  for (const file of build.withExtension('.json')) {
    const id = file.replace(/\.json$/, '')
    if (!build.has(`${id}.wxml`)) continue
    const json = JSON.parse(build.read(file))
    const errors = (group.addTmpl(id, toHtmlTags(build.read(`${id}.wxml`))) ?? []).filter((note) => note.isError)
    if (errors.length) throw new Error(`${id}: ${errors.map((note) => note.message).join('; ')}`)
    const using = Object.fromEntries(Object.entries(json.usingComponents ?? {}).map(([name, target]) => [name, target.startsWith('/') ? target : `/${path.posix.join(path.posix.dirname(id), target)}`]))
    components.push({ id, json: { ...json, component: true, styleIsolation: 'shared', usingComponents: using } })
  }
  return { components, templates: group.getTmplGenObjectGroups() }
}

function entrySource({ components, templates }) {
  const modules = build.withExtension('.js').map((file) => `${JSON.stringify(file)}: function(require,module,exports){${build.read(file)}\n}`).join(',\n')
  return `
import { start } from ${JSON.stringify(path.join(HERE, 'runtime/start.mjs'))}
const templates = ${templates};
start({ app: ${JSON.stringify(build.app)}, components: ${JSON.stringify(components)}, templates, modules: {${modules}} })
`
}

const styles = ['app.wxss', ...build.withExtension('.wxss').filter((file) => file !== 'app.wxss')].map((file) => toWebStyle(build.read(file), file)).join('\n')
const compiled = compileTemplates()
fs.rmSync(OUT, { recursive: true, force: true })
fs.mkdirSync(OUT, { recursive: true })
fs.cpSync(path.join(build.root, 'static'), path.join(OUT, 'static'), { recursive: true })
const entry = path.join(OUT, 'entry.mjs')
fs.writeFileSync(entry, entrySource(compiled))
await esbuild.build({ entryPoints: [entry], bundle: true, outfile: path.join(OUT, 'app.js'), format: 'iife', logLevel: 'error', nodePaths: [path.resolve('node_modules')] })
fs.rmSync(entry)
const page = fs.readFileSync(path.join(HERE, 'index.html'), 'utf8')
fs.writeFileSync(path.join(OUT, 'index.html'), page.replace('/* app styles */', () => styles).replaceAll('{{bar}}', build.app.window.navigationBarBackgroundColor))
console.log(`mp-web: ${compiled.components.length} components, ${build.pages.length} pages in dist/mp-web`)
