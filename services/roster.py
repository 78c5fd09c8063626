"""Import of the deputies' roster from .xlsx: template, preview with row errors, then all or nothing."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import python_calamine
import xlsxwriter
from sqlalchemy import select

from models.deputies import Congress, Delegation, DeputyGroup, GroupMember, Mandate, Person, RosterImport
from models.insert_once import find_or_insert
from models.regions import Region
from models.stations import Station, StationDeputy
from services import access, audit, identity, regions
from services.context import Context
from services.errors import Conflict, Invalid
from services.identity import PHONE
from services.rules.phones import normalise_phone
from services.rules.sentences import SENTENCES
from services.rules.workbooks import UnreadableWorkbook, find_formulas

COLUMNS = ("姓名", "手机号", "职务", "代表层级", "届次", "代表证号", "选区（选举单位）", "代表团", "代表小组", "联络站")
REQUIRED = ("姓名", "手机号", "代表层级", "届次")
LEVELS = {"全国": "national", "省": "provincial", "市": "municipal", "县": "county", "乡镇": "township"}
_LEVEL_REGION = {"national": "province", "provincial": "province", "municipal": "city", "county": "county",
                 "township": "township"}
#: Characters of one cell; longer ones are a slip of the mouse.
MAX_CELL = 60
MAX_NAME = 40
MAX_BYTES = 5 * 1024 * 1024
_ROWS = "roster.rows"


@dataclass(frozen=True)
class RosterRow:
    row: int
    name: str
    phone: str
    title: str
    level: str
    term_no: int
    deputy_no: str
    constituency: str
    delegation: str
    groups: tuple[str, ...]
    station: str


@dataclass(frozen=True)
class RowResult:
    """What will happen (or happened) to one row: new, update, mandate or error, with a sentence."""

    row: int
    outcome: str
    message: str


def build_template() -> bytes:
    """An .xlsx with the columns, one invented example and the allowed words of each column."""
    return build_sheet([["张示例", "13800000000", "某村党支部书记", "乡镇", "18", "18-001", "第3选区", "第一代表团",
                         "农业农村组;第一代表小组", ""]])


def build_sheet(rows: Sequence[Sequence[str]]) -> bytes:
    """A roster in the template's form."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F3E3E3", "border": 1})
        sheet = book.add_worksheet("代表名册")
        sheet.write_row(0, 0, [f"{name}*" if name in REQUIRED else name for name in COLUMNS], head)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
        sheet.set_column(0, len(COLUMNS) - 1, 18)
        sheet.data_validation(1, 3, 2000, 3, {"validate": "list", "source": list(LEVELS)})
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 80)
        notes.write_column(0, 0, [
            "带 * 的列必须填写；第2行是示例，请删除后再填。",
            "同一人有几级代表身份时，每级填一行，手机号相同。",
            "代表层级只能填：全国、省、市、县、乡镇；届次填数字。",
            "代表小组可填多个，用分号隔开；没有的小组会新建。联络站须先在后台建好，填全称。",
        ])
    return buffer.getvalue()


def preview(ctx: Context, *, region: Region, filename: str, content: bytes) -> RosterImport:
    """Read and judge every row without writing any of them; the clerk then applies or discards."""
    access.require(ctx, "roster.import")
    rows, results = _judge(ctx, region, _read_lines(content))
    record = RosterImport(
        region_id=region.id, staff_id=access.staff_id(ctx), filename=filename[:120],
        rows_cipher=ctx.gateways.cipher.seal(json.dumps([asdict(row) for row in rows], ensure_ascii=False), _ROWS),
        results=[asdict(result) for result in results], created_at=ctx.now)
    ctx.session.add(record)
    ctx.session.flush()
    audit.record(ctx, "roster.previewed", f"roster_import:{record.id}", {"rows": len(results)}, region_id=region.id)
    return record


def open_rows(ctx: Context, record: RosterImport) -> list[RosterRow]:
    """The readable rows of a preview, for the page that shows them; none once their time of keeping is over."""
    if not record.rows_cipher:
        return []
    raw = json.loads(ctx.gateways.cipher.open(record.rows_cipher, _ROWS))
    return [RosterRow(**{**row, "groups": tuple(row["groups"])}) for row in raw]


def apply(ctx: Context, import_id: int) -> RosterImport:
    """Write the whole roster or nothing: judged again, since others may have written meanwhile."""
    record = access.access_roster_import(ctx, import_id, "roster.import")
    if record.state != "previewed":
        raise Conflict("roster_decided")
    region = regions.get_region(ctx.session, record.region_id)
    rows = open_rows(ctx, record)
    errors = [result for result in record.results if result["outcome"] == "error"]
    if errors:
        raise Invalid("roster_has_errors", count=len(errors))
    # Congresses are shared between townships: always in this order, so that two imports never wait for each other.
    for level, term_no in sorted({(row.level, row.term_no) for row in rows}):
        _put_congress(ctx, region, level, term_no)
    results = [put_row(ctx, region, row) for row in rows]
    record.results = [asdict(result) for result in results]
    record.state, record.applied_at = "applied", ctx.now
    audit.record(ctx, "roster.applied", f"roster_import:{record.id}", {"rows": len(results)}, region_id=region.id)
    return record


