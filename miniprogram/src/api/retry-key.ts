import { ApiError } from './errors'
import { newUuid } from '@/platform/uuid'

export interface SavedKey { key: string; body: string }

/**
 * The Idempotency-Key of one intention of the person. The same content sent again (lost network,
 * second tap, page opened anew) carries the same key, so the server does the work once. Changed
 * content, or an attempt the server has refused, gets a new key.
 */
export class RetryKey {
  private saved: SavedKey | null

  constructor(saved: SavedKey | null = null, private readonly onChange: (saved: SavedKey | null) => void = () => {}) {
    this.saved = saved
  }

  async run<T>(body: unknown, send: (key: string) => Promise<T>): Promise<T> {
    const key = await this.keyFor(JSON.stringify(body))
    try {
      const result = await send(key)
      this.keep(null)
      return result
    } catch (error) {
      if (error instanceof ApiError && error.isRefusal) this.keep(null)
      throw error
    }
  }

  private async keyFor(body: string): Promise<string> {
    if (this.saved?.body !== body) this.keep({ key: await newUuid(), body })
    return this.saved!.key
  }

  private keep(saved: SavedKey | null): void {
    this.saved = saved
    this.onChange(saved)
  }
}
