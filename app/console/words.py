"""Names and tones of states as the console shows them; the names themselves belong to the services."""

from services import checkin, comments, deputies, duties, notices, screens, stations
from services.rules import activity_rules, opinion_states, project_stages
from services.rules.permissions import ROLE_NAMES

VISIT_STATES = checkin.STATE_NAMES
DUTY_STATES = duties.STATE_NAMES
OPINION_STATES = opinion_states.STATE_NAMES
OPINION_CATEGORIES = opinion_states.CATEGORIES
BEYOND = opinion_states.BEYOND
OPINION_CHECKS = opinion_states.CHECK_NAMES
OPINION_GRADES = opinion_states.GRADE_NAMES
NOTICE_KINDS = notices.KIND_NAMES
NOTICE_REASONS = notices.REASONS
DELIVERY_STATES = notices.STATE_NAMES
DEPUTY_LEVELS = deputies.LEVEL_NAMES
STATION_KINDS = stations.KIND_NAMES
SCREEN_STATES = screens.STATE_NAMES
ROLES = ROLE_NAMES
PROJECT_STAGES = project_stages.STAGE_NAMES
ACTIVITY_KINDS = activity_rules.KIND_NAMES
ACTIVITY_STATES = activity_rules.STATE_NAMES
ATTENDANCE_STATES = activity_rules.PERSON_STATE_NAMES
NOTICE_STATES = {"draft": "草稿", "awaiting_approval": "待审批", "scheduled": "等待发送", "sent": "已发送", "withdrawn": "已撤回"}
FOLLOW_UPS = notices.FOLLOW_UP_NAMES
CLAIM_STATES = {"pending": "待核实", "approved": "已同意", "refused": "已拒绝"}
HAND_OVER_STATES = {"open": "待回复", "done": "已办结"}
IMPORT_STATES = {"previewed": "待确认", "applied": "已导入", "discarded": "已放弃"}
ROW_OUTCOMES = {"new": "新增", "update": "更新", "mandate": "增加职务", "error": "有误"}
ASSIGNMENT_STATES = {"open": "办理中", "answered": "已答复", "returned": "已退回或改派"}
MANDATE_STATES = {"active": "在任", "suspended": "暂停执行职务", "ended": "已终止"}
CHANNELS = {"mini": "小程序", "web": "网页", "chat": "代表助手", "official_account": "公众号"}
#: The clocks of an opinion that a region may set, and in what they are counted.
OPINION_LIMITS = {
    "opinion.screening_workdays": ("受理", "工作日"), "opinion.deputy_workdays": ("代表答复", "工作日"),
    "opinion.unit_workdays": ("承办单位答复", "工作日"), "opinion.redo_workdays": ("重新办理", "工作日"),
    "opinion.extension_days": ("延期最长", "天"), "opinion.escalation_workdays": ("超期后上报县级", "工作日"),
    "opinion.rating_days": ("逾期未评价自动办结", "天"),
}
BOARD_PARTS = comments.PART_NAMES
PUSH_CHANNELS = {"subscription": "微信订阅消息", "phone_list": "电话通知"}

#: good: done; wait: somebody must act; work: under way; bad: went wrong; calm: at rest.
TONES = {
    "awaiting_confirmation": "wait", "open": "work", "closed": "good", "refused": "calm",
    "submitted": "wait", "first_checked": "work", "confirmed": "good", "rejected": "bad",
    "screening": "wait", "registered": "wait", "assigned": "work", "merged": "work", "answered": "work",
    "pending": "wait", "approved": "good", "pass": "good", "review": "wait", "risky": "bad", "unreachable": "wait",
    "draft": "calm", "awaiting_approval": "wait", "scheduled": "work", "sent": "good", "withdrawn": "bad", "done": "good", "previewed": "wait", "applied": "good", "discarded": "calm",
    "new": "good", "update": "work", "mandate": "work", "error": "bad", "returned": "calm",
    "queued": "work", "sending": "work", "accepted": "work", "delivered": "good", "uncertain": "wait",
    "waiting": "wait", "on": "good", "off": "bad", "lapsed": "bad",
    "library": "work", "reserve": "calm", "excluded": "bad", "listed": "work", "candidate": "work", "elected": "good",
    "not_elected": "calm", "joined": "good",
    "collecting": "work", "shortlisting": "work", "reviewing": "wait", "candidates": "work",
    "voting": "wait", "decided": "good", "preparing": "calm", "counting": "work", "counted": "wait", "published": "good",
    "void": "bad",
    "cosigning": "work", "not_admitted": "bad", "objected": "wait", "handling": "work", "redo": "wait",
    "coordination": "bad", "commitment": "work", "archived": "calm", "fulfilled": "good", "explained": "calm",
    "granted": "good", "declined": "calm",
    "active": "good", "suspended": "bad", "ended": "calm",
    "cancelled": "bad", "invited": "calm", "expected": "wait", "leave_asked": "wait", "on_leave": "calm",
    "present": "good", "left": "good", "absent": "bad",
}

