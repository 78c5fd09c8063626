"""Papers of a year: the booklet of the candidates as PDF and Word, in large type (候选项目手册)."""

import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import pylopdf_fonts_zh_cn
import typst

from models.projects import Project, ProjectYear
from services import posters, projects, regions
from services.context import Context
from services.errors import Conflict
from services.rules import project_stages

FONT_DIR = Path(pylopdf_fonts_zh_cn.__file__).parent
_FOLDER = Path(__file__).parent


def render(layout: str, data: Mapping[str, Any], picture: bytes = b"") -> bytes:
    """Compile a layout that reads `data.json` beside it: what people typed is data there and never markup."""
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder, "main.typ")
        main.write_bytes((_FOLDER / layout).read_bytes())
        Path(folder, "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        Path(folder, "code.png").write_bytes(picture)
        return typst.compile(str(main), format="pdf", font_paths=[str(FONT_DIR)], ignore_system_fonts=True)


def build_booklet(ctx: Context, year: ProjectYear) -> bytes:
    """The candidates as PDF, in the order of the ballot."""
    rows = _candidates(ctx, year)
    return render("booklet.typ", {
        "title": f"{title_of(ctx, year)}候选项目手册", "note": f"共{len(rows)}项候选项目，按票上的顺序排列",
        "projects": [{"position": row.position, "name": row.name, "content": row.content, "facts": facts_of(row)}
                     for row in rows]})


def build_poster(ctx: Context, year: ProjectYear) -> bytes:
    """The call on one page, with a code that opens the public page."""
    region = regions.get_region(ctx.session, year.region_id)
    return render("call.typ", {
        "place": regions.full_name(ctx.session, region), "title": f"{year.year}年民生实事项目征集", "text": year.call_text,
        "period": f"{year.call_opens_on:%Y年%m月%d日}至{year.call_closes_on:%Y年%m月%d日}",
    }, posters.web_code(public_address(ctx, year)))


def public_address(ctx: Context, year: ProjectYear) -> str:
    return f"{ctx.settings.public_base_url}/projects/{year.id}"


def build_word_booklet(ctx: Context, year: ProjectYear) -> bytes:
    """The same booklet as .docx, for the secretariat to lay out."""
    document = docx.Document()
    document.add_heading(f"{title_of(ctx, year)}候选项目手册", level=0)
    for row in _candidates(ctx, year):
        document.add_heading(f"{row.position}. {row.name}", level=1)
        document.add_paragraph(row.content)
        table = document.add_table(rows=0, cols=2)
        table.style = "Table Grid"
        for name, value in facts_of(row):
            cells = table.add_row().cells
            cells[0].text, cells[1].text = name, value
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def title_of(ctx: Context, year: ProjectYear) -> str:
    """`白鹿县青石镇2027年民生实事项目`."""
    place = regions.full_name(ctx.session, regions.get_region(ctx.session, year.region_id))
    return f"{place}{year.year}年民生实事项目"


def facts_of(row: Project) -> list[tuple[str, str]]:
    """What the booklet, the phone and the public page say of a project, as pairs of words."""
    return [("实施地点", row.place), ("投资估算", project_stages.yuan(row.investment_fen)), ("资金来源", row.fund_source),
            ("受益人数", f"约{row.beneficiaries}人"), ("建设周期", f"{row.months}个月"), ("责任单位", row.responsible_unit)]


def _candidates(ctx: Context, year: ProjectYear) -> list[Project]:
    rows = projects.list_projects(ctx.session, year.id, "candidate", "elected", "not_elected")
    if not rows:
        raise Conflict("project_candidates_missing")
    return rows
