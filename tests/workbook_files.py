"""Workbooks as people upload them, and as nobody should."""

import io
import struct
import zipfile

import xlsxwriter

from services.rules.workbooks import MAX_UNPACKED

SHEET = "xl/worksheets/sheet1.xml"


def book(*, sheets: int = 1) -> bytes:
    """A workbook with words, a number and formulas with and without a kept value."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        for _ in range(sheets):
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, ["姓名", "手机号"])
            sheet.write(1, 0, "王建国")
            sheet.write_formula(1, 1, "=13911110000", None, 13911110000)
            sheet.write_formula(2, 27, "=A1", None, "")
    return buffer.getvalue()


def changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same workbook with one part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.namelist():
            part = source.read(one)
            assert one != name or old in part
            target.writestr(one, part.replace(old, new) if one == name else part)
    return buffer.getvalue()


def with_cells(xml: str) -> bytes:
    return changed(book(), SHEET, b"</sheetData>", xml.encode() + b"</sheetData>")


def old_file(*names: str) -> bytes:
    """A compound file as .xls and a locked .xlsx are: a header, one table sector, one directory."""
    none, end = 0xFFFFFFFF, 0xFFFFFFFE

    def entry(name: str, kind: int, child: int, right: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        return (text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, none, right, child)
                + b"\0" * 36 + struct.pack("<IQ", end, 0))

    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
              + struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + b"\xff" * 432)
    table = struct.pack("<II", 0xFFFFFFFD, end) + b"\xff" * 504
    rows = [entry("Root Entry", 5, 1, none)]
    rows += [entry(name, 2, none, number + 1 if number < len(names) else none) for number, name in enumerate(names, 1)]
    return header + table + b"".join(rows).ljust(512, b"\0")


def bomb(name: str = "xl/media/image1.png") -> bytes:
    """A small file with one part that unpacks to more than anybody reads."""
    buffer = io.BytesIO(book())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\0" * (MAX_UNPACKED + 1))
    return buffer.getvalue()
