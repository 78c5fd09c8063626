type Tone = 'warn' | 'ok' | 'plain'

const TONES: Record<string, Tone> = { returned: 'warn', cosigning: 'warn', answered: 'warn', closed: 'ok', archived: 'ok' }

export function suggestionTone(state: string): Tone {
  return TONES[state] ?? 'plain'
}
