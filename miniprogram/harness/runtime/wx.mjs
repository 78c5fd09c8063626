import { ask, noted } from './hooks.mjs'
import { downloadFile, request, uploadFile } from './network.mjs'

const system = () => ({ SDKVersion: '3.5.0', platform: 'android', system: 'Android 13', windowWidth: innerWidth, windowHeight: innerHeight, pixelRatio: 2, language: 'zh_CN', safeArea: {} })

function element(tag, props, ...children) {
  const made = Object.assign(document.createElement(tag), props)
  made.append(...children)
  return made
}

function showToast(options) {
  const box = element('div', { className: 'wx-toast', textContent: options.title })
  box.setAttribute('role', 'status')
  document.body.append(box)
  setTimeout(() => box.remove(), options.duration ?? 1500)
  options.success?.({})
}

function showModal(options) {
  const box = element('div', { className: 'wx-modal' })
  const answer = (confirm) => () => {
    box.remove()
    options.success?.({ confirm, cancel: !confirm })
  }
  const buttons = element('footer', {},
    element('button', { textContent: options.cancelText ?? '取消', onclick: answer(false) }),
    element('button', { textContent: options.confirmText ?? '确定', onclick: answer(true), className: 'wx-modal__confirm' }))
  box.append(element('div', {}, element('strong', { textContent: options.title ?? '' }), element('p', { textContent: options.content ?? '' }), buttons))
  box.setAttribute('role', 'dialog')
  document.body.append(box)
}

/** A device function: the hook's answer goes to success, null to fail. */
function device(hook, argument, toResult) {
  return (options) => {
    ask(hook, argument(options)).then(async (answer) => {
      if (answer === null) options.fail?.({ errMsg: `${hook}:fail cancel` })
      else options.success?.(await toResult(answer))
    }, (error) => options.fail?.({ errMsg: `${hook}:fail ${error.message}` }))
  }
}

async function temporaryFile(photo) {
  const blob = typeof photo === 'string' ? await (await fetch(photo)).blob() : photo
  return { tempFilePath: URL.createObjectURL(blob), size: blob.size }
}

const none = () => undefined
const deviceApi = {
  login: device('loginCode', none, (code) => ({ code })),
  scanCode: device('scan', none, (found) => (typeof found === 'string' ? { result: found } : found)),
  getLocation: device('location', none, (place) => place),
  requestSubscribeMessage: device('subscribe', (o) => o.tmplIds, (answers) => ({ errMsg: 'requestSubscribeMessage:ok', ...answers })),
  chooseMedia: device('photos', (o) => o.count, async (photos) => ({ tempFiles: await Promise.all(photos.map(temporaryFile)) })),
  getRandomValues: (o) => o.success({ randomValues: crypto.getRandomValues(new Uint8Array(o.length)).buffer }),
}

const storage = {
  getStorageSync: (key) => JSON.parse(localStorage.getItem(`mp:${key}`) ?? '""'),
  setStorageSync: (key, value) => localStorage.setItem(`mp:${key}`, JSON.stringify(value)),
  removeStorageSync: (key) => localStorage.removeItem(`mp:${key}`),
}

const quiet = Object.fromEntries(['previewImage', 'makePhoneCall', 'openLocation', 'setClipboardData', 'shareFileMessage', 'stopPullDownRefresh', 'hideKeyboard'].map((name) => [name, (options) => {
  noted(name, options)
  options?.success?.({})
}]))

/** The stand-in for wx; navigation comes from the page stack. */
export function makeWx(navigation) {
  const api = {
    getSystemInfoSync: system, getWindowInfo: system, getDeviceInfo: system, getAppBaseInfo: system,
    getAccountInfoSync: () => ({ miniProgram: { appId: '' } }), canIUse: () => true, env: {},
    getLaunchOptionsSync: () => ({}), getEnterOptionsSync: () => ({}),
    request, uploadFile, downloadFile, showToast, showModal, ...deviceApi, ...storage, ...quiet, ...navigation,
  }
  return new Proxy(api, { get: (target, key) => (key in target ? target[key] : () => noted(String(key))) })
}
