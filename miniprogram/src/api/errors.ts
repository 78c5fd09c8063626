/** What the server says when it refuses, or that it could not be reached (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string> = {},
  ) {
    super(message)
  }

  get isOffline(): boolean {
    return this.status === 0
  }

  /** True when the session is over; other 401s (a wrong phone code) are refusals like any other. */
  get isSessionOver(): boolean {
    return this.status === 401 && (this.code === 'session_expired' || this.code === 'login_required')
  }

  /** True when the server has surely not done the work, so that a new attempt is a new request. */
  get isRefusal(): boolean {
    if (this.isSessionOver || this.code === 'idempotency_in_progress') return false
    return this.status >= 400 && this.status < 500 && ![408, 425, 429].includes(this.status)
  }
}

interface Envelope { error?: { code?: string; message?: string; fields?: Record<string, string> } }

function parsed(body: unknown): Envelope {
  if (typeof body !== 'string') return (body ?? {}) as Envelope
  try {
    return JSON.parse(body) as Envelope
  } catch {
    return {} // a proxy's HTML page instead of the envelope
  }
}

export function errorFrom(status: number, body: unknown): ApiError {
  const error = parsed(body).error ?? {}
  const fallback = status >= 500 ? '服务暂时不可用，请稍后重试' : '请求没有成功，请稍后重试'
  return new ApiError(status, error.code ?? 'unknown', error.message || fallback, error.fields ?? {})
}

export function offlineError(): ApiError {
  return new ApiError(0, 'network', '网络不通，请检查网络后重试')
}

/** A Chinese sentence for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : '操作没有成功，请稍后重试'
}

export function fieldsOf(error: unknown): Record<string, string> {
  return error instanceof ApiError ? error.fields : {}
}
