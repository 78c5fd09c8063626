import { get, post } from './http'
import type { NoticeOut, NoticePage, Recorded, SubscriptionResult } from './types'

export const listNotices = (query: { page?: number; unread?: boolean }) => get<NoticePage>('/notices', query)
export const getNotice = (id: number) => get<NoticeOut>(`/notices/${id}`)
export const markNoticeRead = (id: number, key: string) => post<NoticeOut>(`/notices/${id}/read`, {}, key)
export const confirmNotice = (id: number, key: string) => post<NoticeOut>(`/notices/${id}/confirmation`, {}, key)
export const askLeave = (id: number, reason: string, key: string) => post<NoticeOut>(`/notices/${id}/leave`, { reason }, key)
export const recordSubscriptions = (results: SubscriptionResult[], key: string) =>
  post<Recorded>('/subscriptions', { results }, key)
