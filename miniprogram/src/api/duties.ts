import { get, post } from './http'
import type { DutyIn, DutyKind, DutyOut, Page } from './types'

export const listDutyKinds = () => get<{ items: DutyKind[] }>('/duty-kinds')
export const listDuties = (query: { page?: number; year?: number }) => get<Page<DutyOut>>('/duties', query)
export const getDuty = (id: number) => get<DutyOut>(`/duties/${id}`)
export const submitDuty = (body: DutyIn, key: string) => post<DutyOut>('/duties', body, key)
