import { get, patch, post, remove, signIn } from './http'
import type { BindingCodeOut, ConfigOut, MeOut, MePatch, PhoneCodeOut, RegionList, SessionOut } from './types'

export const signInWithWechat = (login_code: string, consent_version: string) =>
  signIn<SessionOut>('/sessions/wechat', { login_code, consent_version })
export const requestPhoneCode = (phone: string) => signIn<PhoneCodeOut>('/sessions/phone-codes', { phone })
export const signInWithPhone = (phone: string, code: string, consent_version: string) =>
  signIn<SessionOut>('/sessions/phone', { phone, code, consent_version })
export const rotateSession = () => post<SessionOut>('/sessions/rotation', {})
export const endSession = () => remove<void>('/sessions/current')
export const getMe = () => get<MeOut>('/me')
export const updateMe = (changes: MePatch) => patch<MeOut>('/me', changes)
export const bindPhone = (phone_code: string, key: string) => post<MeOut>('/me/phone', { phone_code }, key)
export const createOfficialAccountCode = (key: string) => post<BindingCodeOut>('/me/official-account-code', {}, key)
export const getConfig = () => get<ConfigOut>('/config')
export const listRegions = (parent_id?: number) => get<RegionList>('/regions', { parent_id })
