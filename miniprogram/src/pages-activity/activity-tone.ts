type Tone = 'plain' | 'brand' | 'ok' | 'warn'

const TONES: Record<string, Tone> = {
  invited: 'brand', expected: 'brand', leave_asked: 'warn', awaiting_confirmation: 'warn', present: 'ok', left: 'ok', absent: 'warn',
}

export function attendanceTone(state: string): Tone {
  return TONES[state] ?? 'plain'
}
