import { defineStore } from 'pinia'
import { bindPhone, endSession, getMe, rotateSession, signInWithPhone, signInWithWechat, updateMe } from '@/api/identity'
import { useAuth } from '@/api/http'
import { RetryKey } from '@/api/retry-key'
import { changePhone } from '@/api/privacy'
import { DUTY_DRAFT } from '@/logic/kept'
import { platform } from '@/platform'
import { useDraft } from './draft'
import { useSessionState } from './session-state'
import type { MeOut } from '@/api/types'

const DAY_MS = 24 * 3600 * 1000

export const useSession = defineStore('session', () => {
  const { token, expiresAt, me, isSignedIn, isDeputy, setMe, open, forget } = useSessionState()
  const phoneKey = new RetryKey()

  /** With the version of the privacy text just agreed to; without one the last consent must still hold. */
  async function signInByWechat(consentVersion = ''): Promise<MeOut> {
    const session = await signInWithWechat((await platform.login()) ?? '', consentVersion)
    open(session)
    return session.me
  }
  async function signInByPhone(phone: string, code: string, consentVersion: string): Promise<MeOut> {
    const session = await signInWithPhone(phone, code, consentVersion)
    open(session)
    return session.me
  }
  async function claimPhone(phoneCode: string): Promise<void> {
    setMe(await phoneKey.run(phoneCode, (key) => bindPhone(phoneCode, key)))
  }
  async function takePhone(phone: string, code: string): Promise<void> {
    setMe(await changePhone(phone, code))
  }
  async function refreshMe(): Promise<void> {
    setMe(await getMe())
  }
  async function change(changes: Parameters<typeof updateMe>[0]): Promise<void> {
    setMe(await updateMe(changes))
  }
  async function rotateIfDue(now: number = Date.now()): Promise<void> {
    if (!isSignedIn.value || Date.parse(expiresAt.value) - now > DAY_MS) return
    open(await rotateSession())
  }
  async function signOut(): Promise<void> {
    await endSession().catch(() => {}) // signing out on this device must work without a network
    forget()
  }
  /** The server has ended the session with the account or the consent: nothing personal stays on this device. */
  function leave(): void {
    forget()
    useDraft().discard()
    uni.removeStorageSync(DUTY_DRAFT)
  }

  /** After a 401: WeChat can sign in silently, the browser cannot and forgets the session. */
  async function renew(): Promise<boolean> {
    try {
      if (platform.kind === 'weixin' && isSignedIn.value) {
        await signInByWechat()
        return true
      }
    } catch {
      // falls through: the person has to sign in
    }
    forget()
    return false
  }

  useAuth({ token: () => token.value, renew })
  return { token, me, isSignedIn, isDeputy, signInByWechat, signInByPhone, claimPhone, takePhone, refreshMe, change, rotateIfDue, signOut, leave }
})
