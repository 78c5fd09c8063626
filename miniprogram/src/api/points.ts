import { get } from './http'
import type { PointEntryPage, PointsOut } from './types'

export const getPoints = (query: { year?: number }) => get<PointsOut>('/points', query)
export const listPointEntries = (query: { year?: number; mandate_id?: number; page?: number }) =>
  get<PointEntryPage>('/points/entries', query)
