import { describe, expect, it, vi } from 'vitest'
import { refusal, serve, uniMock } from './setup'
import { ApiError } from '@/api/errors'
import { discard, download, finish, get, patch, post, signIn, upload, useAuth } from '@/api/http'
import { platform } from '@/platform'

vi.mock('@/platform', () => ({ platform: { canPatch: true, origin: '', randomBytes: () => Promise.reject(new Error('none')) } }))

function authWith(tokens: string[], canRenew = true) {
  let n = 0
  const renew = vi.fn(() => {
    if (canRenew) n += 1
    return Promise.resolve(canRenew)
  })
  useAuth({ token: () => tokens[n] ?? '', renew })
  return renew
}

describe('a request', () => {
  it('carries the token and the idempotency key', async () => {
    authWith(['t1'])
    const sent = serve(() => ({ status: 201, body: { number: 'N1' } }))
    expect(await post('/opinions', { text: 'a' }, 'key-1')).toEqual({ number: 'N1' })
    expect(sent[0]).toMatchObject({ method: 'POST', path: '/opinions', header: { Authorization: 'Bearer t1', 'Idempotency-Key': 'key-1' } })
  })
  it('leaves undefined query values out', async () => {
    authWith(['t1'])
    const sent = serve(() => ({ status: 200, body: {} }))
    await get('/notices', { page: 1, unread: undefined })
    expect(sent[0]!.data).toEqual({ page: 1 })
  })
  it('sends PATCH as POST with an override where the host knows no PATCH', async () => {
    authWith(['t1'])
    const sent = serve(() => ({ status: 200, body: {} }))
    await patch('/me', { elder_mode: true })
    Object.assign(platform, { canPatch: false })
    await patch('/me', { elder_mode: true })
    Object.assign(platform, { canPatch: true })
    expect(sent[0]).toMatchObject({ method: 'PATCH' })
    expect(sent[1]).toMatchObject({ method: 'POST', header: { 'X-HTTP-Method-Override': 'PATCH' } })
  })
})

describe('a refusal', () => {
  it('becomes an ApiError with code, message and fields', async () => {
    authWith(['t1'])
    serve(() => refusal(422, 'screen_code_expired', '动态码已过期', { screen_code: '已过期' }))
    const error = await post('/check-ins', {}, 'k').catch((e) => e)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 422, code: 'screen_code_expired', message: '动态码已过期', fields: { screen_code: '已过期' }, isRefusal: true, isOffline: false })
  })
  it('is a sentence even when a proxy answers with a page', async () => {
    authWith(['t1'])
    serve(() => ({ status: 502, body: '<html>Bad gateway</html>' }))
    await expect(get('/home')).rejects.toMatchObject({ status: 502, message: '服务暂时不可用，请稍后重试', isRefusal: false })
  })
  it('says so when the network is away', async () => {
    authWith(['t1'])
    serve(() => 'offline')
    await expect(get('/home')).rejects.toMatchObject({ code: 'network', isOffline: true })
  })
})

