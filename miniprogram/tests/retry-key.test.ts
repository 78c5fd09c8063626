import { describe, expect, it } from 'vitest'
import { ApiError } from '@/api/errors'
import { RetryKey, type SavedKey } from '@/api/retry-key'
import { newUuid } from '@/platform/uuid'

const offline = () => Promise.reject(new ApiError(0, 'network', '网络不通'))
const keep = (seen: string[], then: () => Promise<unknown> = () => Promise.resolve('done')) => (key: string) => {
  seen.push(key)
  return then()
}

describe('the idempotency key', () => {
  it('is a version 4 uuid', async () => {
    expect(await newUuid()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(await newUuid()).not.toBe(await newUuid())
  })
  it('stays the same when the same content is sent again after a lost network or a server fault', async () => {
    const seen: string[] = []
    const retry = new RetryKey()
    await retry.run({ a: 1 }, keep(seen, offline)).catch(() => {})
    await retry.run({ a: 1 }, keep(seen, () => Promise.reject(new ApiError(503, 'x', 'x')))).catch(() => {})
    await retry.run({ a: 1 }, keep(seen, () => Promise.reject(new ApiError(409, 'idempotency_in_progress', 'x')))).catch(() => {})
    await retry.run({ a: 1 }, keep(seen))
    expect(new Set(seen).size).toBe(1)
  })
  it('is new after success, after a refusal and for other content', async () => {
    const seen: string[] = []
    const retry = new RetryKey()
    await retry.run({ a: 1 }, keep(seen))
    await retry.run({ a: 1 }, keep(seen, () => Promise.reject(new ApiError(422, 'x', 'x')))).catch(() => {})
    await retry.run({ a: 1 }, keep(seen, offline)).catch(() => {})
    await retry.run({ a: 2 }, keep(seen))
    expect(new Set(seen).size).toBe(4)
  })
  it('survives the app being closed', async () => {
    const seen: string[] = []
    let saved: SavedKey | null = null
    await new RetryKey(null, (next) => (saved = next)).run('text', keep(seen, offline)).catch(() => {})
    await new RetryKey(saved, (next) => (saved = next)).run('text', keep(seen))
    expect(seen[0]).toBe(seen[1])
    expect(saved).toBeNull()
  })
})
