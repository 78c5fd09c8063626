"""What is kept, for how long, what happens then, and on what ground: the declared table (保存期限表).

`services.retention` acts on every line that has an end; the console and the commands show the table as it stands.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Fate = Literal["delete", "empty", "anonymise", "keep"]
FATE_NAMES = {"delete": "删除", "empty": "清空内容", "anonymise": "匿名化", "keep": "长期保存"}


@dataclass(frozen=True)
class Rule:
    """`since` says in words what the period is counted from; a kept thing has no period."""

    name: str
    what: str
    since: str
    keep: timedelta | None
    fate: Fate
    source: str


def _days(number: int) -> timedelta:
    return timedelta(days=number)


YEAR = 365
_SHORTEST = "个人信息保护法第十九条：实现目的所必要的最短时间"
_ERASURE = "个人信息保护法第四十七条：目的已实现、撤回同意或注销后删除"
_ARCHIVE = "档案法；代表履职档案由人大保存"
_SAFETY = "网络安全法：网络日志留存不少于六个月"

RULES: tuple[Rule, ...] = (
    Rule("login_codes", "短信验证码、公众号绑定码和输错次数", "过期后", _days(1), "delete", _SHORTEST),
    Rule("login_sessions", "登录会话（登录记录另存于审计日志）", "退出或过期后", _days(30), "delete", _SHORTEST),
    Rule("idempotency_keys", "防止重复提交的应答副本", "应答后", _days(1), "delete", _SHORTEST),
    Rule("loose_photos", "上传后没有提交的照片", "上传后", _days(1), "delete", _SHORTEST),
    Rule("dialogues", "没有办完的助手对话步骤", "过期后", _days(1), "delete", _SHORTEST),
    Rule("chat_lines", "与代表助手的对话", "发出后", _days(180), "delete", _SHORTEST),
    Rule("hand_overs", "转人工的咨询", "办结后", _days(YEAR), "delete", _SHORTEST),
    Rule("seat_claims", "代表身份核实申请", "决定后", _days(YEAR), "delete", _SHORTEST),
    Rule("released_devices", "已解除的签到手机标识", "解除后", _days(180), "delete", _SHORTEST),
    Rule("screen_codes", "用过的屏幕动态码", "使用后", _days(7), "delete", _SHORTEST),
    Rule("subscription_events", "订阅消息的回执", "收到后", _days(180), "delete", _SHORTEST),
    Rule("stray_credits", "没有账号的订阅次数", "变动后", _days(1), "delete", _ERASURE),
    Rule("account_residue", "已注销或已合并账号的残留信息", "注销或合并后", _days(1), "delete", _ERASURE),
    Rule("rosters_applied", "已导入名册的原始行（姓名、手机号）", "导入后", _days(30), "empty", _SHORTEST),
    Rule("rosters_abandoned", "上传后没有导入的名册", "上传后", _days(7), "empty", _SHORTEST),
    Rule("callbacks_processed", "已处理的微信回调", "收到后", _days(7), "delete", _SHORTEST),
    Rule("callbacks_unprocessed", "没有处理成的微信回调原文", "收到后", _days(30), "delete", _SHORTEST),
    Rule("outbox_done", "已完成的后台任务", "完成后", _days(30), "delete", _SHORTEST),
    Rule("scheduled_runs", "定时任务的执行记录", "执行后", _days(7), "delete", _SHORTEST),
    Rule("worker_beats", "后台进程的心跳", "停止后", _days(7), "delete", _SHORTEST),
    Rule("opinions", "群众意见的提出人、照片和进度消息，文字里的手机号和身份证号", "办结后", _days(5 * YEAR),
         "anonymise", _ERASURE),
    Rule("opinion_files", "群众意见的编号、内容、答复和评价", "", None, "keep", _ARCHIVE),
    Rule("duty_files", "代表的签到、履职、积分和通知签收", "", None, "keep", _ARCHIVE),
    Rule("audit_log", "审计日志，包括查看手机号的原因", "", None, "keep", _SAFETY),
)
BY_NAME = {rule.name: rule for rule in RULES}
#: The lines that a run acts on.
ENDING = tuple(rule for rule in RULES if rule.keep is not None)


def kept_for(name: str) -> timedelta:
    """How long a thing is kept; it must be one that ends."""
    keep = BY_NAME[name].keep
    if keep is None:
        raise KeyError(name)
    return keep


def period(rule: Rule) -> str:
    """`办结后5年`, as people read it."""
    if rule.keep is None:
        return FATE_NAMES["keep"]
    years, rest = divmod(rule.keep.days, YEAR)
    return f"{rule.since}{years}年" if years and not rest else f"{rule.since}{rule.keep.days}天"
