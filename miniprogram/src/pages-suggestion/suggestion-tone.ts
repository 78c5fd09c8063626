type Tone = 'warn' | 'ok' | 'plain'

const TONES: Record<string, Tone> = { returned: 'warn', cosigning: 'warn', answered: 'warn', closed: 'ok', archived: 'ok' }

/** What the day of a suggestion asks for: the deputy's word once there is an answer, before that the unit's work. */
export function dueLabel(state: string): string {
  return state === 'answered' ? '请在此日前评价' : '办理期限'
}

export function suggestionTone(state: string): Tone {
  return TONES[state] ?? 'plain'
}
