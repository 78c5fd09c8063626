"""The life of a deputy's suggestion (代表建议): states, their names and the allowed moves (a table, not ifs)."""

STATE_NAMES = {
    "draft": "起草中", "cosigning": "联名确认中", "submitted": "待审查", "returned": "退回修改", "not_admitted": "不予受理",
    "withdrawn": "已撤回", "registered": "已登记，待交办", "assigned": "已交办，待接办", "objected": "承办单位提出异议",
    "handling": "办理中", "answered": "已答复，待评价", "redo": "重新办理", "coordination": "协调督办",
    "commitment": "承诺事项跟踪", "closed": "已办结", "archived": "已归档",
}
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"cosigning", "submitted", "withdrawn"}),
    # cosigning → draft: the text is changed, so everybody is asked again.
    "cosigning": frozenset({"draft", "submitted", "withdrawn"}),
    "submitted": frozenset({"returned", "not_admitted", "registered", "withdrawn"}),
    "returned": frozenset({"draft", "withdrawn"}),
    "not_admitted": frozenset({"archived"}),
    "withdrawn": frozenset(),
    "registered": frozenset({"assigned", "withdrawn"}),
    "assigned": frozenset({"objected", "handling", "withdrawn"}),
    # The office reassigns, or rejects the objection and the unit handles it.
    "objected": frozenset({"assigned", "handling", "withdrawn"}),
    "handling": frozenset({"answered", "withdrawn"}),
    # An unsatisfied deputy opens the redo once; a second time the office coordinates.
    "answered": frozenset({"closed", "commitment", "redo", "coordination"}),
    "redo": frozenset({"answered"}),
    "coordination": frozenset({"closed", "commitment"}),
    "commitment": frozenset({"closed"}),
    "closed": frozenset({"archived"}),
    "archived": frozenset(),
}
#: States in which somebody of the office or a unit still has work.
OPEN_STATES = ("submitted", "registered", "assigned", "objected", "handling", "answered", "redo", "coordination",
               "commitment")
#: States in which the answer's clock runs.
ANSWERING = ("assigned", "objected", "handling", "redo")

TIMING_NAMES = {"session": "会议期间", "between": "闭会期间"}
KIND_NAMES = {"single": "个人提出", "joint": "联名提出", "delegation": "代表团提出"}
CATEGORIES = {
    "finance": "财政经济", "urban": "城建环资", "agriculture": "农业农村", "culture": "教科文卫", "justice": "监察司法",
    "society": "社会建设",
}
ANSWER_CLASSES = {
    "A": "已经解决或基本解决", "B": "正在解决或列入计划逐步解决", "C": "列入规划，待条件具备后解决",
    "D": "受条件限制等暂不能解决，留作参考",
}
#: These promise something, and a promise has a day.
PROMISING = frozenset({"B", "C"})
GRADE_NAMES = {"satisfied": "满意", "basically_satisfied": "基本满意", "unsatisfied": "不满意"}
COSIGN_NAMES = {"invited": "待确认", "confirmed": "已确认联名", "declined": "未同意联名", "withdrawn": "已撤回联名"}
PUBLICATION_NAMES = {"undecided": "尚未决定", "full": "全文公开", "summary": "摘要公开", "none": "不公开"}
CONTACT_WAYS = {"face": "当面沟通", "visit": "现场察看", "phone": "电话", "meeting": "座谈会"}

#: What may not be filed as a suggestion (the union of the provinces' texts).
NOT_ADMITTED = {
    "own_matter": "涉及代表本人及其亲属个人事务", "forwarded_letter": "代转群众来信",
    "pending_case": "涉及正在办理的具体案件", "tender": "涉及招标投标结果", "accusation": "属于检举、申诉、控告",
    "promotion": "学术探讨或者产品推介", "consultation": "属于政策咨询", "no_content": "没有实际内容",
    "beyond_powers": "超出本级职权范围", "profit": "涉及代表本人营利",
}
RETURNED = {
    "several_matters": "一件建议写了多件事，请一事一议", "unclear": "事由或建议不具体", "form": "格式不合要求",
    "cosigners": "联名手续不全", "duplicate": "内容与已提出的建议相同",
}
MAX_ROUNDS = 2


def may_move(state: str, to: str) -> bool:
    return to in MOVES[state]


def is_unsatisfied(result: str) -> bool:
    """Attitude and result are rated apart; the result decides whether the matter is handled again."""
    return result == "unsatisfied"


def find_signing_fault(kind: str, timing: str, confirmed: int, waiting: int) -> str | None:
    """What is wrong with the signatures, as a code: a suggestion needs no least number, unlike a bill (议案).

    A joint one has a co-signer who confirmed and nobody still asked; a delegation's is for the session only.
    """
    if waiting:
        return "suggestion_cosigners_waiting"
    if kind == "joint" and not confirmed:
        return "suggestion_joint_alone"
    if kind == "delegation" and timing != "session":
        return "suggestion_delegation_between"
    return None
