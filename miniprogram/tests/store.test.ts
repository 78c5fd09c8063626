import { describe, expect, it, vi } from 'vitest'
import { createPinia, setActivePinia } from 'pinia'
import { aSession, refusal, serve, uniMock } from './setup'
import { getHome } from '@/api/home'
import { newPhotoItem, photosProblem, uploadedIds, uploadItem } from '@/logic/photos'
import { useKept } from '@/logic/kept'
import { useLoad, usePagedLoad } from '@/logic/use-load'
import { platform } from '@/platform'
import { deviceId } from '@/platform/uuid'
import { useDraft } from '@/store/draft'
import { useSession } from '@/store/session'
import { useSettings } from '@/store/settings'

const reopen = () => setActivePinia(createPinia())
const village = { id: 31, name: '河口村', level: 'village' as const }

describe('elder mode', () => {
  it('scales text and targets by 1.35 and is remembered', () => {
    const settings = useSettings()
    expect(settings.rootStyle).toContain('--fs:17px')
    expect(settings.rootStyle).toContain('--tap:48px')
    settings.setElder(true)
    expect(settings.rootStyle).toContain('--fs:23px')
    expect(settings.rootStyle).toContain('--tap:65px')
    reopen()
    expect(useSettings().isElder).toBe(true)
  })
})

describe('the draft of an opinion', () => {
  it('comes back after the app was closed, with its uploaded photos', () => {
    const { draft } = useDraft()
    draft.text = '路灯坏了'
    draft.village = village
    draft.photos = [{ ...newPhotoItem('blob:1'), state: 'done', photo: { id: 9, url: '/p', width: 1, height: 1 } }, newPhotoItem('blob:2')]
    reopen()
    const again = useDraft().draft
    expect(again).toMatchObject({ text: '路灯坏了', village })
    expect(uploadedIds(again.photos)).toEqual([9])
  })
  it('keeps its idempotency key, so that sending it again cannot make two', async () => {
    const keys: string[] = []
    const send = (fate: () => Promise<unknown>) => (key: string) => {
      keys.push(key)
      return fate()
    }
    useDraft().draft.text = 'a'
    await useDraft().retry.run({ text: 'a' }, send(() => Promise.reject(new Error('lost')))).catch(() => {})
    reopen()
    await useDraft().retry.run({ text: 'a' }, send(() => Promise.resolve()))
    expect(keys[0]).toBe(keys[1])
  })
  it('is gone once sent', () => {
    const store = useDraft()
    store.draft.text = 'a'
    store.discard()
    expect(store.draft.text).toBe('')
    reopen()
    expect(useDraft().draft.text).toBe('')
  })
})

describe('a kept form', () => {
  it('comes back until it is cleared', () => {
    const blank = () => ({ text: '' })
    const first = useKept('f', blank)
    first.form.text = 'half'
    expect(useKept('f', blank).form.text).toBe('half')
    first.clear()
    expect(useKept('f', blank).form.text).toBe('')
    expect(uniMock.getStorageSync('f')).toBe('')
  })
})

describe('the session', () => {
  it('is remembered and forgotten', async () => {
    const sent = serve(() => ({ status: 200, body: aSession('t1', { role: 'deputy', elder_mode: true }) }))
    await useSession().signInByPhone('13800000000', '123456', '2026-12')
    expect(sent[0]!.data).toMatchObject({ consent_version: '2026-12' })
    reopen()
    expect(useSession()).toMatchObject({ isSignedIn: true, isDeputy: true })
    expect(useSettings().isElder).toBe(true)
    serve(() => 'offline')
    await useSession().signOut()
    reopen()
    expect(useSession().isSignedIn).toBe(false)
  })
  it('is renewed by WeChat without the person, once for all requests', async () => {
    uniMock.setStorageSync('session', aSession('old'))
    vi.spyOn(platform, 'login').mockResolvedValue('wx-code')
    Object.assign(platform, { kind: 'weixin' })
    useSession()
    const sent = serve((one) => {
      if (one.path === '/sessions/wechat') return { status: 200, body: aSession('new') }
      return one.header.Authorization === 'Bearer new' ? { status: 200, body: { name: 'ok' } } : refusal(401, 'session_expired', '过期')
    })
    await Promise.all([getHome(), getHome()])
    Object.assign(platform, { kind: 'h5' })
    expect(sent.filter((one) => one.path === '/sessions/wechat')).toHaveLength(1)
  })
  it('ends in the browser, where only the person can sign in', async () => {
    uniMock.setStorageSync('session', aSession('old'))
    const session = useSession()
    serve(() => refusal(401, 'session_expired', '登录已过期'))
    const { state, load } = useLoad(getHome)
    await load()
    expect(state.value).toBe('login')
    expect(session.isSignedIn).toBe(false)
  })
  it('is rotated on its last day only', async () => {
    uniMock.setStorageSync('session', { ...aSession('t1'), expires_at: '2026-11-25T00:00:00Z' })
    const sent = serve(() => ({ status: 200, body: aSession('t2') }))
    const session = useSession()
    await session.rotateIfDue(Date.parse('2026-11-23T12:00:00Z'))
    expect(sent).toHaveLength(0)
    await session.rotateIfDue(Date.parse('2026-11-24T12:00:00Z'))
    expect(session.token).toBe('t2')
  })
  it('leaves nothing personal on the device when the account is closed', () => {
    uniMock.setStorageSync('session', aSession('t1'))
    uniMock.setStorageSync('duty_draft', { title: '走访' })
    useDraft().draft.text = '路灯坏了'
    useSession().leave()
    expect(useDraft().draft.text).toBe('')
    expect(['session', 'opinion_draft', 'duty_draft'].map((key) => uniMock.getStorageSync(key))).toEqual(['', '', ''])
    reopen()
    expect(useSession()).toMatchObject({ isSignedIn: false, me: null })
  })
  it('is not renewed by WeChat where the person has to agree first', async () => {
    uniMock.setStorageSync('session', aSession('old'))
    vi.spyOn(platform, 'login').mockResolvedValue('wx-code')
    Object.assign(platform, { kind: 'weixin' })
    const session = useSession()
    const sent = serve((one) => (one.path === '/sessions/wechat' ? refusal(403, 'consent_required', '请先同意') : refusal(401, 'session_expired', '过期')))
    const { state, load } = useLoad(getHome)
    await load()
    Object.assign(platform, { kind: 'h5' })
    expect([state.value, session.isSignedIn]).toEqual(['login', false])
    expect(sent.map((one) => one.path)).toEqual(['/home', '/sessions/wechat'])
  })
  it('belongs to a device with one lasting name', async () => {
    expect(await deviceId()).toBe(await deviceId())
  })
})

