import { get, post } from './http'
import type { AssignedOpinionOut, ExtensionIn, MattersOut, OpinionIn, OpinionOut, OpinionPage, RatingIn, ReplyTemplates } from './types'

export const submitOpinion = (body: OpinionIn, key: string) => post<OpinionOut>('/opinions', body, key)
export const findMatters = (text: string, villageId: number) =>
  post<MattersOut>('/opinion-matters', { text, village_id: villageId })
export const listMyOpinions = (query: { page?: number }) => get<OpinionPage>('/opinions', query)
export const getOpinion = (number: string) => get<OpinionOut>(`/opinions/${encodeURIComponent(number)}`)
export const rateOpinion = (number: string, body: RatingIn, key: string) =>
  post<OpinionOut>(`/opinions/${encodeURIComponent(number)}/rating`, body, key)
export const listAssignedOpinions = (query: { page?: number; state?: 'open' | 'done' }) =>
  get<OpinionPage>('/assigned-opinions', query)
export const getAssignedOpinion = (number: string) =>
  get<AssignedOpinionOut>(`/assigned-opinions/${encodeURIComponent(number)}`)
export const listReplyTemplates = () => get<ReplyTemplates>('/reply-templates')
export const answerOpinion = (number: string, text: string, key: string) =>
  post<AssignedOpinionOut>(`/assigned-opinions/${encodeURIComponent(number)}/answer`, { text }, key)
export const askExtension = (number: string, body: ExtensionIn, key: string) =>
  post<AssignedOpinionOut>(`/assigned-opinions/${encodeURIComponent(number)}/extension`, body, key)
export const returnOpinion = (number: string, reason: string, key: string) =>
  post<void>(`/assigned-opinions/${encodeURIComponent(number)}/return`, { reason }, key)
