import { get, post } from './http'
import type { DutyIn, DutyKindList, DutyOut, DutyPage } from './types'

export const listDutyKinds = () => get<DutyKindList>('/duty-kinds')
export const listDuties = (query: { page?: number; year?: number }) => get<DutyPage>('/duties', query)
export const getDuty = (id: number) => get<DutyOut>(`/duties/${id}`)
export const submitDuty = (body: DutyIn, key: string) => post<DutyOut>('/duties', body, key)
