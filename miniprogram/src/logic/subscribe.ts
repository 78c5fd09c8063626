import { recordSubscriptions } from '@/api/notices'
import { newUuid } from '@/platform/uuid'
import { platform } from '@/platform'

/**
 * Asks for subscription messages and tells the server what was answered. Must run straight from a tap.
 * True when at least one was accepted.
 */
export async function askForMessages(templateIds: string[]): Promise<boolean> {
  const results = await platform.subscribe(templateIds)
  if (!results.length) return false
  await recordSubscriptions(results, await newUuid())
  return results.some((r) => r.result === 'accept')
}
