import { platform } from './index'

const DEVICE_KEY = 'device_id'

/** Old hosts without a secure source still get a unique value; it guards against repeats, not attackers. */
function plainBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(Math.random() * 256))
}

export async function newUuid(): Promise<string> {
  const bytes = await platform.randomBytes(16).catch(() => plainBytes(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** One name for this device, kept until the app's storage is cleared. */
export async function deviceId(): Promise<string> {
  const kept = uni.getStorageSync(DEVICE_KEY) as string
  if (kept) return kept
  const made = await newUuid()
  uni.setStorageSync(DEVICE_KEY, made)
  return made
}
