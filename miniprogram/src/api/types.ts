// The shapes of /api/v1 under their names in the OpenAPI document. schema.d.ts is made from it by
// `npm run gen:api`, so that vue-tsc holds the pages and the server together.
import type { components } from './schema'

type Schemas = components['schemas']

export type MeOut = Schemas['MeOut']
export type SessionOut = Schemas['SessionOut']
export type ConfigOut = Schemas['ConfigOut']
export type PhoneCodeOut = Schemas['PhoneCodeOut']
export type BindingCodeOut = Schemas['BindingCodeOut']
export type StandingOut = Schemas['StandingOut']
export type ForecastOut = Schemas['ForecastOut']
export type MePatch = Schemas['MePatch']
export type RegionList = Schemas['RegionList']
export type Region = Schemas['RegionList.Region']
export type HomeOut = Schemas['HomeOut']

export type DeputyPage = Schemas['DeputyPage']
export type DeputyOut = Schemas['DeputyOut']
export type StationPage = Schemas['StationPage']
export type StationBrief = Schemas['StationPage.StationBrief']
export type StationOut = Schemas['StationOut']

export type ActivityOut = Schemas['ActivityOut']
export type ActivityPage = Schemas['ActivityPage']
export type DoorCode = Schemas['DoorCode']

export type ScanCodeOut = Schemas['ScanCodeOut']
export type CheckIn = Schemas['CheckIn']
export type VisitOut = Schemas['VisitOut']
export type VisitPage = Schemas['VisitPage']
export type CurrentVisit = Schemas['CurrentVisit']

export type Photo = Schemas['Photo']
export type DutyKindList = Schemas['DutyKindList']
export type DutyPage = Schemas['DutyPage']
export type DutyOut = Schemas['DutyOut']
export type DutyIn = Schemas['DutyIn']
export type PointsOut = Schemas['PointsOut']
export type PointEntryPage = Schemas['PointEntryPage']
export type PointEntryOut = Schemas['PointEntryPage.PointEntryOut']

export type ReplyTemplates = Schemas['ReplyTemplates']
export type MattersOut = Schemas['MattersOut']
export type MatterOut = Schemas['MattersOut.MatterOut']
export type OpinionIn = Schemas['OpinionIn']
export type ExtensionIn = Schemas['ExtensionIn']
export type OpinionPage = Schemas['OpinionPage']
export type OpinionBrief = Schemas['OpinionPage.OpinionBrief']
export type OpinionOut = Schemas['OpinionOut']
export type AssignedOpinionOut = Schemas['AssignedOpinionOut']
export type RatingIn = Schemas['RatingIn']

export type NoticePage = Schemas['NoticePage']
export type NoticeBrief = Schemas['NoticePage.NoticeBrief']
export type NoticeOut = Schemas['NoticeOut']
export type SubscriptionResult = Schemas['SubscriptionsIn.SubscriptionResult']
export type Recorded = Schemas['Recorded']

export type ProjectYearList = Schemas['ProjectYearList']
export type ProjectYearOut = Schemas['ProjectYearOut']
export type IdeaIn = Schemas['IdeaIn']
export type IdeaOut = Schemas['IdeaOut']
export type IdeaPage = Schemas['IdeaPage']
export type NextVoteOut = Schemas['NextVoteOut']
export type SittingOut = Schemas['SittingOut']

export type SuggestionPage = Schemas['SuggestionPage']
export type SuggestionOut = Schemas['SuggestionOut']
export type SuggestionIn = Schemas['SuggestionIn']
export type NewSuggestionIn = Schemas['NewSuggestionIn']
export type EvaluationIn = Schemas['EvaluationIn']
export type SignatureDecision = Schemas['DecisionIn']['decision']
export type CongressChoices = Schemas['CongressChoices']
export type Colleagues = Schemas['Colleagues']

export type ChatHistory = Schemas['ChatHistory']
export type ChatLine = Schemas['ChatHistory.ChatLine']
export type AssistantReply = Schemas['AssistantReply']

/** Every list has this form, whatever its items are. */
export interface Page<T> { items: T[]; page: number; page_size: number; total: number }
