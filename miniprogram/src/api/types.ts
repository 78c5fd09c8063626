// The shapes of /api/v1, named as in the OpenAPI document.

export interface Region { id: number; name: string; level: 'province' | 'city' | 'county' | 'township' | 'village' }
export interface MandateOut {
  id: number; level: string; level_name: string; congress_name: string; term_no: number
  constituency: string; delegation: string | null; groups: string[]
}
export interface StationBrief { id: number; name: string; kind_name: string; address: string }
export interface PersonOut { id: number; name: string; mandates: MandateOut[]; station: StationBrief | null }
export interface MeOut {
  account_id: number; role: 'resident' | 'deputy'; name: string; phone_masked: string | null
  village: Region | null; township: Region | null; person: PersonOut | null
  elder_mode: boolean; needs_phone: boolean; seat_claim: null | 'pending' | 'refused'; official_account_bound: boolean
}
export interface SessionOut { token: string; expires_at: string; me: MeOut }
export interface ConfigOut {
  privacy: { version: string; title: string; body: string }
  categories: { code: string; name: string }[]
  template_ids: { notice: string; opinion: string; reception: string }
  limits: { photos: number; opinion_chars: number; photo_mb: number }
  service_phone: string
  demo: boolean
}
export interface PhoneCodeOut { expires_in: number; resend_after: number }
export interface OfficialAccountCodeOut { code: string; expires_at: string }

export interface Page<T> { items: T[]; page: number; page_size: number; total: number }

export interface DeputyBrief {
  id: number; name: string; level_names: string[]; constituency: string; title: string; station_name: string | null
}
export interface ReceptionOut { id: number; station: StationBrief; starts_at: string; ends_at: string; deputies: DeputyBrief[] }
export interface DeputyOut extends DeputyBrief { receptions: ReceptionOut[]; duty_counts: { name: string; count: number }[] }
export interface StationOut extends StationBrief {
  region: Region; opening_hours: string; phone: string; latitude: number | null; longitude: number | null
  receptions: ReceptionOut[]; deputies: DeputyBrief[]
}

export interface VisitOut {
  id: number; station: StationBrief; state: 'awaiting_confirmation' | 'open' | 'closed' | 'refused'; state_name: string
  factor: 'fence' | 'screen' | 'clerk' | null; factor_name: string; checked_in_at: string; checked_out_at: string | null
  points_display: string | null; points_note: string
}
export interface ScanCodeOut { purpose: 'station_check_in'; scene: string; station: StationBrief; open_visit: VisitOut | null }
export interface CheckInIn {
  scene: string; device_id: string; location?: { latitude: number; longitude: number; accuracy: number }
  screen_code?: string; ask_clerk?: boolean
}

export interface Photo { id: number; url: string; width: number; height: number }
export interface DutyKind { code: string; name: string; points_display: string; block_name: string }
export interface DutyOut {
  id: number; item_code: string; item_name: string; title: string; content: string; occurred_on: string
  state: 'submitted' | 'first_checked' | 'confirmed' | 'rejected'; state_name: string; source_name: string
  points_display: string | null; reject_reason: string | null; photos: Photo[]
}
export interface DutyIn { item_code: string; occurred_on: string; title: string; content: string; photo_ids: number[] }

export interface MandatePoints {
  mandate_id: number; congress_name: string; level_name: string; total: string
  blocks: { code: string; name: string; total: string; cap: string | null }[]
}
export interface PointsOut { year: number; mandates: MandatePoints[] }
export interface PointEntryOut {
  id: number; item_code: string; item_name: string; amount: string; occurred_on: string
  cause_text: string; arithmetic: string; rule_version: string; reversed: boolean
}

export interface OpinionIn {
  text: string; category: string; village_id: number; photo_ids: number[]; consent_version: string; is_anonymous: boolean
}
export interface OpinionBrief {
  number: string; text: string; category_name: string; state: string; state_name: string
  submitted_at: string; due_on: string | null; can_rate: boolean; is_overdue: boolean
}
export interface OpinionOut {
  number: string; text: string; category: string; category_name: string; village: Region
  state: 'screening' | 'registered' | 'assigned' | 'answered' | 'closed' | 'rejected'; state_name: string
  is_anonymous: boolean; submitted_at: string; due_on: string | null; handler_name: string | null; photos: Photo[]
  timeline: { at: string; title: string; detail: string }[]
  answer: { text: string; handler_name: string; answered_at: string } | null
  can_rate: boolean; rating: { grade: string; grade_name: string; comment: string; rated_at: string } | null
  round_no: number
}
export interface AssignedOpinionOut extends OpinionOut { can_answer: boolean }
export interface RatingIn { grade: 'satisfied' | 'basically_satisfied' | 'unsatisfied'; comment?: string }

export interface NoticeBrief {
  id: number; title: string; kind_name: string; issuer: string; sent_at: string; starts_at: string | null
  place: string | null; read_at: string | null; confirmed_at: string | null; needs_confirmation: boolean
}
export interface NoticeOut extends NoticeBrief { body: string }
export interface SubscriptionResult { template_id: string; result: 'accept' | 'reject' | 'ban' | 'filter' }

export interface ChatLine {
  id: number; from: 'me' | 'assistant'; text: string; at: string
  link: { title: string; page: string } | null; choices: { label: string; text: string }[]
}
export interface AssistantReply { lines: ChatLine[] }

export interface HomeOut {
  role: 'resident' | 'deputy'; name: string
  todos: { kind: string; title: string; count: number; page: string }[]
  open_visit: VisitOut | null; next_reception: ReceptionOut | null
  points: { year: number; total: string; this_month: string } | null
  opinions: OpinionBrief[]; station: StationBrief | null; deputies: DeputyBrief[]
  notices: NoticeBrief[]; unread_notices: number
}
