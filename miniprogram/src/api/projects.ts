import { get, post } from './http'
import type { IdeaIn, IdeaOut, IdeaPage, ProjectYearList, ProjectYearOut } from './types'

export const listProjectYears = () => get<ProjectYearList>('/project-years')
export const getProjectYear = (id: number) => get<ProjectYearOut>(`/project-years/${id}`)
export const submitIdea = (id: number, body: IdeaIn, key: string) => post<IdeaOut>(`/project-years/${id}/ideas`, body, key)
export const listMyIdeas = (query: { page?: number }) => get<IdeaPage>('/project-ideas', query)
