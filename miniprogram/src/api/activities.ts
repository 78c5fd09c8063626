import { get, post } from './http'
import type { ActivityOut, ActivityPage, CheckIn, DoorCode } from './types'

export const listActivities = (query: { page?: number; past?: boolean }) => get<ActivityPage>('/activities', query)
export const getActivity = (id: number) => get<ActivityOut>(`/activities/${id}`)
export const signUp = (id: number, key: string) => post<ActivityOut>(`/activities/${id}/sign-up`, {}, key)
export const withdrawSignUp = (id: number, key: string) => post<ActivityOut>(`/activities/${id}/withdrawal`, {}, key)
export const askLeave = (id: number, reason: string, key: string) => post<ActivityOut>(`/activities/${id}/leave`, { reason }, key)
export const arriveAt = (body: CheckIn, key: string) => post<ActivityOut>('/activity-check-ins', body, key)
export const leaveActivity = (id: number, key: string) => post<ActivityOut>(`/activities/${id}/check-out`, {}, key)
export const getDoorCode = () => get<DoorCode>('/door-code')
