import { get, post, put } from './http'
import type {
  Colleagues, CongressChoices, EvaluationIn, NewSuggestionIn, SignatureDecision, SuggestionIn, SuggestionOut, SuggestionPage,
} from './types'

export const listSuggestions = (query: { page?: number }) => get<SuggestionPage>('/suggestions', query)
export const listInvitations = (query: { page?: number }) => get<SuggestionPage>('/suggestion-invitations', query)
export const listCongresses = () => get<CongressChoices>('/suggestion-congresses')
export const listColleagues = (congress_id: number, q: string) => get<Colleagues>('/suggestion-colleagues', { congress_id, q })
export const getSuggestion = (id: number) => get<SuggestionOut>(`/suggestions/${id}`)
export const draftSuggestion = (body: NewSuggestionIn, key: string) => post<SuggestionOut>('/suggestions', body, key)
export const editSuggestion = (id: number, body: SuggestionIn, key: string) => put<SuggestionOut>(`/suggestions/${id}`, body, key)
export const submitSuggestion = (id: number, key: string) => post<SuggestionOut>(`/suggestions/${id}/submission`, {}, key)
export const signSuggestion = (id: number, decision: SignatureDecision, key: string) =>
  post<SuggestionOut>(`/suggestions/${id}/signature`, { decision }, key)
export const withdrawSuggestion = (id: number, reason: string, key: string) =>
  post<SuggestionOut>(`/suggestions/${id}/withdrawal`, { reason }, key)
export const evaluateSuggestion = (id: number, body: EvaluationIn, key: string) =>
  post<SuggestionOut>(`/suggestions/${id}/evaluation`, body, key)
