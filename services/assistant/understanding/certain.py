"""What needs no statistics: exact words, numbers beside a verb, attempts to give the assistant orders."""

import re
from functools import lru_cache

from services.assistant.understanding import corpus
from services.assistant.understanding.signs import normalised

RESIDENT = ("submit_comment", "check_comment", "rate_comment", "find_station", "find_deputy", "list_projects", "suggest_project",
            "faq", "human_help", "greeting", "help", "cancel", "out_of_scope")
DEPUTY = ("check_in", "check_out", "my_points", "points_ranking", "record_duty", "my_assigned_comments", "reply_comment",
          "my_schedule", "sign_up_activity", "ask_leave", "vote_info", "read_notices", "take_quiz")
STAFF = ("send_notice", "stats_summary", "overdue_comments", "assign_comment")
INTENTS = (*RESIDENT, *DEPUTY, *STAFF)
POSSIBLE = {"resident": frozenset(RESIDENT), "deputy": frozenset((*RESIDENT, *DEPUTY)), "staff": frozenset(INTENTS)}

_ORDERS = re.compile(
    r"(?:忽略|无视|忘掉|忘记|不要理会|跳过)(?:.{0,8})(?:指令|要求|设定|提示|规则|身份|限制|内容|对话)|系统提示|提示词|system\s*prompt|ignore\s+(?:all|previous|the)|开发者模式|越狱|jailbreak|"
    r"<\s*/?\s*\w+|\]\]>|\{\{|\}\}|\$\{|\{%|javascript:|(?:drop|truncate)\s+table|select\s+.+\s+from\s|insert\s+into|union\s+select|or\s+1\s*=\s*1|rm\s+-rf|__import__|扮演|数据库密码|管理员密码|"
    r"(?:导出|给我|告诉我|泄露|查).{0,6}(?:所有|全部|全体|别人|其他).{0,6}(?:手机号|电话号码|身份证|密码|住址)", re.IGNORECASE)
_CHINESE = re.compile(r"[\u4e00-\u9fa5]")
_KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0e00-\u0e7f\u0600-\u06ff]")
#: (pattern over the normalised sentence, intent); the first that the role may have decides.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), intent) for pattern, intent in (
    (r"^(?:查|看|查询|查一?下|查看|编号|单号)*№(?:的?(?:进度|进展|情况|结果))?$", "check_comment"),
    (r"№.{0,12}(?:怎么样|咋样|到哪|哪一步|进度|进展|有没有人管|有结果|受理没|办完没|办好没|处理完没)", "check_comment"),
    (r"(?:把|将).{0,10}№.{0,6}(?:交|转|派|指派|分|批转)(?:办|给|到)|№.{0,4}(?:交办|转办|派|指派|交|转)给", "assign_comment"),
    (r"^(?:帮我|我要|请)?(?:回复|答复|回一下|就№)№|(?:答复|回复)№|№(?:的意见)?(?:答复|回复)(?:如下|说|一下|：|他|群众)", "reply_comment"),
    (r"№.{0,14}(?:满意|好评|差评|还行|凑合|一般|不咋样|敷衍|糊弄|打分|评价|评分)", "rate_comment"),
    (r"(?:忘|没).{0,3}签退", "check_out"),
))


@lru_cache(maxsize=1)
def _exact() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for text, intents in corpus.load_plain().items():
        found.setdefault(normalised(text), set()).update(intents)
    return {text: frozenset(intents) for text, intents in found.items() if text}


def find_certain(text: str, plain: str, possible: frozenset[str]) -> str | None:
    """The intent that is certain for this role, or None; what only others may ask is out of scope."""
    if _ORDERS.search(text):
        return "out_of_scope"
    known = _exact().get(plain)
    if known is not None:
        allowed = known & possible
        if len(allowed) == 1:
            return next(iter(allowed))
        if not allowed:
            return "out_of_scope"
    if "№" not in plain and (not _CHINESE.search(text) or _KANA.search(text)):
        return "out_of_scope"
    return next((intent for pattern, intent in _RULES if intent in possible and pattern.search(plain)), None)
