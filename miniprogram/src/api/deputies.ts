import { get } from './http'
import type { DeputyBrief, DeputyOut, Page } from './types'

export const listDeputies = (query: { page?: number; village_id?: number }) => get<Page<DeputyBrief>>('/deputies', query)
export const getDeputy = (id: number) => get<DeputyOut>(`/deputies/${id}`)
