"""Livelihood projects by chatting: the year's call, candidates and results, the next vote, an own idea."""

import re

from services import ballots, project_papers, projects
from services.assistant import dialogue, knowledge, residents
from services.assistant.dialogue import Talk
from services.assistant.speech import CANCEL, CONFIRM, Choice, Line, Link, buttons
from services.context import Context
from services.rules import intents
from services.rules.project_stages import PROJECT_STATES, STAGE_NAMES, yuan

_ALL = Link("民生实事项目", "/pages-project/list/list")
_MINE = Link("我提的项目", "/pages-project/mine/mine")
#: So many projects are told in one message; the page has the rest.
_MOST = 10
_TITLE = 30
_BEGINNING = re.compile(
    r"^(我|我们)?(想|要|希望|建议|提议)?(给|向)?(镇里|县里)?(提(个|一个|交)?)?(民生)?(实事)?(项目)?(建议|的建议)?[，,：:。 ]*")


# --- asking -----------------------------------------------------------------------------------------


def tell_projects(ctx: Context, talk: Talk, text: str) -> Line:
    """The project named, or the newest year: its candidates once frozen, before that how far the year is."""
    name = str(talk.slots.get("said", {}).get("project") or "")
    named = projects.progress_of(ctx, name) if name else []
    if named:
        return Line("\n\n".join(_words_of(row) for row in named), buttons("民生实事项目"), _year_link(named[0].year_id))
    years = projects.list_my_years(ctx)
    if not years:
        return Line("您所在的镇和县还没有发布民生实事项目的征集公告。有想法可以先作为意见提出来。", buttons("提民生项目", "转人工"), _ALL)
    found = projects.list_candidates(ctx)
    if found:
        year = projects.get_my_year(ctx, found[0].year_id)
        listed = "\n".join(f"{number}. {row.name}（{PROJECT_STATES[row.state]}）" for number, row in enumerate(found[:_MOST], 1))
        more = f"\n……共 {len(found)} 个，其余请点开看。" if len(found) > _MOST else ""
        return Line(f"{project_papers.title_of(ctx, year)}，{STAGE_NAMES[year.stage]}：\n{listed}{more}", buttons("什么时候票决"),
                    _year_link(year.id))
    year = years[0]
    call = f"征集到{year.call_closes_on:%Y年%m月%d日}为止，可以直接告诉我您想办的实事。" if projects.is_open(ctx, year) \
        else "候选项目还没有确定，确定后在这里公布。"
    return Line(f"{project_papers.title_of(ctx, year)}：{STAGE_NAMES[year.stage]}。{call}", buttons("提民生项目"), _year_link(year.id))


def _words_of(row: projects.Project) -> str:
    return (f"{row.name}（{PROJECT_STATES[row.state]}）\n{row.content}\n地点：{row.place}　投资：{yuan(row.investment_fen)}　"
            f"责任单位：{row.responsible_unit}")


def _year_link(year_id: int) -> Link:
    return Link("项目详情", f"/pages-project/year/year?id={year_id}")


def tell_vote(ctx: Context, talk: Talk, text: str) -> Line:
    """The next sitting that votes, and how the vote goes; without one, what is known of voting."""
    vote = ballots.next_vote(ctx)
    if vote is not None:
        where = f"，地点：{vote.sitting.place}" if vote.sitting.place else ""
        return Line(f"{vote.sitting.name}：{vote.sitting.held_on:%Y年%m月%d日}票决民生实事项目{where}，现在{vote.state_name}。\n"
                    "票决以无记名投票进行，全体代表过半数赞成才能当选。", buttons("民生实事项目", "看通知"), _ALL)
    found = knowledge.find(text)
    known = f"{found.answer}\n（来源：{found.source}）\n" if found is not None else ""
    return Line(f"{known}目前没有已召集的票决会议。票决在人代会现场以无记名投票进行，时间、候选项目和办法以会议通知为准。",
                buttons("民生实事项目", "看通知"), Link("全部通知", "/pages-notice/list/list"))


# --- an own idea ------------------------------------------------------------------------------------


def suggest_project(ctx: Context, talk: Talk, text: str) -> Line:
    """An idea for the call that is open, confirmed before it goes in; with no call open it goes in as an opinion."""
    if talk.step and not {"year_id", "calls"} & talk.slots.keys():
        return residents.suggest_project(ctx, talk, text)  # begun while no call was open
    steps = {"": _start, "year": _take_year, "text": _take_text, "confirm": _finish}
    return dialogue.go_on(steps, ctx, talk, text)


def _start(ctx: Context, talk: Talk, text: str) -> Line:
    calls = [year for year in projects.list_my_years(ctx) if projects.is_open(ctx, year)]
    if not calls:
        line = residents.suggest_project(ctx, talk, text)
        return Line(f"现在没有开放的项目征集，先按意见收下，工作人员会转入下一次征集。\n{line.text}", line.choices, line.link)
    body = _BEGINNING.sub("", text.strip())
    if len(intents.clean(body)) >= 8:
        talk.slots["text"] = body
    if len(calls) > 1:
        talk.slots["calls"] = [[year.id, project_papers.title_of(ctx, year)] for year in calls]
        dialogue.ask(ctx, talk, "year")
        return Line("现在有几个征集，您想提给哪一个？", (*(Choice(title, title) for _id, title in talk.slots["calls"]), CANCEL))
    talk.slots["year_id"] = calls[0].id
    return _ask_next(ctx, talk)


def _take_year(ctx: Context, talk: Talk, text: str) -> Line:
    said = intents.clean(text)
    chosen = [number for number, title in talk.slots["calls"] if said and said in intents.clean(title)]
    if len(chosen) != 1:
        dialogue.ask(ctx, talk, "year")
        return Line("请从下面选一个：", (*(Choice(title, title) for _id, title in talk.slots["calls"]), CANCEL))
    talk.slots["year_id"] = chosen[0]
    return _ask_next(ctx, talk)


def _take_text(ctx: Context, talk: Talk, text: str) -> Line:
    talk.slots["text"] = text.strip()
    return _ask_next(ctx, talk)


def _ask_next(ctx: Context, talk: Talk) -> Line:
    if "text" not in talk.slots:
        dialogue.ask(ctx, talk, "text")
        return Line("请用一两句话说明：想办什么民生实事、在哪里、为什么需要。", (CANCEL,))
    year = projects.get_my_year(ctx, talk.slots["year_id"])
    dialogue.ask(ctx, talk, "confirm")
    return Line(f"请核对民生实事项目建议：\n提给：{project_papers.title_of(ctx, year)}\n题目：{_title_of(talk.slots['text'])}\n"
                f"内容：{talk.slots['text']}\n\n回复“确认”即提交。", (CONFIRM, CANCEL), _year_link(year.id))


def _title_of(text: str) -> str:
    """The first clause, short enough for a list."""
    return re.split(r"[，,。；;！!\n]", text.strip(), maxsplit=1)[0][:_TITLE] or text.strip()[:_TITLE]


def _finish(ctx: Context, talk: Talk, text: str) -> Line:
    better = intents.corrected(text, talk.slots["text"])
    if better is not None:
        return _take_text(ctx, talk, better)
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "text")
        return Line("好的，请把想办的实事重新说一遍。", (CANCEL,))
    idea = projects.submit_idea(ctx, talk.slots["year_id"], projects.IdeaForm(_title_of(talk.slots["text"]), talk.slots["text"]))
    dialogue.close(ctx)
    return Line(f"已提交，编号 {idea.number}。是否列入、列入哪个项目，都会在“我提的项目”里告诉您。", buttons("民生实事项目"), _MINE)
