import { discard, download, finish, get, post } from './http'
import type { ForecastOut, MeOut, StandingOut } from './types'

export const getStanding = () => get<StandingOut>('/me/privacy')
/** The path of the copy on this device. */
export const downloadCopy = () => download('/me/export')
export const changePhone = (phone: string, code: string) => post<MeOut>('/me/phone-change', { phone, code })
export const forgetPhone = () => discard<void>('/me/phone')
export const leaveOfficialAccount = () => discard<void>('/me/official-account')
export const stopMessages = () => discard<void>('/me/messages')
export const withdrawConsent = () => finish<void>('/me/consent-withdrawal', {})
export const getForecast = () => get<ForecastOut>('/me/closing')
export const closeAccount = (word: string) => finish<void>('/me/closing', { word })
