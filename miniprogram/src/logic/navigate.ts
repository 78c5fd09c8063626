const TABS = ['/pages/home/home', '/pages/opinions/opinions', '/pages/assistant/assistant', '/pages/me/me']

/** Opens a page of ours; the server names pages too, so anything that is not a page path is ignored. */
export function openPage(path: string): void {
  const url = path.startsWith('/') ? path : `/${path}`
  if (!/^\/pages(-[a-z]+)?\//.test(url)) return
  if (TABS.includes(url.split('?')[0]!)) uni.switchTab({ url })
  else uni.navigateTo({ url })
}

/** A page's parameter as text: WeChat hands it over encoded, the browser decoded. */
export function textParam(value: string | undefined): string {
  try {
    return decodeURIComponent(value ?? '')
  } catch {
    return value ?? ''
  }
}

/** Back where one came from; a page opened from outside has nothing behind it. */
export function goBack(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else uni.switchTab({ url: TABS[0]! })
}

export function openLogin(): void {
  uni.navigateTo({ url: '/pages/login/login' })
}
