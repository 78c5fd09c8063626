"""What a sentence of chat asks for: a small, tested router of keywords first, then nearest examples.

Deterministic and explainable: an intent is chosen by its keyword, else by the closest example above a
threshold; below it the nearest ones are offered and nothing is done.
"""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

Audience = Literal["anybody", "deputy"]


@dataclass(frozen=True)
class Intent:
    """`label` is the button's text; `pattern` decides at once; `examples` are compared when it does not."""

    name: str
    label: str
    audience: Audience
    pattern: str
    examples: tuple[str, ...]


INTENTS: tuple[Intent, ...] = (
    Intent("check_out", "签退", "deputy", r"签退|离站|离开.{0,4}站|走了.*签", ("我要签退", "离开联络站")),
    Intent("check_in", "签到", "deputy", r"签到|打卡|进站", ("我要签到", "扫码签到", "我到站了")),
    Intent("my_points", "我的积分", "deputy", r"积分|多少分|几分|得分", ("查积分", "我还有几分", "今年得了多少分")),
    Intent("my_tasks", "待我办理的意见", "deputy", r"待(我|办|处理|答复)|要我(办|处理|答复)|交办给我|答复意见|回复(群众|意见)",
           ("待我处理的意见", "有哪些意见要我办", "群众给我的留言")),
    Intent("report_duty", "登记履职", "deputy", r"登记履职|履职登记|记一笔|填报履职|(走访|慰问|调研|视察|调解|宣讲|帮扶|志愿|培训).{0,12}(了|户|次|场)",
           ("我要登记履职", "今天走访了三户选民", "昨天参加了小组活动")),
    Intent("notices", "看通知", "anybody", r"通知|公告|会议安排|有什么会", ("看通知", "未读通知", "最近有什么会")),
    Intent("follow_opinion", "查意见进度", "anybody", r"YJ\d|进度|办得怎么样|办到哪|我提的意见|我的意见",
           ("查进度", "我的意见办得怎么样了", "意见有结果了吗")),
    Intent("rate_opinion", "评价答复", "anybody", r"评价|不?满意.{0,4}(答复|办理|结果)|打分", ("我要评价", "对答复不满意")),
    Intent("submit_opinion", "我要提意见", "anybody", r"提.{0,2}(意见|建议)|反映(?!.{0,6}(官司|诉讼))|投诉|诉求|反应(一下|个)?(问题|情况)",
           ("我要提意见", "我想反映个问题", "路灯坏了没人修")),
    Intent("find_deputy", "找代表", "anybody", r"(找|哪|谁|我的|联系).{0,4}代表|代表.{0,3}(是谁|名单|电话)",
           ("我们村的代表是谁", "找代表", "怎么联系代表")),
    Intent("reception_day", "接待日", "anybody", r"接待日|值班|什么时候接待|接待时间", ("接待日是什么时候", "下次接待日", "值班表")),
    Intent("station", "联络站在哪", "anybody", r"联络站|工作站|工作室|代表之家|地址|在哪里?提", ("最近的联络站", "联络站在哪", "开放时间")),
    Intent("how_long", "多久答复", "anybody", r"多久|几天|期限|什么时候(答复|回复)", ("意见多久答复", "几天能有回音")),
    Intent("not_accepted", "什么不能提", "anybody", r"(什么|哪些).{0,3}(不能|不可以|不受理)|信访|官司|诉讼|举报", ("什么不能提", "能不能反映官司")),
    Intent("privacy", "隐私说明", "anybody", r"隐私|个人信息|注销|删除我的|撤回同意|导出我的", ("隐私说明", "怎么注销账号")),
    Intent("human", "转人工", "anybody", r"人工|真人|打电话|找人|客服|工作人员", ("转人工", "我要找工作人员")),
    Intent("help", "能做什么", "anybody", r"^(帮助|菜单|功能|你好|您好|在吗|help|\?|？)$|能(做|干)什么|怎么用", ("你能做什么", "帮助", "怎么用")),
)
BY_NAME = {intent.name: intent for intent in INTENTS}
ACCEPT = 74
SUGGEST = 40
_NOISE = re.compile(r"[\s，。！!、,.~…]+")
#: Somebody in need now; a danger described ("水库边怕孩子溺水") is an opinion.
EMERGENCY = re.compile(r"[着起失]火了|着火啦|救命|杀人|(想|要)自杀|(要|在)跳楼|出人命|[煤燃]气(泄漏|漏气)|有人(溺水|落水)|(溺水|落水|掉水里)了|塌方了|被埋")
CANCEL = re.compile(r"^(取消|算了|不用了|退出|停|不(办|提|填|登记|签)了)$")
YES = re.compile(r"^(确认|确定|是的?|对的?|好的?|可以|提交|同意|嗯|没错)$")
NO = re.compile(r"^(不是|不对|否|修改|不要|重来)$")


def clean(text: str) -> str:
    return _NOISE.sub("", text.strip())


@dataclass(frozen=True)
class Understood:
    """The intent, or None with the nearest ones to offer."""

    intent: Intent | None
    nearest: tuple[Intent, ...]


def understand(text: str, *, is_deputy: bool) -> Understood:
    """Choose an intent for a sentence, among those of the person's role first."""
    plain = clean(text)
    usable = [intent for intent in INTENTS if is_deputy or intent.audience == "anybody"]
    for intent in usable:
        if re.search(intent.pattern, plain, re.IGNORECASE):
            return Understood(intent, ())
    scored = sorted(((_score(plain, intent), intent) for intent in usable), key=lambda pair: -pair[0])
    best, intent = scored[0]
    if best >= ACCEPT:
        return Understood(intent, ())
    for other in INTENTS:
        if other not in usable and re.search(other.pattern, plain):
            return Understood(other, ())
    return Understood(None, tuple(found for score, found in scored[:3] if score >= SUGGEST))


def _score(plain: str, intent: Intent) -> float:
    return max(fuzz.ratio(plain, clean(example)) for example in (intent.label, *intent.examples))
