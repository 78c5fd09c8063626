/** The stack of open pages, with WeChat's rules for tabs, title and back. */
export function makePageStack({ app, components, backend, space }) {
  const stack = []
  const rootElement = document.getElementById('root')
  const isTab = (id) => app.tabBar.list.some((tab) => tab.pagePath === id)
  const top = () => stack.at(-1)

  function queryOf(url) {
    const query = url.split('?')[1]
    // as in WeChat, values stay encoded
    return query ? Object.fromEntries(query.split('&').map((pair) => [pair.split('=')[0], pair.split('=').slice(1).join('=')])) : {}
  }
  function drawFrame(id) {
    const bar = document.getElementById('bar')
    const title = document.createElement('h1')
    title.textContent = components.find((c) => c.id === id).json.navigationBarTitleText ?? ''
    const back = document.createElement('button')
    back.textContent = stack.length > 1 ? '‹' : ''
    back.setAttribute('aria-label', '返回')
    back.onclick = () => navigation.navigateBack()
    bar.replaceChildren(back, title)
    document.getElementById('tabs').replaceChildren(...(isTab(id) ? app.tabBar.list.map((tab) => tabLink(tab, id)) : []))
  }
  function tabLink(tab, id) {
    const link = document.createElement('a')
    const icon = document.createElement('img')
    icon.src = tab.pagePath === id ? tab.selectedIconPath : tab.iconPath
    icon.alt = ''
    link.append(icon, tab.text)
    link.onclick = () => navigation.switchTab({ url: `/${tab.pagePath}` })
    return link
  }
  function show() {
    const page = top()
    page.box.style.display = ''
    drawFrame(page.id)
    page.instance.onShow?.()
  }
  function hide() {
    const page = top()
    if (!page) return
    page.box.style.display = 'none'
    page.instance.onHide?.()
  }
  function close() {
    const page = stack.pop()
    page.instance.onUnload?.()
    page.root.release?.()
    page.box.remove()
  }
  function open(url) {
    const id = url.split('?')[0].replace(/^\//, '')
    if (!components.some((c) => c.id === id)) throw new Error(`no page ${id}`)
    const root = backend.createRoot('div', space, id)
    const box = document.createElement('section')
    box.className = isTab(id) ? 'tabbed' : ''
    const slot = document.createElement('i')
    box.append(slot)
    rootElement.append(box)
    const instance = root.get()
    instance.route = id
    instance.options = queryOf(url)
    stack.push({ id, root, box, instance })
    root.attach(box, slot)
    drawFrame(id)
    window.scrollTo(0, 0)
    instance.onLoad?.(instance.options)
    instance.onShow?.()
    instance.onReady?.()
  }
  function closeAll() {
    while (stack.length) close()
  }
  // as in WeChat these finish later: done at once, the new page would be set up inside the caller's hook
  const later = (work) => (options = {}) => {
    setTimeout(() => {
      work(options)
      options.success?.({})
    })
  }
  const navigation = {
    navigateTo: later(({ url }) => {
      hide()
      open(url)
    }),
    redirectTo: later(({ url }) => {
      close()
      open(url)
    }),
    reLaunch: later(({ url }) => {
      closeAll()
      open(url)
    }),
    switchTab: later(({ url }) => {
      closeAll()
      open(url)
    }),
    navigateBack: later(({ delta = 1 }) => {
      for (let n = 0; n < delta && stack.length > 1; n++) close()
      show()
    }),
  }
  return { open, navigation, current: () => stack.map((page) => page.instance) }
}
