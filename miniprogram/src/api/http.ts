import { errorFrom, offlineError } from './errors'
import { platform } from '@/platform'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Query = Record<string, string | number | boolean | undefined>

interface Call {
  method: Method
  path: string
  data?: object
  key?: string
  /** Signing in must not try to sign in again when it is refused. */
  signIn?: boolean
}
export interface UploadCall {
  path: string
  filePath: string
  form: Record<string, string>
  key: string
  onProgress: (percent: number) => void
}
interface Auth {
  token: () => string
  /** Gets a new session without the person's help; false when that is impossible here. */
  renew: () => Promise<boolean>
}

const HOST = import.meta.env.VITE_API_BASE || ''
const PREFIX = '/api/v1'
const TIMEOUT_MS = 20000

let auth: Auth = { token: () => '', renew: () => Promise.resolve(false) }
let renewal: Promise<boolean> | null = null

/** The session store plugs itself in here, so that this module knows nothing about it. */
export function useAuth(next: Auth): void {
  auth = next
}

/** Pictures carry a signed path; outside the browser it needs the host in front. */
export function assetUrl(path: string): string {
  return /^(https?:|data:|blob:|wxfile:)/.test(path) ? path : (HOST || platform.origin) + path
}

/** However many requests meet a 401 together, one renewal answers them all. */
function renewOnce(): Promise<boolean> {
  renewal ??= auth.renew().finally(() => {
    renewal = null
  })
  return renewal
}

function headersFor(method: Method, key?: string): Record<string, string> {
  const headers: Record<string, string> = {}
  const token = auth.token()
  if (token) headers.Authorization = `Bearer ${token}`
  if (key) headers['Idempotency-Key'] = key
  if (method === 'PATCH' && !platform.canPatch) headers['X-HTTP-Method-Override'] = 'PATCH'
  return headers
}

interface Answer { status: number; body: unknown }

function transmit(call: Call): Promise<Answer> {
  const method = call.method === 'PATCH' && !platform.canPatch ? 'POST' : call.method
  return new Promise((resolve, reject) => {
    uni.request({
      url: HOST + PREFIX + call.path,
      method: method as 'GET',
      data: call.data,
      header: headersFor(call.method, call.key),
      timeout: TIMEOUT_MS,
      success: (r) => resolve({ status: r.statusCode, body: r.data }),
      fail: () => reject(offlineError()),
    })
  })
}

function transmitFile(call: UploadCall): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const task = uni.uploadFile({
      url: HOST + PREFIX + call.path,
      filePath: call.filePath,
      name: 'file',
      formData: call.form,
      header: headersFor('POST', call.key),
      timeout: TIMEOUT_MS * 3,
      success: (r) => resolve({ status: r.statusCode, body: r.data }),
      fail: () => reject(offlineError()),
    })
    task?.onProgressUpdate?.((p) => call.onProgress(p.progress))
  })
}

/** Sends, and after a 401 sends once more if the session could be renewed meanwhile. */
async function withRenewal(send: () => Promise<Answer>): Promise<Answer> {
  const tokenBefore = auth.token()
  const answer = await send()
  if (!errorFrom(answer.status, answer.body).isSessionOver) return answer
  const renewedByAnother = auth.token() !== '' && auth.token() !== tokenBefore
  if (!renewedByAnother && !(await renewOnce())) return answer
  return send()
}

function bodyOf<T>(answer: Answer): T {
  if (answer.status < 200 || answer.status >= 300) throw errorFrom(answer.status, answer.body)
  return answer.body as T
}

async function request<T>(call: Call): Promise<T> {
  const answer = call.signIn ? await transmit(call) : await withRenewal(() => transmit(call))
  return bodyOf<T>(answer)
}

/** Leaves out what is undefined: WeChat would send the word "undefined". */
function defined(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

export function get<T>(path: string, query: Query = {}): Promise<T> {
  return request<T>({ method: 'GET', path, data: defined(query) })
}
export function post<T>(path: string, body: object, key?: string): Promise<T> {
  return request<T>({ method: 'POST', path, data: body, key })
}
export function put<T>(path: string, body: object, key?: string): Promise<T> {
  return request<T>({ method: 'PUT', path, data: body, key })
}
export function signIn<T>(path: string, body: object): Promise<T> {
  return request<T>({ method: 'POST', path, data: body, signIn: true })
}
export function patch<T>(path: string, body: object): Promise<T> {
  return request<T>({ method: 'PATCH', path, data: body })
}
/** No renewal: it only ever ends a session that has ended already. */
export function remove<T>(path: string): Promise<T> {
  return request<T>({ method: 'DELETE', path, signIn: true })
}
export function discard<T>(path: string): Promise<T> {
  return request<T>({ method: 'DELETE', path })
}
/** No renewal: sent again after a lost answer, it must not open the session anew that it has ended. */
export function finish<T>(path: string, body: object): Promise<T> {
  return request<T>({ method: 'POST', path, data: body, signIn: true })
}

/** What a refused download says cannot be read; with a 401 it is always this. */
const SESSION_OVER = { error: { code: 'session_expired', message: '登录已过期，请重新登录' } }

function receive(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    uni.downloadFile({
      url: HOST + PREFIX + path,
      header: headersFor('GET'),
      timeout: TIMEOUT_MS * 6,
      success: (r) => resolve({ status: r.statusCode, body: r.statusCode === 200 ? r.tempFilePath : r.statusCode === 401 ? SESSION_OVER : undefined }),
      fail: () => reject(offlineError()),
    })
  })
}

/** A file of the server on this device, by its temporary path. */
export async function download(path: string): Promise<string> {
  const answer = await withRenewal(() => receive(path))
  return bodyOf<string>(answer)
}

/** A multipart answer comes as text on both platforms. */
export async function upload<T>(call: UploadCall): Promise<T> {
  const answer = await withRenewal(() => transmitFile(call))
  const body = bodyOf<unknown>(answer)
  return (typeof body === 'string' ? JSON.parse(body) : body) as T
}
