import { ref, shallowRef } from 'vue'
import { checkIn, checkOut, getCurrentVisit, getScanCode, listVisits } from '@/api/checkin'
import { listPointEntries } from '@/api/points'
import { RetryKey } from '@/api/retry-key'
import { platform } from '@/platform'
import { deviceId } from '@/platform/uuid'
import { isoDate } from '@/logic/time'
import { useAction } from '@/logic/use-action'
import type { ScannedCode } from '@/logic/scan-text'
import type { CheckIn, PointEntryOut, ScanCodeOut, VisitOut } from '@/api/types'

type Proof = Pick<CheckIn, 'location' | 'screen_code' | 'ask_clerk'>

/** The visit's own line of the points ledger, when it has been written already. */
async function ledgerLineOf(visit: VisitOut): Promise<PointEntryOut | null> {
  if (!visit.points_display || !visit.checked_out_at) return null
  const amount = visit.points_display.replace(/[^\d.+-]/g, '')
  const day = isoDate(visit.checked_out_at)
  const newest = (await listPointEntries({ page: 1 })).items
  return newest.find((entry) => entry.amount === amount && entry.occurred_on === day && !entry.reversed) ?? null
}

/** The open visit; one that was refused or closed meanwhile is found in the list. */
async function currentOr(known: VisitOut | null): Promise<VisitOut | null> {
  const { visit } = await getCurrentVisit()
  if (visit || !known) return visit
  return (await listVisits({ page: 1 })).items.find((one) => one.id === known.id) ?? null
}

/** From a code to a finished visit: look the code up, prove presence, check out. */
export function useCheckIn() {
  const scanned = ref<ScannedCode | null>(null)
  const found = shallowRef<ScanCodeOut | null>(null)
  const visit = shallowRef<VisitOut | null>(null)
  const entry = shallowRef<PointEntryOut | null>(null)
  const looking = useAction()
  const acting = useAction()
  const entering = new RetryKey()
  const leaving = new RetryKey()

  async function lookUp(code: ScannedCode): Promise<void> {
    scanned.value = code
    found.value = await looking.run(() => getScanCode(code.code))
    if (found.value?.open_visit) visit.value = found.value.open_visit
  }
  async function showCurrent(): Promise<void> {
    const next = await looking.run(() => currentOr(visit.value))
    if (next) visit.value = next
  }
  async function prove(proof: () => Promise<Proof>): Promise<void> {
    const next = await acting.run(async () => {
      const body: CheckIn = { scene: found.value!.scene, device_id: await deviceId(), ...(await proof()) }
      return entering.run(body, (key) => checkIn(body, key))
    })
    if (next) visit.value = next
  }
  async function leave(): Promise<void> {
    const open = visit.value!
    const next = await acting.run(() => leaving.run(open.id, (key) => checkOut(open.id, key)))
    if (!next) return
    visit.value = next
    entry.value = await ledgerLineOf(next).catch(() => null) // the ledger stays one tap away
  }

  return {
    scanned, found, visit, entry, looking, acting, lookUp, showCurrent, leave,
    proveByLocation: () => prove(async () => ({ location: await platform.locate() })),
    proveByScreen: (screen_code: string) => prove(() => Promise.resolve({ screen_code })),
    proveByClerk: () => prove(() => Promise.resolve({ ask_clerk: true })),
    startOver: () => {
      visit.value = found.value = null
      acting.clear()
      looking.clear()
    },
  }
}
