import { get } from './http'
import type { StationOut, StationPage } from './types'

export const listStations = (query: { page?: number; township_id?: number }) => get<StationPage>('/stations', query)
export const getStation = (id: number) => get<StationOut>(`/stations/${id}`)
