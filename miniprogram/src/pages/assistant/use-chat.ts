import { computed, nextTick, ref, shallowRef } from 'vue'
import { listChatLines, sendChatText } from '@/api/assistant'
import { messageOf } from '@/api/errors'
import { RetryKey } from '@/api/retry-key'
import { useLoad } from '@/logic/use-load'
import { useSession } from '@/store/session'
import type { ChatLine } from '@/api/types'

const DEPUTY_JOBS = ['我要签到', '登记履职', '查积分', '待办意见', '看通知', '下次接待日']
const RESIDENT_JOBS = ['我要提意见', '查我的意见', '找我的代表', '联络站在哪里', '看通知']
const UNSENT = 'assistant_unsent'

/** The conversation: what was said, what is on its way, and the text being written (kept when it fails). */
export function useChat() {
  const lines = shallowRef<ChatLine[]>([])
  const pending = ref<{ text: string; fault: string } | null>(null)
  const text = ref('')
  const busy = ref(false)
  const anchor = ref('')
  const retry = new RetryKey()
  const session = useSession()
  const jobs = computed(() => (session.isDeputy ? DEPUTY_JOBS : RESIDENT_JOBS).map((label) => ({ label, text: label })))

  const unsent = uni.getStorageSync(UNSENT) as string
  if (unsent) pending.value = { text: unsent, fault: '上次没有发成功' }

  async function scrollDown(): Promise<void> {
    anchor.value = ''
    await nextTick()
    anchor.value = 'bottom'
  }
  const { state, message, load } = useLoad(async () => {
    lines.value = (await listChatLines()).items
    void scrollDown()
    return lines.value
  })

  async function deliver(words: string): Promise<void> {
    pending.value = { text: words, fault: '' }
    uni.setStorageSync(UNSENT, words)
    busy.value = true
    void scrollDown()
    try {
      const reply = await retry.run(words, (key) => sendChatText(words, key))
      lines.value = [...lines.value, ...reply.lines]
      pending.value = null
      uni.removeStorageSync(UNSENT)
    } catch (error) {
      pending.value = { text: words, fault: messageOf(error) }
    } finally {
      busy.value = false
      void scrollDown()
    }
  }
  async function send(raw: string): Promise<void> {
    const words = raw.trim()
    if (!words || busy.value) return
    if (words === text.value.trim()) text.value = ''
    await deliver(words)
  }
  async function resend(): Promise<void> {
    if (pending.value && !busy.value) await deliver(pending.value.text)
  }
  return { lines, pending, text, busy, anchor, state, message, jobs, load, send, resend }
}
