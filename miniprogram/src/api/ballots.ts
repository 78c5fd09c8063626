import { get, post } from './http'
import type { NextVoteOut, SittingOut } from './types'

export const getNextVote = () => get<NextVoteOut>('/next-vote')
export const signInToSitting = (code: string, key: string) => post<SittingOut>('/sittings/sign-in', { code }, key)
