import { get, post } from './http'
import type { AssistantReply, ChatLine } from './types'

export const listChatLines = () => get<{ items: ChatLine[] }>('/assistant/messages')
export const sendChatText = (text: string, key: string) => post<AssistantReply>('/assistant/messages', { text }, key)