#: What the audit calls an act, in Chinese.
ACTIONS = {
    "activity.arrival_asked": "申请确认到场", "activity.arrival_confirmed": "确认到场", "activity.arrival_refused": "不确认到场",
    "activity.arrived": "活动签到", "activity.called_again": "更新活动名单", "activity.cancelled": "取消活动", "activity.closed": "办结活动",
    "activity.drafted": "起草活动", "activity.edited": "修改活动", "activity.entered": "补登签到", "activity.exported": "导出签到表",
    "activity.leave_agreed": "同意请假", "activity.leave_asked": "申请请假", "activity.leave_refused": "不同意请假", "activity.left": "活动签退",
    "activity.minutes_written": "记录纪要", "activity.published": "发布活动", "activity.rescheduled": "活动改期", "activity.signed_up": "活动报名",
    "activity.withdrawn": "取消报名",
    "congress.term_ended": "本届届满",
    "mandate.added": "增加职务", "mandate.edited": "修改任职", "mandate.ended": "终止职务", "mandate.restored": "撤销终止职务",
    "person.added": "登记代表", "person.edited": "修改代表资料", "person.moved": "代表调动", "person.phone_changed": "更换手机号",
    "account.closed": "注销账号", "account.merged": "合并账号", "account.updated": "修改个人设置",
    "consent.given": "同意隐私说明", "consent.withdrawn": "撤回同意", "device.released": "解除签到手机",
    "campaign.canary": "通知试发", "campaign.running": "继续发送通知", "campaign.paused": "暂停发送通知", "campaign.stopped": "停止发送通知",
    "duty.confirmed": "复核通过履职", "duty.first_checked": "初审通过履职", "duty.recorded": "自动登记履职",
    "duty.rejected": "履职审核不通过", "duty.reported": "代表登记履职", "handover.closed": "办结咨询",
    "handover.opened": "转人工咨询", "messages.stopped": "停收订阅消息", "notice.confirmed": "确认通知", "notice.drafted": "起草通知",
    "notice.edited": "修改通知", "notice.phoned": "电话通知", "notice.read": "阅读通知", "notice.sent": "发送通知",
    "notice.approved": "审批通知", "notice.corrected": "更正通知", "notice.exported": "导出通知名单", "notice.leave_asked": "请假",
    "notice.recalled": "撤回到草稿", "notice.reminded": "提醒未读", "notice.returned": "退回通知", "notice.scheduled": "安排定时发送",
    "notice.submitted": "提交通知审批", "notice.withdrawn": "撤回通知",
    "official_account.bound": "绑定公众号", "official_account.unbound": "解绑公众号",
    "opinion.paused": "暂停意见计时", "opinion.resumed": "恢复意见计时", "opinion.extension_asked": "申请意见延期",
    "opinion.extended": "同意意见延期", "opinion.extension_declined": "不同意意见延期", "opinion.escalated": "报告负责人",
    "opinion.supervised": "督办意见",
    "opinion.answered": "答复意见", "opinion.assigned": "交办意见", "opinion.closed": "办结意见",
    "opinion.merged": "并案办理", "opinion.unmerged": "拆分并案", "opinion.set_apart": "不是同一事项",
    "reply_template.created": "新建常用答复", "reply_template.retired": "停用常用答复",
    "opinion.noted": "添加内部备注", "opinion.rated": "群众评价", "opinion.refused": "不予受理意见",
    "opinion.registered": "受理意见", "opinion.returned": "退回意见", "opinion.submitted": "提交意见",
    "opinion.text_checked": "内容检测", "phone.bound": "绑定手机号", "phone.revealed": "查看手机号",
    "phone.unbound": "解绑手机号",
    "photo.taken": "上传照片", "point_rules.installed": "导入积分规则", "points.posted": "计分",
    "project_year.opened": "发布项目征集", "project_year.method_set": "修改票决办法", "project_year.screening": "转入汇总筛选",
    "project_year.shortlisting": "转入代表初选", "project_year.reviewing": "提交初选名单", "project_year.candidates": "确定候选项目",
    "project_year.voting": "转入大会票决", "project_year.decided": "票决完成", "project_idea.submitted": "提交项目建议",
    "project_idea.joined": "并入项目", "project_idea.excluded": "建议未列入", "project.created": "项目入库",
    "project.edited": "修改项目", "project.argued": "登记论证意见", "project.set_aside": "项目储备或不列入",
    "project_review.approved": "审查同意", "project_review.returned": "审查退回", "sitting.created": "建立会议",
    "sitting.roll_frozen": "锁定会议名册", "sitting.signed_in": "会议签到", "ballot_round.prepared": "准备投票",
    "ballot_round.officers_set": "确定监票计票人", "ballot_round.method_passed": "通过票决办法", "ballot_round.opened": "开始投票",
    "ballot_round.issued": "登记发出票数", "ballot_round.closed": "投票结束", "ballot_round.counted": "录入计票",
    "ballot_round.recount": "重新计票", "ballot_round.signed": "监票人签字", "ballot_round.published": "公布票决结果",
    "ballot_round.void": "投票作废", "ballot_round.papers_printed": "打印表决票",
    "points.reversed": "冲正积分", "reception.cancelled": "取消接待日", "reception.planned": "安排接待日",
    "retention.applied": "到期处理", "retention.finished": "到期处理完成", "roster.applied": "导入名册",
    "roster.discarded": "放弃名册", "roster.previewed": "上传名册", "seat.claimed": "认领代表身份",
    "seat.contested": "身份冲突", "seat.approved": "同意换绑身份", "seat.refused": "拒绝换绑身份",
    "congress.session_added": "登记会议", "suggestion.accepted": "接办建议", "suggestion.answered": "答复建议",
    "suggestion.archived": "建议归档", "suggestion.assigned": "交办建议", "suggestion.co_opinion_given": "提出协办意见",
    "suggestion.contacted": "与代表沟通", "suggestion.coordinated": "协调督办办结", "suggestion.coordination_opened": "转协调督办",
    "suggestion.cosign_confirmed": "确认联名", "suggestion.cosign_declined": "不同意联名", "suggestion.cosign_withdrawn": "撤回联名",
    "suggestion.drafted": "起草建议", "suggestion.edited": "修改建议", "suggestion.evaluated": "代表评价办理",
    "suggestion.excellent_marked": "评为优秀建议", "suggestion.extension_asked": "申请延期",
    "suggestion.extension_granted": "同意延期", "suggestion.extension_refused": "不同意延期",
    "suggestion.invitation_cancelled": "取消联名邀请", "suggestion.key_marked": "列为重点督办",
    "suggestion.not_admitted": "建议不予受理", "suggestion.objected": "提出异议", "suggestion.objection_rejected": "异议不成立",
    "suggestion.objection_upheld": "异议成立", "suggestion.promise_explained": "说明承诺事项", "suggestion.promise_fulfilled": "兑现承诺事项",
    "suggestion.publication_decided": "决定建议公开", "suggestion.redo_opened": "重新办理建议", "suggestion.registered": "建议立案登记",
    "suggestion.returned": "退回建议修改", "suggestion.submitted": "提交建议", "suggestion.unevaluated": "建议逾期未评价",
    "suggestion.withdrawn": "撤回建议", "screen.linked": "生成大屏开通码", "screen.opened": "开通大屏", "screen.revoked": "停用大屏",
    "session.opened": "手机端登录", "setting.changed": "修改设置", "staff.created": "新建工作人员",
    "staff.disabled": "停用工作人员", "staff.enabled": "启用工作人员", "staff.locked": "账号锁定",
    "staff.signed_in": "后台登录", "station.closed": "停用联络站", "station.code_replaced": "更换签到码",
    "station.created": "新建联络站", "station.deputies_set": "设置驻站代表", "station.opened": "启用联络站",
    "station.updated": "修改联络站", "visit.closed": "签退", "visit.confirmed": "确认签到", "visit.opened": "签到",
    "visit.withdrawn": "撤回签到",
    "visit.refused": "不确认签到", "visit.requested": "申请确认签到", "workday.set": "设置工作日",
}


def tone(state: str) -> str:
    return TONES.get(state, "calm")
