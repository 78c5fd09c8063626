import { get } from './http'
import type { Page, StationBrief, StationOut } from './types'

export const listStations = (query: { page?: number; township_id?: number }) => get<Page<StationBrief>>('/stations', query)
export const getStation = (id: number) => get<StationOut>(`/stations/${id}`)