describe('loading', () => {
  it('tells loading, ready, failed and offline apart, and keeps what was shown', async () => {
    uniMock.setStorageSync('session', aSession('t1'))
    const answers = ['offline' as const, refusal(500, 'x', '服务器出错'), { status: 200, body: { name: 'a' } }, 'offline' as const]
    serve(() => answers.shift()!)
    const { data, state, message, load } = useLoad(getHome)
    expect(state.value).toBe('loading')
    await load()
    expect(state.value).toBe('offline')
    await load()
    expect([state.value, message.value]).toEqual(['error', '服务器出错'])
    await load()
    expect([state.value, message.value]).toEqual(['ready', ''])
    await load()
    expect([state.value, data.value?.name, message.value]).toEqual(['ready', 'a', '网络不通，请检查网络后重试'])
  })
  it('asks for login without a session', async () => {
    const { state, load } = useLoad(getHome)
    await load()
    expect(state.value).toBe('login')
  })
  it('adds pages to a list until all is there, one at a time', async () => {
    const pages = [{ items: [1, 2], page: 1, page_size: 2, total: 3 }, { items: [3], page: 2, page_size: 2, total: 3 }]
    const fetch = vi.fn((page: number) => Promise.resolve(pages[page - 1]!))
    const list = usePagedLoad(fetch, { isPublic: true })
    await list.load()
    expect([list.state.value, list.hasMore.value]).toEqual(['ready', true])
    await Promise.all([list.loadMore(), list.loadMore()])
    expect([list.items.value, list.hasMore.value]).toEqual([[1, 2, 3], false])
    expect(fetch).toHaveBeenCalledTimes(2)
  })
  it('ignores an answer to a filter that was left', async () => {
    const waiting: ((page: { items: string[]; page: number; page_size: number; total: number }) => void)[] = []
    const list = usePagedLoad<string>(() => new Promise((resolve) => waiting.push(resolve)), { isPublic: true })
    const first = list.load()
    const second = list.reset()
    waiting[1]!({ items: ['new'], page: 1, page_size: 20, total: 1 })
    waiting[0]!({ items: ['old'], page: 1, page_size: 20, total: 1 })
    await Promise.all([first, second])
    expect(list.items.value).toEqual(['new'])
  })
})

describe('a photo', () => {
  it('can fail, says why, blocks the form and is sent again with the same key', async () => {
    const item = newPhotoItem('blob:1')
    const answers = [{ statusCode: 503, data: '{"error":{"message":"太忙"}}' }, { statusCode: 201, data: '{"id":5,"url":"/p","width":1,"height":1}' }]
    const keys: string[] = []
    uniMock.uploadFile.mockImplementation((options) => {
      keys.push(options.header['Idempotency-Key'])
      queueMicrotask(() => options.success(answers.shift()))
    })
    await uploadItem(item, 'opinion')
    expect([item.state, item.message, photosProblem([item])]).toEqual(['failed', '太忙', '有照片没有传上去，请重试或删除'])
    await uploadItem(item, 'opinion')
    expect([item.state, uploadedIds([item]), photosProblem([item])]).toEqual(['done', [5], ''])
    expect(keys[0]).toBe(keys[1])
  })
})
