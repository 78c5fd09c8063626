"""What is decided by the very words: buttons, yes and no, the way out, and the doors that are not ours."""

import re

#: Labels of buttons and what each begins; they always work, also inside another task.
BUTTONS = {
    "签退": "check_out", "签到": "check_in", "我的积分": "my_points", "积分排名": "points_ranking", "待我办理的意见": "my_assigned_comments",
    "登记履职": "record_duty", "看通知": "read_notices", "我的日程": "my_schedule", "请假": "ask_leave", "查意见进度": "check_comment",
    "评价答复": "rate_comment", "我要提意见": "submit_comment", "找代表": "find_deputy", "接待日": "reception_day", "联络站在哪": "find_station",
    "民生实事项目": "list_projects", "提民生项目": "suggest_project", "多久答复": "faq", "什么不能提": "faq", "隐私说明": "faq", "转人工": "human_help",
    "能做什么": "help", "帮助": "help",
}
#: The button that leads to each intent, for offering the nearest things.
LABELS = {intent: label for label, intent in reversed(BUTTONS.items()) if intent != "faq"} | {"help": "能做什么"}
_NOISE = re.compile(r"[\s，。！!、,.~…]+")
#: Somebody in need now; a danger described ("水库边怕孩子溺水") is an opinion.
EMERGENCY = re.compile(r"[着起失]火了|着火啦|救命|杀人|(想|要)自杀|(要|在)跳楼|出人命|[煤燃]气(泄漏|漏气)|有人(溺水|落水)|(溺水|落水|掉水里)了|塌方了|被埋")
CANCEL = re.compile(r"^(取消|算了|不用了|退出|停|停止|放弃|不(办|提|填|登记|签|弄|记|发|评)了)(吧|了|啦)?$")
BACK = re.compile(r"^(上一步|返回|退回|回去|返回上一步|退回上一步)$")
RESTART = re.compile(r"^(重来|重新来|重新开始|从头来|从头开始)$")
YES = re.compile(r"^(确认|确定|是的?|对的?|好的?|可以|提交|同意|嗯|没错)$")
NO = re.compile(r"^(不是|不对|否|修改|不要|重来)$")
#: (what it is about, where it belongs); a question whether such a thing may be raised is a question.
_DOORS: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), answer) for pattern, answer in (
    (r"(?:打|有|正在|要打|这)(?:了|场|起|个)?官司|诉讼|起诉|仲裁|行政复议|(?:法院|法庭).{0,6}(?:判|开庭|执行|立案)|上诉|判决",
     "正在诉讼、仲裁、复议的事项由法定程序解决，代表不能代为处理个案。需要帮助请拨打12348法律援助热线，或到当地法律援助中心、公共法律服务中心咨询。"),
    (r"离婚|遗产|分家|彩礼|抚养费|赡养费|家暴|欠(?:我|俺)(?!.{0,3}(?:工|薪)).{0,4}钱|欠钱不还|要账|讨债|借条|邻居.{0,8}(?:打|骂|占|吵|墙)|(?:打|骂)(?:了)?我",
     "这是个人之间的纠纷，可先请村（社区）人民调解委员会调解，法律问题拨打12348法律援助热线；人身安全受到威胁请拨打110。"),
    (r"上访|信访|告状|(?:检举|举报|控告).{0,8}(?:干部|书记|主任|镇长|局长|领导|公职)|贪污|受贿|腐败",
     "信访、检举控告请到当地信访部门或纪检监察机关反映，纪检监察举报电话12388，政务服务拨打12345。这类内容不在这里受理。"),
))
_ASKS = re.compile(r"(?:能不能|可不可以|是不是|能否|可以|什么|哪些|怎么样?算|区别).{0,12}(?:吗|提|反映|受理|管|$)|区别|流程")
_FIXED = re.compile(r"不是(.{1,14}?)[，,、 ]*(?:而是|应该是|应该|是|改成|改为)(.{1,14})")
_CHANGED = re.compile(r"(?:把|将)?(.{1,14}?)(?:改成|改为|换成)(.{1,14})")


def clean(text: str) -> str:
    return _NOISE.sub("", text.strip())


def find_door(plain: str) -> str | None:
    """Where a dispute, a petition or a lawsuit belongs; None for everything else, and for questions about them."""
    if _ASKS.search(plain):
        return None
    return next((answer for pattern, answer in _DOORS if pattern.search(plain)), None)


def corrected(said: str, text: str) -> str | None:
    """`text` with the correction made in passing (`不是5户，是6户`); None when it corrects nothing in it."""
    for pattern in (_FIXED, _CHANGED):
        match = pattern.search(said.strip("。！! "))
        if match is not None and (old := match.group(1).strip()) in text:
            return text.replace(old, match.group(2).strip(), 1)
    return None
