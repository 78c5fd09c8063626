"""Import of the roster: template, judgement of every row, all or nothing."""

import io
from collections.abc import Sequence

import pytest
import xlsxwriter
from sqlalchemy import func, select

from models.deputies import Congress, DeputyGroup, GroupMember, Mandate, Person, RosterImport
from models.stations import StationDeputy
from services import deputies, roster
from services.context import Context
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.rules.sentences import SENTENCES
from tests.factories import World
from tests.workbook_files import SHEET, bomb, book, changed, old_file, with_cells

GOOD = ("王建国", "13911110000", "支书", "乡镇", "18", "18-001", "第1选区", "第一代表团", "农业组;第一小组", "")
FIELDS = dict(zip(roster.COLUMNS, range(len(roster.COLUMNS)), strict=True))


def _row(**changes: str) -> list[str]:
    values = list(GOOD)
    for name, value in changes.items():
        values[FIELDS[name]] = value
    return values


def _preview(world: World, *rows: Sequence[str], ctx: Context | None = None) -> RosterImport:
    ctx = ctx or world.ctx_of(world.staff())
    return roster.preview(ctx, region=world.township, filename="名册.xlsx", content=roster.build_sheet(rows))


def _count(world: World, table: type) -> int:
    return world.system.session.scalar(select(func.count()).select_from(table)) or 0


def _problems(record: RosterImport) -> list[tuple[int, str]]:
    return [(result["row"], result["message"]) for result in record.results if result["outcome"] == "error"]


