import type { Platform } from './types'
// #ifdef MP-WEIXIN
import { weixinPlatform } from './weixin'
// #endif
// #ifdef H5
import { h5Platform } from './h5'
// #endif

let chosen: Platform | undefined
// #ifdef MP-WEIXIN
chosen = weixinPlatform
// #endif
// #ifdef H5
chosen = h5Platform
// #endif
export const platform: Platform = chosen!
export { PlatformError, type Platform, type Position } from './types'
