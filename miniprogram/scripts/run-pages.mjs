// Runs the logic layer of a build in Node: every page must register, load and show without throwing.
import path from 'node:path'
import vm from 'node:vm'

const SYSTEM = { SDKVersion: '3.5.0', platform: 'android', system: 'Android 13', windowWidth: 375, windowHeight: 700, pixelRatio: 2, language: 'zh_CN', safeArea: {} }
const ME = { account_id: 1, role: 'deputy', name: '甲', phone_masked: null, village: null, township: null, person: null, elder_mode: false, needs_phone: false, seat_claim: null, official_account_bound: false }
const SESSION = { token: 't', expires_at: '2999-01-01T00:00:00Z', me: ME }

/** A wx that answers every request with a refusal, so that pages take their error path. */
function standIn() {
  const known = {
    getSystemInfoSync: () => SYSTEM, getWindowInfo: () => SYSTEM, getDeviceInfo: () => SYSTEM, getAppBaseInfo: () => SYSTEM,
    getAccountInfoSync: () => ({ miniProgram: { appId: 'x' } }), canIUse: () => true, env: {},
    getLaunchOptionsSync: () => ({}), getEnterOptionsSync: () => ({}),
    getStorageSync: (key) => (key === 'session' ? SESSION : ''), setStorageSync() {}, removeStorageSync() {},
    request: (o) => {
      queueMicrotask(() => o.success?.({ statusCode: 503, data: { error: { code: 'unavailable', message: '维护中' } } }))
      return { abort() {} }
    },
  }
  return new Proxy(known, { get: (target, key) => (key in target ? target[key] : (o) => o?.success?.({})) })
}

function makeLoader(build, registered) {
  const cache = {}
  let current = ''
  let app = null
  const register = (definition) => {
    registered[current] = definition
  }
  const context = vm.createContext({
    global: {}, wx: standIn(), console, setTimeout, clearTimeout, setInterval, clearInterval, Promise, queueMicrotask,
    App: (definition) => (app = definition), Page: register, Component: register, Behavior: (b) => b,
    getApp: () => app, getCurrentPages: () => [],
  })
  function load(id) {
    if (cache[id]) return cache[id].exports
    const module = (cache[id] = { exports: {} })
    const before = current
    current = id.replace(/\.js$/, '')
    const wrapped = vm.runInContext(`(function(require,module,exports){${build.read(id)}\n})`, context, { filename: id })
    wrapped((name) => load(path.posix.join(path.posix.dirname(id), name)), module, module.exports)
    current = before
    return module.exports
  }
  return { load, app: () => app }
}

function instanceOf(definition, page) {
  const instance = {
    is: page, route: page, data: { ...(definition.data ?? {}) }, properties: {}, options: {}, keys: new Set(),
    setData(changes, done) {
      for (const key of Object.keys(changes)) this.keys.add(key)
      Object.assign(this.data, changes)
      done?.()
    },
    triggerEvent() {}, selectComponent: () => null, selectAllComponents: () => [], createSelectorQuery: () => ({ in: () => ({}) }), getPageId: () => 1,
  }
  return Object.assign(instance, definition.methods ?? {})
}

async function runPage(definition, page) {
  const instance = instanceOf(definition, page)
  const lifetimes = definition.lifetimes ?? definition
  lifetimes.created?.call(instance)
  lifetimes.attached?.call(instance)
  definition.methods?.onLoad?.call(instance, { id: '1', number: 'N1', scene: 'S1' })
  definition.methods?.onShow?.call(instance)
  lifetimes.ready?.call(instance)
  definition.methods?.onReady?.call(instance)
  await new Promise((done) => setTimeout(done, 20))
  return instance.keys.size
}

export async function runPages(build, fault) {
  const registered = {}
  const painted = {}
  const loader = makeLoader(build, registered)
  loader.load('app.js')
  loader.app().onLaunch?.call(loader.app(), { path: build.app.pages[0], query: {}, scene: 1001 })
  for (const file of build.withExtension('.json')) if (JSON.parse(build.read(file)).component) loader.load(file.replace(/json$/, 'js'))
  for (const page of build.pages) {
    loader.load(`${page}.js`)
    if (!registered[page]) {
      fault(`${page} did not register`)
      continue
    }
    try {
      painted[page] = await runPage(registered[page], page)
    } catch (error) {
      fault(`${page}: ${error.stack.split('\n').slice(0, 3).join(' | ')}`)
    }
  }
  return painted
}
