"""The life of a resident's opinion: states, their names and the allowed moves (a table, not ifs)."""

STATE_NAMES = {
    "screening": "待受理", "registered": "已受理，待交办", "assigned": "办理中", "answered": "已答复，待评价",
    "closed": "已办结", "rejected": "不予受理",
}
MOVES: dict[str, frozenset[str]] = {
    "screening": frozenset({"registered", "rejected"}),
    # registered → closed: only after the last redo, when the clerk has met the resident.
    "registered": frozenset({"assigned", "closed"}),
    # assigned → registered: the handler gives it back; assigned → assigned: the clerk reassigns.
    "assigned": frozenset({"answered", "registered", "assigned"}),
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
#: One redo by itself; a second unsatisfied rating goes back to the clerk, who meets the resident.
MAX_ROUNDS = 2


def may_move(state: str, to: str) -> bool:
    return to in MOVES[state]
