import { get } from './http'
import type { HomeOut } from './types'

export const getHome = () => get<HomeOut>('/home')
