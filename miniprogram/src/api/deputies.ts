import { get } from './http'
import type { DeputyOut, DeputyPage } from './types'

export const listDeputies = (query: { page?: number; village_id?: number }) => get<DeputyPage>('/deputies', query)
export const getDeputy = (id: number) => get<DeputyOut>(`/deputies/${id}`)
