"""The life of a resident's opinion: states, their names and the allowed moves (a table, not ifs)."""

STATE_NAMES = {
    "screening": "待受理", "registered": "已受理，待交办", "assigned": "办理中", "merged": "并案办理",
    "answered": "已答复，待评价", "closed": "已办结", "rejected": "不予受理",
}
#: Where an opinion may be handled together with another, and where another may be handled together with it.
MERGEABLE = ("screening", "registered", "assigned")
MOVES: dict[str, frozenset[str]] = {
    "screening": frozenset({"registered", "rejected", "merged"}),
    # registered → closed: only after the last redo, when the clerk has met the resident.
    "registered": frozenset({"assigned", "closed", "merged"}),
    # assigned → registered: the handler gives it back; assigned → assigned: the clerk reassigns.
    "assigned": frozenset({"answered", "registered", "assigned", "merged"}),
    # merged → answered: with the answer to the one that leads; the others: taken apart again, as it was.
    "merged": frozenset({"answered", "screening", "registered", "assigned"}),
    # answered → assigned: an unsatisfied resident opens the redo; → registered: a second time, the clerk meets them.
    "answered": frozenset({"closed", "assigned", "registered"}),
    "closed": frozenset(),
    "rejected": frozenset(),
}
GRADE_NAMES = {"satisfied": "满意", "basically_satisfied": "基本满意", "unsatisfied": "不满意"}
EXTENSION_NAMES = {"pending": "等待批准", "granted": "已同意", "declined": "没有同意"}
CHECK_NAMES = {
    "pending": "检测中", "pass": "内容检测通过", "review": "建议人工复核", "risky": "疑似违规，须人工判断",
    "unreachable": "未能自动检测，须人工判断",
}
CATEGORIES = {
    "road": "交通出行", "water": "饮水水利", "env": "人居环境", "agri": "农业农村", "edu": "教育托育", "health": "医疗健康",
    "elder": "养老救助", "job": "就业社保", "house": "住房城建", "culture": "文化体育", "safety": "平安法治",
    "biz": "营商产业", "gov": "作风与履职", "other": "其他",
}
#: Doors that a matter belongs to instead, and what its resident is told.
BEYOND = {
    "petition": ("信访事项", "您反映的是个人诉求或信访事项，请到当地信访局反映，或登录国家信访局网站、拨打12345。"),
    "litigation": ("诉讼、仲裁事项", "该事项正在或应当通过诉讼、仲裁解决，请向人民法院或仲裁机构提出，法律咨询可拨打12348。"),
    "hotline_12345": ("12345热线事项", "该事项请直接拨打12345政务服务便民热线，可以更快得到处理。"),
    "secret": ("可能涉密", "内容可能涉及国家秘密，不能在网上提交，请到人大机关当面反映。"),
}
#: One redo by itself; a second unsatisfied rating goes back to the clerk, who meets the resident.
MAX_ROUNDS = 2


def may_move(state: str, to: str) -> bool:
    return to in MOVES[state]
