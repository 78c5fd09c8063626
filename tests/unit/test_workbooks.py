"""Workbooks nobody should open, each told by its own code."""

import io
import struct
import zipfile

import pytest

from services.rules.workbooks import UnreadableWorkbook, find_formulas
from tests.workbook_files import SHEET, bomb, book, changed, old_file, with_cells


def code(content: bytes) -> str:
    with pytest.raises(UnreadableWorkbook) as refused:
        find_formulas(content)
    return refused.value.code


def test_formulas_are_found_where_they_are_on_the_first_sheet() -> None:
    assert find_formulas(book(sheets=2)) == {(2, 2), (3, 28)}


def test_a_locked_workbook_and_one_of_the_old_format_are_told_apart() -> None:
    assert code(old_file("EncryptionInfo", "EncryptedPackage")) == "roster_locked"
    assert code(old_file("Workbook")) == "roster_old_format"


def test_an_archive_with_a_password_is_locked() -> None:
    content = bytearray(book())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(mark, place + 4)
    assert code(bytes(content)) == "roster_locked"


@pytest.mark.parametrize("content", [b"", b"name,phone\n", b"PK\x03\x04broken"])
def test_what_is_no_archive_is_no_workbook(content: bytes) -> None:
    assert code(content) == "roster_not_xlsx"


def test_another_archive_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.txt", "x")
    assert code(buffer.getvalue()) == "roster_not_xlsx"


@pytest.mark.parametrize("name", ["xl/worksheets/sheet9.xml", "xl/media/image1.png"])
def test_a_small_file_that_unpacks_to_a_very_large_one_is_refused(name: str) -> None:
    content = bomb(name)
    assert len(content) < 200_000
    assert code(content) == "roster_bloated"


def test_one_long_string_named_by_many_cells_is_refused() -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(4, 64))
    assert find_formulas(with_cells(cells))
    long = changed(with_cells(cells), "xl/sharedStrings.xml", "姓名".encode(), b"x" * 1_000_000)
    assert code(long) == "roster_bloated"


def test_a_part_written_in_capitals_is_looked_at_too() -> None:
    far = with_cells('<row r="9"><c r="XFD1048576"><v>1</v></c></row>')
    assert code(far.replace(b"xl/worksheets/sheet1.xml", b"xl/Worksheets/SHEET1.xml")) == "roster_too_wide"


def test_a_size_that_is_a_lie_is_a_broken_archive() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 100_000)
    lying = buffer.getvalue().replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    assert code(lying) == "roster_damaged"


@pytest.mark.parametrize("cell", ["A5001", "CW2", "XFD1048576"])
def test_one_cell_far_away_is_refused_before_anything_takes_memory_for_all_between(cell: str) -> None:
    assert code(with_cells(f'<row r="9"><c r="{cell}"><v>1</v></c></row>')) == "roster_too_wide"


@pytest.mark.parametrize("xml", [
    '<row r="1048576"><c r="XFD1048576" s="1"/></row>', '<row r="5000"><c r="CV5000"><v>1</v></c></row>'])
def test_empty_cells_far_away_and_filled_ones_at_the_edge_are_no_matter(xml: str) -> None:
    assert find_formulas(with_cells(xml)) == {(2, 2), (3, 28)}


def test_cells_without_an_address_are_counted() -> None:
    assert (4, 2) in find_formulas(with_cells("<row><c><v>1</v></c><c><f>A1</f></c></row>"))


@pytest.mark.parametrize(("old", "new"), [
    (b"</sheetData>", b""), (b'r="A1"', b'r="?1"'), (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet')])
def test_broken_insides_are_told_as_such(old: bytes, new: bytes) -> None:
    assert code(changed(book(), SHEET, old, new)) == "roster_damaged"


@pytest.mark.parametrize("old", [b'r:id="rId1"', b"<sheet "])
def test_a_book_that_leads_to_no_sheet_is_broken(old: bytes) -> None:
    new = b"<other " if old.startswith(b"<") else b'r:id="rId99"'
    assert code(changed(book(), "xl/workbook.xml", old, new)) == "roster_damaged"
