import type { DutyOut } from '@/api/types'

const TONES = { submitted: 'warn', first_checked: 'warn', confirmed: 'ok', rejected: 'plain' } as const

export function dutyTone(state: DutyOut['state']): (typeof TONES)[DutyOut['state']] {
  return TONES[state]
}
