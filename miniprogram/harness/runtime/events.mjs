import { glassEasel } from 'glass-easel-miniprogram-adapter'
import { ask } from './hooks.mjs'

/** A page gets a plain event object in WeChat: type and detail are its own fields, targets carry id and dataset. */
function plainEvents() {
  const wrap = glassEasel.Event.prototype.wrapShadowedEvent
  const view = (node) => {
    const element = node._$ ?? node
    return { id: element.id ?? '', dataset: element.dataset ?? {} }
  }
  glassEasel.Event.prototype.wrapShadowedEvent = function (target, mark, current) {
    const event = wrap.call(this, target, mark, current)
    return Object.assign(event, { type: this.getEventName(), detail: this.detail, target: view(target), currentTarget: view(current) })
  }
}

/** What HTML does not do by itself with WeChat's attributes. */
function livingAttributes() {
  const plain = Element.prototype.setAttribute
  Element.prototype.setAttribute = function (name, value) {
    plain.call(this, name, name.startsWith('aria-') && value === '' ? 'true' : value)
    if (name === 'value' && 'value' in this) this.value = value // an attribute does not move what was typed
    if (name === 'scroll-into-view' && value) setTimeout(() => document.getElementById(value)?.scrollIntoView({ block: 'nearest' }))
  }
}

function fire(element, type, detail) {
  let node = element
  while (node && !node.__wxElement) node = node.parentNode
  if (node) glassEasel.triggerEvent(node.__wxElement, type, detail, { bubbles: true, composed: true })
}

async function pressPhoneButton(button) {
  const code = await ask('phoneCode')
  fire(button, 'getphonenumber', code ? { code, errMsg: 'getPhoneNumber:ok' } : { errMsg: 'getPhoneNumber:fail user deny' })
}
async function pressPicker(picker) {
  const value = await ask('pickDate', picker.getAttribute('value'))
  if (value) fire(picker, 'change', { value })
}

export function installEvents() {
  plainEvents()
  livingAttributes()
  document.addEventListener('click', (event) => {
    fire(event.target, 'tap', {})
    const phoneButton = event.target.closest('[open-type=getPhoneNumber]')
    if (phoneButton) void pressPhoneButton(phoneButton)
    const picker = event.target.closest('[wxtag=picker]')
    if (picker) void pressPicker(picker)
  })
  // in the capture phase, so that glass-easel does not pass the bare DOM event on as well
  document.addEventListener('input', (event) => {
    event.stopImmediatePropagation()
    fire(event.target, 'input', { value: event.target.value })
  }, true)
  document.addEventListener('change', (event) => event.stopImmediatePropagation(), true)
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.tagName === 'INPUT') fire(event.target, 'confirm', { value: event.target.value })
  })
}

/** glass-easel leaves the ready lifetime to its host: children first, once each. */
export function announceReady(rootElement) {
  const done = new WeakSet()
  new MutationObserver(() => {
    for (const node of [...rootElement.querySelectorAll('*')].reverse()) {
      const component = node.__wxElement
      if (!(component instanceof glassEasel.Component) || done.has(component)) continue
      done.add(component)
      component.triggerLifetime('ready', [])
    }
  }).observe(rootElement, { childList: true, subtree: true })
}