def test_the_template_opens_and_its_example_imports(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    record = roster.preview(ctx, region=world.township, filename="模板.xlsx", content=roster.build_template())
    assert [result["outcome"] for result in record.results] == ["new"]
    roster.apply(ctx, record.id)
    assert world.system.session.scalars(select(Person.name)).one() == "张示例"


@pytest.mark.parametrize(("content", "code"), [
    (old_file("EncryptionInfo", "EncryptedPackage"), "roster_locked"), (old_file("Workbook"), "roster_old_format"),
    (with_cells('<row r="9"><c r="XFD1048576"><v>1</v></c></row>'), "roster_too_wide"),
    (bomb(), "roster_bloated"), (changed(book(), SHEET, b"</sheetData>", b""), "roster_damaged")],
    ids=["locked", "old", "far", "bomb", "broken"])
def test_a_file_nobody_can_read_says_what_to_do_with_it(world: World, content: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code) as refused:
        roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x.xlsx", content=content)
    assert refused.value.message == SENTENCES[code]
    assert _count(world, RosterImport) == 0


def _with_formulas(*formulas: tuple[str, str, object]) -> bytes:
    """A good roster where some cells of its first row are formulas with a kept value."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, [*roster.COLUMNS, "备注"])
        sheet.write_row(1, 0, GOOD)
        for column, formula, value in formulas:
            sheet.write_formula(1, [*roster.COLUMNS, "备注"].index(column), formula, None, value)
    return buffer.getvalue()


@pytest.mark.parametrize(("formula", "value"), [("=A1", "王建国"), ("=A1", ""), ("=1/0", "#DIV/0!")])
def test_a_formula_is_told_by_its_column_whatever_it_last_came_to(world: World, formula: str, value: str) -> None:
    record = roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x.xlsx",
                            content=_with_formulas(("姓名", formula, value)))
    assert _problems(record) == [(2, "“姓名”是公式，请复制后选择性粘贴为数值")]


def test_a_row_of_nothing_but_formulas_is_not_overlooked(world: World) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, roster.COLUMNS)
        sheet.write_formula(1, 1, "=B9", None, "")
    record = roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x.xlsx",
                            content=buffer.getvalue())
    assert _problems(record) == [(2, "“手机号”是公式，请复制后选择性粘贴为数值")]


def test_a_formula_in_a_column_that_is_not_read_is_no_matter(world: World) -> None:
    record = roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x.xlsx",
                            content=_with_formulas(("备注", "=ROW()-1", 1)))
    assert _problems(record) == []


def test_a_preview_writes_nobody(world: World) -> None:
    record = _preview(world, GOOD)
    assert record.state == "previewed"
    assert _count(world, Person) == 0
    assert "王建国" not in record.rows_cipher
    assert "王建国" not in str(record.results)


def test_applying_makes_person_mandate_groups_and_congress(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    roster.apply(ctx, _preview(world, GOOD, ctx=ctx).id)
    person = ctx.session.scalars(select(Person)).one()
    card = deputies.get_for_staff(ctx, person.id)
    assert (card.name, card.title, card.phone_masked) == ("王建国", "支书", "139****0000")
    assert card.groups == ["农业组", "第一小组"]
    mandate = card.mandates[0]
    assert (mandate.level, mandate.term_no, mandate.delegation, mandate.deputy_no, mandate.constituency) == (
        "township", 18, "第一代表团", "18-001", "第1选区")
    assert mandate.congress_name == "白鹿县青石镇第18届人民代表大会"


def test_a_station_of_the_region_takes_its_deputy(world: World) -> None:
    station = world.create_station()
    ctx = world.ctx_of(world.staff())
    roster.apply(ctx, _preview(world, _row(联络站=station.name), ctx=ctx).id)
    assert ctx.session.scalars(select(StationDeputy.station_id)).one() == station.id


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"姓名": ""}, "缺少姓名"),
    ({"姓名": "王" * 41}, "姓名过长（最多40字）"),
    ({"手机号": "1391111"}, "手机号不是11位数字"),
    ({"手机号": ""}, "手机号不是11位数字"),
    ({"代表层级": "村"}, "代表层级只能填：全国、省、市、县、乡镇"),
    ({"届次": "十八"}, "届次应为数字，如 18"),
    ({"届次": "0"}, "届次应为数字，如 18"),
    ({"届次": "100"}, "届次应为数字，如 18"),
    ({"届次": "²"}, "届次应为数字，如 18"),
    ({"联络站": "没有的站"}, "没有这个联络站，请先建站或核对站名"),
    ({"代表层级": "市"}, "该层级没有对应的地区，请联系上级导入")])
def test_each_wrong_row_is_told_by_its_own_sentence(world: World, changes: dict[str, str], sentence: str) -> None:
    assert _problems(_preview(world, _row(**changes))) == [(2, sentence)]


def test_a_term_may_be_written_with_its_words(world: World) -> None:
    assert _problems(_preview(world, _row(届次="第18届"))) == []


def test_the_same_person_level_and_term_twice_is_an_error_of_the_second_row(world: World) -> None:
    assert _problems(_preview(world, GOOD, GOOD)) == [(3, "与第2行重复：同一人、同一级、同一届")]


def test_one_number_with_two_names_is_an_error_of_the_second_row(world: World) -> None:
    assert _problems(_preview(world, GOOD, _row(姓名="李四"))) == [(3, "与第2行手机号重复")]


def test_a_number_of_another_region_is_refused(world: World) -> None:
    world.create_person(world.other_township, phone="13911110000")
    assert _problems(_preview(world, GOOD)) == [(2, "该手机号已登记在其他地区，请与县代工委核对；代表调动由县代工委办理")]


def test_a_number_of_somebody_else_here_is_refused(world: World) -> None:
    world.create_person(name="李四", phone="13911110000")
    assert _problems(_preview(world, GOOD)) == [(2, "该手机号已登记为另一位代表，请核对姓名或手机号")]


def test_a_station_of_another_township_is_unknown_here(world: World) -> None:
    station = world.create_station(world.other_township, name="流沙镇代表工作站")
    assert _problems(_preview(world, _row(联络站=station.name)))[0][1].startswith("没有这个联络站")


def test_one_bad_row_leaves_no_person_at_all(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    record = _preview(world, GOOD, _row(手机号="1"), ctx=ctx)
    with pytest.raises(Invalid, match="roster_has_errors") as refused:
        roster.apply(ctx, record.id)
    assert "1行" in refused.value.message
    assert (_count(world, Person), _count(world, Mandate), _count(world, Congress)) == (0, 0, 0)


def test_a_row_that_became_wrong_after_the_preview_stops_the_whole_import(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    record = _preview(world, _row(手机号="13911110001"), GOOD, ctx=ctx)
    world.create_person(world.other_township, name="别处的人", phone="13911110000")
    with pytest.raises(Invalid, match="roster_has_errors"), ctx.session.begin_nested():
        roster.apply(ctx, record.id)
    assert ctx.session.scalars(select(Person.name)).all() == ["别处的人"]


def test_an_import_is_applied_once(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    record = _preview(world, GOOD, ctx=ctx)
    roster.apply(ctx, record.id)
    with pytest.raises(Conflict, match="roster_decided"):
        roster.apply(ctx, record.id)
    with pytest.raises(Conflict, match="roster_decided"):
        roster.discard(ctx, record.id)


def test_a_discarded_import_keeps_no_names(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    record = _preview(world, GOOD, ctx=ctx)
    roster.discard(ctx, record.id)
    assert (record.state, roster.open_rows(ctx, record)) == ("discarded", [])
    with pytest.raises(Conflict, match="roster_decided"):
        roster.apply(ctx, record.id)


def test_importing_again_updates_and_doubles_nothing(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    roster.apply(ctx, _preview(world, GOOD, ctx=ctx).id)
    second = _preview(world, _row(职务="村主任", 代表证号="18-009"), ctx=ctx)
    assert [result["outcome"] for result in second.results] == ["update"]
    roster.apply(ctx, second.id)
    counts = [_count(world, table) for table in (Person, Mandate, Congress, DeputyGroup, GroupMember)]
    assert counts == [1, 1, 1, 2, 2]
    assert ctx.session.scalars(select(Person.title)).one() == "村主任"
    assert ctx.session.scalars(select(Mandate.deputy_no)).one() == "18-009"


def test_an_empty_cell_does_not_wipe_what_was_known(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    for row in (GOOD, _row(职务="", 代表证号="")):
        roster.apply(ctx, _preview(world, row, ctx=ctx).id)
    assert ctx.session.scalars(select(Person.title)).one() == "支书"
    assert ctx.session.scalars(select(Mandate.deputy_no)).one() == "18-001"


def test_two_levels_of_one_person_are_two_mandates(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    roster.apply(ctx, _preview(world, GOOD, _row(代表层级="县"), ctx=ctx).id)
    assert _count(world, Person) == 1
    assert set(ctx.session.scalars(select(Congress.level))) == {"township", "county"}
    assert _count(world, Mandate) == 2


def test_a_number_typed_as_a_number_in_the_sheet_is_read(world: World) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, roster.COLUMNS)
        sheet.write_row(1, 0, ["王建国", 13911110000, "", "乡镇", 18])
    record = roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x.xlsx",
                            content=buffer.getvalue())
    assert _problems(record) == []


def _sheet(*rows: Sequence[str]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


@pytest.mark.parametrize(("content", "code"), [
    (b"", "roster_not_xlsx"), (b"name,phone\n", "roster_not_xlsx"), (b"PK\x03\x04broken", "roster_not_xlsx"),
    (_sheet(), "roster_empty"), (_sheet(roster.COLUMNS), "roster_empty"),
    (_sheet(roster.COLUMNS, ["", " "]), "roster_empty"),
    (_sheet(["姓名", "职务"], ["王", "x"]), "roster_column_missing"),
    (b"0" * (roster.MAX_BYTES + 1), "roster_too_large")])
def test_a_file_that_is_no_roster_says_why(world: World, content: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x", content=content)


def test_the_missing_columns_are_named(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x",
                       content=_sheet(["姓名", "职务"], ["王", "x"]))
    assert "手机号、代表层级、届次" in refused.value.message


def test_columns_may_stand_in_any_order(world: World) -> None:
    order = list(reversed(range(len(roster.COLUMNS))))
    content = _sheet([roster.COLUMNS[place] for place in order], [GOOD[place] for place in order])
    record = roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x", content=content)
    assert _problems(record) == []


def test_a_chair_imports_nobody(world: World) -> None:
    with pytest.raises(Forbidden):
        _preview(world, GOOD, ctx=world.ctx_of(world.staff("township_chair")))


def test_another_township_does_not_find_the_import(world: World) -> None:
    record = _preview(world, GOOD)
    foreign = world.ctx_of(world.staff(region=world.other_township))
    assert roster.list_imports(foreign) == []
    with pytest.raises(NotFound):
        roster.apply(foreign, record.id)


@pytest.mark.parametrize("place", [2, 5, 6, 7, 8, 9])
def test_a_cell_longer_than_sixty_characters_is_an_error_of_its_row(world: World, place: int) -> None:
    row = _row()
    row[place] = "长" * 61
    assert "过长（最多60字）" in _problems(_preview(world, row))[0][1]


def test_a_known_deputy_of_another_level_gets_a_further_mandate(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    roster.apply(ctx, _preview(world, GOOD, ctx=ctx).id)
    second = _preview(world, _row(代表层级="县"), ctx=ctx)
    assert [(result["outcome"], result["message"]) for result in second.results] == [("mandate", "已在名册，增加职务")]
    assert [result["message"] for result in roster.apply(ctx, second.id).results] == ["已增加职务"]


def test_a_roster_does_not_revive_an_ended_mandate(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    roster.apply(ctx, _preview(world, GOOD, ctx=ctx).id)
    ctx.session.scalars(select(Mandate)).one().state = "ended"
    ctx.session.flush()
    assert _problems(_preview(world, GOOD, ctx=ctx)) == [(2, "该代表的这一届职务已终止；如属误登，请在代表页面撤销终止")]
    assert _problems(_preview(world, _row(届次="19"), ctx=ctx)) == []