describe('an expired session', () => {
  const expiredUnless = (token: string) => serve((one) => (one.header.Authorization === `Bearer ${token}` ? { status: 200, body: one.path } : refusal(401, 'session_expired', '登录已过期')))

  it('is renewed once for requests that meet it together, and all of them succeed', async () => {
    const renew = authWith(['old', 'new'])
    const sent = expiredUnless('new')
    expect(await Promise.all([get('/home'), get('/me'), get('/notices')])).toEqual(['/home', '/me', '/notices'])
    expect(renew).toHaveBeenCalledTimes(1)
    expect(sent).toHaveLength(6)
  })
  it('is not renewed again by an answer that comes after another has renewed it', async () => {
    const renew = authWith(['old', 'new'])
    const late: (() => void)[] = []
    serve((one) => (one.header.Authorization === 'Bearer new' ? { status: 200, body: 'ok' } : refusal(401, 'session_expired', '登录已过期')))
    const plain = uniMock.request.getMockImplementation()!
    uniMock.request.mockImplementationOnce((options) => late.push(() => plain({ ...options, header: {} })))
    const slow = get('/slow')
    expect(await get('/quick')).toBe('ok')
    late.forEach((run) => run())
    expect(await slow).toBe('ok')
    expect(renew).toHaveBeenCalledTimes(1)
  })
  it('is tried again only once', async () => {
    authWith(['old', 'also-refused'])
    const sent = expiredUnless('never')
    await expect(get('/home')).rejects.toMatchObject({ status: 401, code: 'session_expired' })
    expect(sent).toHaveLength(2)
  })
  it('is reported when it cannot be renewed here', async () => {
    authWith(['old'], false)
    const sent = expiredUnless('new')
    await expect(get('/home')).rejects.toMatchObject({ status: 401 })
    expect(sent).toHaveLength(1)
  })
  it('is not suspected behind other 401 answers', async () => {
    const renew = authWith(['t1', 't2'])
    serve(() => refusal(401, 'code_invalid', '微信没有给出手机号'))
    await expect(post('/me/phone', {}, 'k')).rejects.toMatchObject({ code: 'code_invalid', isSessionOver: false })
    expect(renew).not.toHaveBeenCalled()
  })
  it('never makes signing in sign in again', async () => {
    const renew = authWith(['old', 'new'])
    serve(() => refusal(401, 'login_required', '请先登录'))
    await expect(signIn('/sessions/phone', {})).rejects.toMatchObject({ code: 'login_required' })
    expect(renew).not.toHaveBeenCalled()
  })
})

describe('what ends a session', () => {
  it('is never sent again with a new one', async () => {
    const renew = authWith(['old', 'new'])
    const sent = serve(() => refusal(401, 'session_expired', '登录已过期'))
    await expect(finish('/me/closing', { word: '注销' })).rejects.toMatchObject({ code: 'session_expired' })
    expect(renew).not.toHaveBeenCalled()
    expect(sent).toHaveLength(1)
  })
  it('differs from taking something back, which is sent again', async () => {
    authWith(['old', 'new'])
    const sent = serve((one) => (one.header.Authorization === 'Bearer new' ? { status: 204 } : refusal(401, 'session_expired', '登录已过期')))
    await discard('/me/phone')
    expect(sent.map((one) => one.method)).toEqual(['DELETE', 'DELETE'])
  })
})

describe('a download', () => {
  it('gives the path on this device, with the token and a renewed session', async () => {
    authWith(['old', 'new'])
    uniMock.downloadFile.mockImplementation((options) => {
      const isNew = options.header.Authorization === 'Bearer new'
      queueMicrotask(() => options.success({ statusCode: isNew ? 200 : 401, tempFilePath: 'blob:1' }))
    })
    expect(await download('/me/export')).toBe('blob:1')
  })
  it('says that it failed, and that the network is away', async () => {
    authWith(['t1'])
    uniMock.downloadFile.mockImplementationOnce((options) => queueMicrotask(() => options.success({ statusCode: 429, tempFilePath: 'x' })))
    await expect(download('/me/export')).rejects.toMatchObject({ status: 429, message: '请求没有成功，请稍后重试' })
    uniMock.downloadFile.mockImplementationOnce((options) => queueMicrotask(() => options.fail({})))
    await expect(download('/me/export')).rejects.toMatchObject({ isOffline: true })
  })
})

describe('an upload', () => {
  it('reports progress, renews the session and reads the answer', async () => {
    authWith(['old', 'new'])
    uniMock.uploadFile.mockImplementation((options) => {
      const isNew = options.header.Authorization === 'Bearer new'
      setTimeout(() => options.success({ statusCode: isNew ? 201 : 401, data: isNew ? '{"id":7}' : '{"error":{"code":"session_expired"}}' }))
      return { onProgressUpdate: (listener: (p: { progress: number }) => void) => listener({ progress: 40 }) }
    })
    const seen: number[] = []
    expect(await upload({ path: '/media', filePath: 'f', form: { purpose: 'duty' }, key: 'k', onProgress: (p) => seen.push(p) })).toEqual({ id: 7 })
    expect(seen).toEqual([40, 40])
    expect(uniMock.uploadFile.mock.calls[1]![0].header['Idempotency-Key']).toBe('k')
  })
})
