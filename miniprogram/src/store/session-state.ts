import { computed, ref } from 'vue'
import { useSettings } from './settings'
import type { MeOut, SessionOut } from '@/api/types'

const KEY = 'session'

/** The session as this device remembers it. */
export function useSessionState() {
  const kept = (uni.getStorageSync(KEY) || null) as SessionOut | null
  const token = ref(kept?.token ?? '')
  const expiresAt = ref(kept?.expires_at ?? '')
  const me = ref<MeOut | null>(kept?.me ?? null)
  const isSignedIn = computed(() => token.value !== '')
  const isDeputy = computed(() => me.value?.role === 'deputy')

  function setMe(next: MeOut): void {
    me.value = next
    uni.setStorageSync(KEY, { token: token.value, expires_at: expiresAt.value, me: next } satisfies SessionOut)
  }
  function open(session: SessionOut): void {
    token.value = session.token
    expiresAt.value = session.expires_at
    setMe(session.me)
    if (session.me.elder_mode) useSettings().setElder(true)
  }
  function forget(): void {
    token.value = ''
    expiresAt.value = ''
    me.value = null
    uni.removeStorageSync(KEY)
  }
  return { token, expiresAt, me, isSignedIn, isDeputy, setMe, open, forget }
}
