import { MiniProgramEnv } from 'glass-easel-miniprogram-adapter'
import { announceReady, installEvents } from './events.mjs'
import { makePageStack } from './pages.mjs'
import { makeWx } from './wx.mjs'

function joined(from, name) {
  const parts = from.split('/').slice(0, -1)
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function makeLoader(modules) {
  const cache = {}
  return function load(id) {
    if (cache[id]) return cache[id].exports
    const module = (cache[id] = { exports: {} })
    modules[id]((name) => load(joined(id, name)), module, module.exports)
    return module.exports
  }
}

/** The page named in the address after #, as a scanned mini-program code would open it. */
function launchUrl(app) {
  const asked = decodeURI(location.hash.slice(1))
  return asked.startsWith('/pages') ? asked : `/${app.pages[0]}`
}

export function start({ app, components, templates, modules }) {
  const env = new MiniProgramEnv()
  const space = env.createCodeSpace('main', true)
  space.getComponentSpace().updateComponentOptions({ useMethodCallerListeners: true })
  for (const component of components) {
    space.addComponentStaticConfig(component.id, component.json)
    space.addCompiledTemplate(component.id, { groupList: templates, content: templates[component.id] })
  }
  const backend = env.associateBackend()
  const pages = makePageStack({ app, components, backend, space })
  installEvents()
  announceReady(document.getElementById('root'))

  let appInstance
  // uni-app's runtime keeps the first Page and Component it sees, so these hand over to the one being defined
  let defining
  Object.assign(window, {
    wx: makeWx(pages.navigation), global: window, Behavior: (behavior) => behavior,
    App: (definition) => (appInstance = definition), getApp: () => appInstance, getCurrentPages: pages.current,
    Component: (definition) => defining.Component(definition), Page: (definition) => defining.Page(definition),
  })
  const load = makeLoader(modules)
  load('app.js')
  const launch = { path: app.pages[0], query: {}, scene: 1001 }
  appInstance.onLaunch?.(launch)
  appInstance.onShow?.(launch)
  for (const { id } of components) {
    space.componentEnv(id, (componentEnv) => {
      defining = componentEnv
      load(`${id}.js`)
    })
  }
  pages.open(launchUrl(app))
}
