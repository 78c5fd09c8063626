"""Questions answered in one line: the ranking, a quiz, and what the knowledge base knows."""

from models.deputies import Mandate
from services import point_ranking, points
from services.assistant import knowledge
from services.assistant.dialogue import Talk
from services.assistant.speech import Line, Link, buttons
from services.context import Context

_QUARTERS = {1: "前四分之一", 2: "第二个四分之一", 3: "第三个四分之一", 4: "后四分之一"}


def tell_ranking(ctx: Context, talk: Talk, text: str) -> Line:
    """In which quarter of the own congress one stands: places and others' points are for the staff."""
    parts = []
    for row in points.own_totals(ctx, ctx.today.year):
        quarter = point_ranking.quarter_of(ctx, ctx.session.get_one(Mandate, row.mandate_id), year=ctx.today.year)
        where = f"排在{_QUARTERS[quarter]}" if quarter else "人数较少，不分段排列"
        parts.append(f"{row.congress_name}：{ctx.today.year}年 {row.total} 分，{where}")
    if not parts:
        return Line("没有在任职务，暂无积分。", buttons("转人工"))
    told = "\n".join(parts)
    return Line(f"{told}\n其他代表的名次和得分由工作人员按规定公布，这里只告诉您本人所在的位置。", buttons("我的积分"),
                Link("积分明细", "/pages-duty/points/points"))


def tell_quiz(ctx: Context, talk: Talk, text: str) -> Line:
    return Line("助手里还不能答题。学习和测试的安排请看通知，参加培训后可以登记履职。", buttons("看通知", "登记履职"),
                Link("全部通知", "/pages-notice/list/list"))


def answer_question(ctx: Context, talk: Talk, text: str) -> Line:
    """The nearest entry with its source, or an honest sentence and a person."""
    found = knowledge.find(text)
    if found is None:
        return Line("这个问题我还没有可靠的答案，可以换个问法，或转工作人员答复。", buttons("转人工", "能做什么"))
    link = Link("账号与隐私", "/pages-me/account/account") if "隐私" in found.questions[0] else None
    return Line(f"{found.answer}\n（来源：{found.source}，{knowledge.REVIEWED_ON:%Y年%m月%d日}核对）", buttons("转人工"), link)
