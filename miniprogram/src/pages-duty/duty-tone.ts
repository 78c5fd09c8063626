type Tone = 'warn' | 'ok' | 'plain'

const TONES: Record<string, Tone> = { submitted: 'warn', first_checked: 'warn', confirmed: 'ok' }

export function dutyTone(state: string): Tone {
  return TONES[state] ?? 'plain'
}
