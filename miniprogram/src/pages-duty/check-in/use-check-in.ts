import { computed, ref, shallowRef } from 'vue'
import { arriveAt } from '@/api/activities'
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

/** Where a code leads, as the page names it. */
export interface Place {
  kind_name: string
  name: string
  address: string
  room: '联络站' | '会场'
}

function placeOf({ station, activity }: ScanCodeOut): Place | null {
  if (activity) return { kind_name: activity.kind_name, name: activity.title, address: activity.place, room: '会场' }
  return station ? { kind_name: station.kind_name, name: station.name, address: station.address, room: '联络站' } : null
}

/** What happened at a meeting is told on its own page, which takes this one's place. */
function showActivity(id: number): void {
  uni.redirectTo({ url: `/pages-activity/detail/detail?id=${id}` })
}

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
    const activity = found.value?.activity
    if (activity && ['present', 'left'].includes(activity.my_state)) showActivity(activity.id)
  }
  async function showCurrent(): Promise<void> {
    const next = await looking.run(() => currentOr(visit.value))
    if (next) visit.value = next
  }
  async function prove(proof: () => Promise<Proof>): Promise<void> {
    const { scene, activity } = found.value!
    const done = await acting.run(async () => {
      const body: CheckIn = { scene, device_id: await deviceId(), ...(await proof()) }
      if (!activity) visit.value = await entering.run(body, (key) => checkIn(body, key))
      else await entering.run(body, (key) => arriveAt(body, key))
      return true
    })
    if (done && activity) showActivity(activity.id)
  }
  async function leave(): Promise<void> {
    const open = visit.value!
    const next = await acting.run(() => leaving.run(open.id, (key) => checkOut(open.id, key)))
    if (!next) return
    visit.value = next
    entry.value = await ledgerLineOf(next).catch(() => null) // the ledger stays one tap away
  }

  return {
    scanned, found, place: computed(() => found.value && placeOf(found.value)), visit, entry, looking, acting, lookUp, showCurrent, leave,
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