def discard(ctx: Context, import_id: int) -> None:
    record = access.access_roster_import(ctx, import_id, "roster.import")
    if record.state != "previewed":
        raise Conflict("roster_decided")
    record.state = "discarded"
    record.rows_cipher = ctx.gateways.cipher.seal("[]", _ROWS)
    audit.record(ctx, "roster.discarded", f"roster_import:{record.id}")


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """One row of the file; `formulas` are its columns that hold one."""

    number: int
    values: dict[str, str]
    formulas: frozenset[str]


def _read_lines(content: bytes) -> list[_Line]:
    if len(content) > MAX_BYTES:
        raise Invalid("roster_too_large")
    try:
        places = find_formulas(content)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        table = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except UnreadableWorkbook as error:
        raise Invalid(error.code) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Invalid("roster_damaged") from error
    if not table:
        raise Invalid("roster_empty")
    heads = [_text(cell).rstrip("*＊") for cell in table[0]]
    missing = [name for name in REQUIRED if name not in heads]
    if missing:
        raise Invalid("roster_column_missing", columns="、".join(missing))
    formulas: dict[int, set[str]] = {}
    for row, column in places:
        if row > 1 and column <= len(heads) and heads[column - 1] in COLUMNS:
            formulas.setdefault(row, set()).add(heads[column - 1])
    filled = {number: cells for number, cells in enumerate(table[1:], start=2) if any(_text(cell) for cell in cells)}
    lines = [_Line(number, dict(zip(heads, map(_text, filled.get(number, ())), strict=False)),
                   frozenset(formulas.get(number, ()))) for number in sorted(filled.keys() | formulas.keys())]
    if not lines:
        raise Invalid("roster_empty")
    return lines


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


# --- judging ----------------------------------------------------------------------------------------


def _judge(ctx: Context, region: Region, lines: Sequence[_Line]) -> tuple[list[RosterRow], list[RowResult]]:
    stations = set(ctx.session.scalars(select(Station.name).where(access.in_scope(ctx, Station.region_id))))
    rows: list[RosterRow] = []
    results: list[RowResult] = []
    seen_mandates: dict[tuple[str, str, int], int] = {}
    seen_names: dict[str, tuple[int, str]] = {}
    for line in lines:
        row, problem = _parse(line)
        if row is not None and problem is None:
            problem = _duplicate(row, seen_mandates, seen_names)
        if row is not None and problem is None and row.station and row.station not in stations:
            problem = SENTENCES["roster_station_unknown"]
        outcome, message = ("error", problem) if problem or row is None else forecast(ctx, region, row)
        if row is not None and outcome != "error":
            rows.append(row)
        results.append(RowResult(line.number, outcome, message or SENTENCES["field_invalid"]))
    return rows, results


def _parse(line: _Line) -> tuple[RosterRow | None, str | None]:
    def get(name: str) -> str:
        return line.values.get(name, "")

    for name in COLUMNS:
        if name in line.formulas:
            return None, SENTENCES["roster_cell_formula"].format(column=name)
    phone, level, term = normalise_phone(get("手机号")), LEVELS.get(get("代表层级")), get("届次").strip("第届")
    problem = (
        "roster_name_missing" if not get("姓名") else "roster_name_long" if len(get("姓名")) > MAX_NAME
        else "roster_phone_bad" if phone is None else "roster_level_bad" if level is None
        else "roster_term_bad" if not term.isdecimal() or not 1 <= int(term) <= 99 else None
    )
    long = next((name for name in COLUMNS if name != "代表小组" and len(get(name)) > MAX_CELL), None)
    groups = tuple(filter(None, (part.strip() for part in get("代表小组").replace("；", ";").split(";"))))
    if any(len(name) > MAX_CELL for name in groups):
        long = "代表小组"
    if problem is None and long is not None:
        return None, SENTENCES["roster_cell_long"].format(column=long)
    if problem or phone is None or level is None:
        return None, SENTENCES[problem or "field_invalid"]
    return RosterRow(line.number, get("姓名"), phone, get("职务"), level, int(term), get("代表证号"),
                     get("选区（选举单位）"), get("代表团"), groups, get("联络站")), None


def _duplicate(row: RosterRow, mandates: dict[tuple[str, str, int], int],
               names: dict[str, tuple[int, str]]) -> str | None:
    """One phone is one person; one person has one mandate of a level and term."""
    first = names.setdefault(row.phone, (row.row, row.name))
    if first[1] != row.name:
        return SENTENCES["roster_phone_duplicate"].format(row=first[0])
    key = (row.phone, row.level, row.term_no)
    if key in mandates:
        return SENTENCES["roster_person_duplicate"].format(row=mandates[key])
    mandates[key] = row.row
    return None


