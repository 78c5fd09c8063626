import { PlatformError, type Platform } from './types'
import type { SubscriptionResult } from '@/api/types'

const ANSWERS = ['accept', 'reject', 'ban', 'filter'] as const

function answered(result: unknown): result is SubscriptionResult['result'] {
  return ANSWERS.includes(result as SubscriptionResult['result'])
}

export const weixinPlatform: Platform = {
  kind: 'weixin',
  hasPhoneButton: true,
  canScan: true,
  origin: '',
  canPatch: false,
  canSubscribe: true,
  login: () =>
    new Promise((resolve, reject) => {
      wx.login({
        success: (r) => resolve(r.code),
        fail: () => reject(new PlatformError('没有取得微信登录信息，请稍后重试')),
      })
    }),
  scan: () =>
    new Promise((resolve) => {
      wx.scanCode({
        onlyFromCamera: true,
        scanType: ['qrCode'],
        // a mini-program code has a path and no result
        success: (r) => resolve((r as { path?: string }).path || r.result || null),
        fail: () => resolve(null),
      })
    }),
  choosePhotos: (max) =>
    new Promise((resolve) => {
      wx.chooseMedia({
        count: max,
        mediaType: ['image'],
        sizeType: ['compressed'],
        success: (r) => resolve(r.tempFiles.map((f) => f.tempFilePath)),
        fail: () => resolve([]),
      })
    }),
  subscribe: (templateIds) =>
    new Promise((resolve) => {
      const ids = templateIds.filter(Boolean).slice(0, 3)
      if (!ids.length) return resolve([])
      wx.requestSubscribeMessage({
        tmplIds: ids,
        success: (r) =>
          resolve(ids.flatMap((template_id) => {
            const result: unknown = r[template_id]
            return answered(result) ? [{ template_id, result }] : []
          })),
        fail: () => resolve([]),
      })
    }),
  locate: () =>
    new Promise((resolve, reject) => {
      wx.getLocation({
        type: 'gcj02',
        isHighAccuracy: true,
        highAccuracyExpireTime: 5000,
        success: (r) => resolve({ latitude: r.latitude, longitude: r.longitude, accuracy: r.accuracy }),
        fail: () => reject(new PlatformError('没有取得定位。请打开手机定位并允许使用，或改用下面的其他方式')),
      })
    }),
  keepFile: (path, name) =>
    new Promise((resolve) => {
      wx.shareFileMessage({ filePath: path, fileName: name, success: () => resolve(true), fail: () => resolve(false) })
    }),
  keepWord: '发送到微信聊天',
  openMap: (place) => wx.openLocation(place),
  randomBytes: (length) =>
    new Promise((resolve, reject) => {
      if (!wx.getRandomValues) return reject(new PlatformError('no secure source'))
      wx.getRandomValues({ length, success: (r) => resolve(new Uint8Array(r.randomValues)), fail: reject })
    }),
  showElderMode: () => {},
}
