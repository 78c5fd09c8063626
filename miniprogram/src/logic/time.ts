// The server speaks UTC; people read China's time, which has been UTC+8 without summer time since 1991.
const OFFSET_MS = 8 * 3600 * 1000
const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六']

const two = (n: number) => String(n).padStart(2, '0')

/** The instant moved by eight hours, so that its UTC fields are China's wall clock. */
function chinaClock(iso: string): Date {
  return new Date(Date.parse(iso) + OFFSET_MS)
}

/** 2026年11月23日 */
export function dateText(iso: string): string {
  const [y, m, d] = isoDate(iso).split('-').map(Number)
  return `${y}年${m}月${d}日`
}

/** 2026-11-23, in China; a plain date stays as it is. */
export function isoDate(iso: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return iso
  const t = chinaClock(iso)
  return `${t.getUTCFullYear()}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())}`
}

/** 16:05 */
export function clockText(iso: string): string {
  const t = chinaClock(iso)
  return `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}`
}

/** 11月23日 16:05, with the year when it is not this one. */
export function timeText(iso: string, now: number = Date.now()): string {
  const t = chinaClock(iso)
  const year = t.getUTCFullYear() === new Date(now + OFFSET_MS).getUTCFullYear() ? '' : `${t.getUTCFullYear()}年`
  return `${year}${t.getUTCMonth() + 1}月${t.getUTCDate()}日 ${clockText(iso)}`
}

/** 11月23日（周一）09:00–11:30, or 11月23日（周一）09:00 至 11月24日（周二）11:30; the hours of one day stay on one line. */
export function spanText(from: string, to: string): string {
  return isoDate(from) === isoDate(to)
    ? `${weekdayText(from)}${clockText(from)}–\u2060${clockText(to)}`
    : `${weekdayText(from)}${clockText(from)} 至 ${weekdayText(to)}${clockText(to)}`
}

function weekdayText(iso: string): string {
  const t = chinaClock(iso)
  return `${t.getUTCMonth() + 1}月${t.getUTCDate()}日（周${WEEKDAYS[t.getUTCDay()]}）`
}

/** Today's date in China as 2026-11-23. */
export function today(now: number = Date.now()): string {
  return isoDate(new Date(now).toISOString())
}

export function thisYear(now: number = Date.now()): number {
  return Number(today(now).slice(0, 4))
}
