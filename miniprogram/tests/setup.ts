import { beforeEach, vi } from 'vitest'
import { config } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'

const storage = new Map<string, string>()

/** Storage keeps copies, as the real ones do. */
export const uniMock = {
  request: vi.fn(),
  uploadFile: vi.fn(),
  downloadFile: vi.fn(),
  showToast: vi.fn(),
  chooseImage: vi.fn(),
  previewImage: vi.fn(),
  navigateTo: vi.fn(),
  switchTab: vi.fn(),
  getStorageSync: (key: string): unknown => (storage.has(key) ? JSON.parse(storage.get(key)!) : ''),
  setStorageSync: (key: string, value: unknown) => void storage.set(key, JSON.stringify(value)),
  removeStorageSync: (key: string) => void storage.delete(key),
}
Object.assign(globalThis, { uni: uniMock })
config.global.config.warnHandler = () => {} // WeChat's tags are unknown to Vue's own renderer

beforeEach(() => {
  storage.clear()
  vi.resetAllMocks()
  setActivePinia(createPinia())
})

export interface Sent { method: string; path: string; header: Record<string, string>; data: unknown }
type Reply = { status: number; body?: unknown } | 'offline'

/** Lets a function answer for the server; gives back what was sent. */
export function serve(answer: (sent: Sent) => Reply): Sent[] {
  const sent: Sent[] = []
  uniMock.request.mockImplementation((options) => {
    const one = { method: options.method, path: options.url.replace('/api/v1', ''), header: options.header, data: options.data }
    sent.push(one)
    const reply = answer(one)
    queueMicrotask(() => (reply === 'offline' ? options.fail({}) : options.success({ statusCode: reply.status, data: reply.body })))
  })
  return sent
}

export function refusal(status: number, code: string, message: string, fields: Record<string, string> = {}): Reply {
  return { status, body: { error: { code, message, fields, request_id: 'r1' } } }
}

export function aSession(token: string, changes: object = {}) {
  const me = { account_id: 1, role: 'resident', name: '张三', phone_masked: null, village: null, township: null, person: null, elder_mode: false, needs_phone: false, seat_claim: null, seat_note: null, official_account_bound: false, ...changes }
  return { token, expires_at: '2999-01-01T00:00:00Z', me }
}
