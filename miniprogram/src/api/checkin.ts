import { get, post } from './http'
import type { CheckIn, CurrentVisit, ScanCodeOut, VisitOut, VisitPage } from './types'

export const getScanCode = (code: string) => get<ScanCodeOut>(`/scan-codes/${encodeURIComponent(code)}`)
export const checkIn = (body: CheckIn, key: string) => post<VisitOut>('/check-ins', body, key)
export const checkOut = (id: number, key: string) => post<VisitOut>(`/check-ins/${id}/check-out`, {}, key)
export const getCurrentVisit = () => get<CurrentVisit>('/check-ins/current')
export const listVisits = (query: { page?: number }) => get<VisitPage>('/check-ins', query)
