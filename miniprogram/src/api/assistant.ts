import { get, post } from './http'
import type { AssistantReply, ChatHistory } from './types'

export const listChatLines = () => get<ChatHistory>('/assistant/messages')
export const sendChatText = (text: string, key: string) => post<AssistantReply>('/assistant/messages', { text }, key)
