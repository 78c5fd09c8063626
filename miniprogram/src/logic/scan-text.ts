export interface ScannedCode {
  /** What /scan-codes/{code} takes: the scene, or the short code printed under it. */
  code: string
  /** The eight digits from a station's screen. */
  screenCode: string
}

const SCENE = /^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}$/
const DIGITS = /^\d{8}$/

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** URLSearchParams does not exist in WeChat. */
function queryOf(text: string): Record<string, string> {
  const start = text.indexOf('?')
  if (start < 0) return {}
  const pairs = text.slice(start + 1).split('#')[0]!.split('&')
  return Object.fromEntries(pairs.map((pair) => {
    const cut = pair.indexOf('=')
    return cut < 0 ? [pair, ''] : [pair.slice(0, cut), decoded(pair.slice(cut + 1))]
  }))
}

function screenCodeOf(query: Record<string, string>): string {
  return DIGITS.test(query.k ?? '') ? query.k! : ''
}

function valid(code: string, screenCode: string): ScannedCode | null {
  return SCENE.test(code) ? { code, screenCode } : null
}

/**
 * Reads what a camera or a person gives: the web address {base}/s/<scene>?k=<digits>, the mini-program
 * path pages-duty/check-in/check-in?scene=<scene>, or the eight digits alone. Null for anything else.
 */
export function parseScannedText(raw: string): ScannedCode | null {
  const text = raw.trim()
  const digits = text.replace(/[\s-]/g, '')
  if (DIGITS.test(digits)) return { code: digits, screenCode: '' }
  const query = queryOf(text)
  const address = /\/s\/([^/?#]+)/.exec(text)
  if (address) return valid(decoded(address[1]!), screenCodeOf(query))
  if (/(^|\/)pages-duty\/check-in\/check-in\?/.test(text)) return valid(query.scene ?? '', screenCodeOf(query))
  return null
}

/** The check-in page's own query, as WeChat (encoded scene) and the web address hand it over. */
export function parseCheckInQuery(query: { scene?: string; code?: string; k?: string } = {}): ScannedCode | null {
  const code = decoded(query.scene ?? query.code ?? '')
  return valid(code, screenCodeOf({ k: query.k ?? '' }))
}
