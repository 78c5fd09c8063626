import { get, post } from './http'
import type { CheckInIn, Page, ScanCodeOut, VisitOut } from './types'

export const getScanCode = (code: string) => get<ScanCodeOut>(`/scan-codes/${encodeURIComponent(code)}`)
export const checkIn = (body: CheckInIn, key: string) => post<VisitOut>('/check-ins', body, key)
export const checkOut = (id: number, key: string) => post<VisitOut>(`/check-ins/${id}/check-out`, {}, key)
export const getCurrentVisit = () => get<{ visit: VisitOut | null }>('/check-ins/current')
export const listVisits = (query: { page?: number }) => get<Page<VisitOut>>('/check-ins', query)