def forecast(ctx: Context, region: Region, row: RosterRow) -> tuple[str, str]:
    """What a row would do: a new person, a further mandate of a known one, fresh facts, or why it cannot be."""
    home = _congress_region(ctx, region, row.level)
    if home is None:
        return "error", SENTENCES["roster_congress_region"]
    person = _find_person(ctx, row)
    if person is None:
        return "new", "新增代表"
    problem = _mismatch(person, region, row)
    if problem is not None:
        return "error", SENTENCES[problem]
    mandate = ctx.session.scalar(
        select(Mandate).join(Congress, Congress.id == Mandate.congress_id).where(
            Mandate.person_id == person.id, Congress.region_id == home.id, Congress.level == row.level,
            Congress.term_no == row.term_no))
    if mandate is None:
        return "mandate", "已在名册，增加职务"
    if mandate.state == "ended":
        return "error", SENTENCES["roster_mandate_ended"]
    return "update", "已在名册，更新资料"


def _find_person(ctx: Context, row: RosterRow) -> Person | None:
    return ctx.session.scalar(select(Person).where(
        Person.phone_index == ctx.gateways.cipher.index(row.phone, PHONE)))


def _mismatch(person: Person, region: Region, row: RosterRow) -> str | None:
    """A number belongs to one person of one region."""
    if person.region_id != region.id:
        return "roster_phone_other_region"
    return None if person.name == row.name else "roster_phone_other_name"


# --- writing ----------------------------------------------------------------------------------------

_DONE = {"new": "已新增", "mandate": "已增加职务", "update": "已更新"}


def put_row(ctx: Context, region: Region, row: RosterRow) -> RowResult:
    """Write one row as it was forecast; whatever another wrote at this moment is used, not doubled."""
    outcome, _message = forecast(ctx, region, row)
    if outcome == "error":
        raise Invalid("roster_has_errors", count=1)
    person = _put_person(ctx, region, row)
    _put_mandate(ctx, region, person, row)
    for name in row.groups:
        put_member(ctx, region, person, name)
    if row.station:
        station_id = ctx.session.scalar(select(Station.id).where(
            Station.name == row.station, access.in_scope(ctx, Station.region_id)))
        if station_id is not None:
            find_or_insert(ctx.session, StationDeputy, {"station_id": station_id, "person_id": person.id})
    ctx.session.flush()
    return RowResult(row.row, outcome, _DONE[outcome])


def _put_person(ctx: Context, region: Region, row: RosterRow) -> Person:
    person = find_or_insert(
        ctx.session, Person, {"phone_index": ctx.gateways.cipher.index(row.phone, PHONE)}, region_id=region.id,
        name=row.name, phone_cipher=ctx.gateways.cipher.seal(row.phone, PHONE), created_at=ctx.now)
    if _mismatch(person, region, row) is not None:
        raise Invalid("roster_has_errors", count=1)
    person.title = row.title or person.title or ""
    ctx.session.flush()
    identity.claim_seat_for_known_resident(ctx, person)
    return person


def _put_mandate(ctx: Context, region: Region, person: Person, row: RosterRow) -> None:
    congress = _put_congress(ctx, region, row.level, row.term_no)
    mandate = find_or_insert(ctx.session, Mandate, {"person_id": person.id, "congress_id": congress.id},
                             began_on=ctx.today)
    mandate.deputy_no = row.deputy_no or mandate.deputy_no or ""
    mandate.constituency = row.constituency or mandate.constituency or ""
    if row.delegation:
        mandate.delegation_id = put_delegation(ctx, congress.id, row.delegation).id
    ctx.session.flush()


def _congress_region(ctx: Context, region: Region, level: str) -> Region | None:
    wanted = _LEVEL_REGION[level]
    chain = regions.ancestors(ctx.session, region)
    # National deputies are elected by the province and kept with it.
    return next((candidate for candidate in chain if candidate.level == wanted), None)


def _put_congress(ctx: Context, region: Region, level: str, term_no: int) -> Congress:
    """The congress of this level and term; two clerks who enter its first deputies at once make one."""
    home = _congress_region(ctx, region, level)
    if home is None:
        raise Invalid("roster_congress_region")
    place = "全国" if level == "national" else regions.full_name(ctx.session, home) or home.name
    return find_or_insert(ctx.session, Congress, {"region_id": home.id, "level": level, "term_no": term_no},
                          name=f"{place}第{term_no}届人民代表大会")


def put_delegation(ctx: Context, congress_id: int, name: str) -> Delegation:
    return find_or_insert(ctx.session, Delegation, {"congress_id": congress_id, "name": name})


def put_member(ctx: Context, region: Region, person: Person, name: str) -> None:
    """Into the region's group of this name, which is made when there is none."""
    group = find_or_insert(ctx.session, DeputyGroup, {"region_id": region.id, "name": name})
    find_or_insert(ctx.session, GroupMember, {"group_id": group.id, "person_id": person.id})


def list_imports(ctx: Context, *, limit: int = 20) -> list[RosterImport]:
    """The latest uploads of the actor's region, newest first."""
    access.require(ctx, "roster.import")
    return list(ctx.session.scalars(select(RosterImport).where(access.in_scope(ctx, RosterImport.region_id))
                                    .order_by(RosterImport.id.desc()).limit(limit)))
