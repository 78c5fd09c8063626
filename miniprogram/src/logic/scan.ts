import { platform } from '@/platform'
import { toast } from './feedback'
import { openPage } from './navigate'
import { parseScannedText, type ScannedCode } from './scan-text'

/** Reads a station's code with the camera; null when nothing usable was read. */
export async function scanStationCode(): Promise<ScannedCode | null> {
  const text = await platform.scan()
  if (text === null) return null
  const scanned = parseScannedText(text)
  if (!scanned) toast('这不是签到码，请扫联络站或会场张贴的、屏幕上的码')
  return scanned
}

/** From the home page: scan, then the check-in page; where there is no camera, that page asks for the code. */
export async function startCheckIn(): Promise<void> {
  if (!platform.canScan) return openPage('/pages-duty/check-in/check-in')
  const scanned = await scanStationCode()
  if (!scanned) return
  openPage(`/pages-duty/check-in/check-in?code=${encodeURIComponent(scanned.code)}&k=${scanned.screenCode}`)
}
