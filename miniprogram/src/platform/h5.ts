import { PlatformError, type Platform } from './types'
import { toGcj02 } from './gcj02'

const LOCATION_OFF = '浏览器没有给出定位。请允许本页使用位置，或改用下面的其他方式'

// uni.login and uni.scanCode exist on H5 but always fail; chooseMedia and
// requestSubscribeMessage do not exist there at all. These are the stand-ins.
export const h5Platform: Platform = {
  kind: 'h5',
  hasPhoneButton: false,
  canScan: false,
  origin: location.origin,
  canPatch: true,
  canSubscribe: false,
  login: () => Promise.resolve(null),
  scan: () => Promise.resolve(null),
  choosePhotos: (max) =>
    new Promise((resolve) => {
      uni.chooseImage({
        count: max,
        success: (r) => resolve(([] as string[]).concat(r.tempFilePaths).slice(0, max)),
        fail: () => resolve([]),
      })
    }),
  subscribe: () => Promise.resolve([]),
  locate: () =>
    new Promise((resolve, reject) => {
      if (!navigator.geolocation) return reject(new PlatformError(LOCATION_OFF))
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => resolve(toGcj02({ latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy })),
        () => reject(new PlatformError(LOCATION_OFF)),
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
      )
    }),
  openMap: null,
  keepFile: (path, name) => {
    const link = Object.assign(document.createElement('a'), { href: path, download: name })
    link.click()
    return Promise.resolve(true)
  },
  keepWord: '保存到本机',
  randomBytes: (length) => Promise.resolve(crypto.getRandomValues(new Uint8Array(length))),
  showElderMode: (on) => document.documentElement.classList.toggle('elder', on),
}
