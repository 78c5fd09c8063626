"""What an uploaded .xlsx is, before anything opens it: locked, old, broken, far too large, or with formulas.

A reader of workbooks takes memory for every cell between the first and the last one, so a small file with one
cell in a far corner would end the process; and it tells no formula from what somebody typed.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

#: Bytes of all parts together, once unpacked.
MAX_UNPACKED = 50 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS = 5000, 100
#: Files of the time before .xlsx; a locked .xlsx hides in one too.
_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
#: Names of parts, in small letters: readers do not mind capitals, so neither may the check.
_BOOK, _LINKS, _STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml"
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_BROKEN = (zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, RuntimeError, OSError, EOFError,
           ValueError, LookupError, StopIteration)


class UnreadableWorkbook(Exception):
    """`code` names the sentence that says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find_formulas(content: bytes) -> set[tuple[int, int]]:
    """Row and column, from 1, of every formula on the first sheet; raises UnreadableWorkbook for what nobody should open."""
    if content.startswith(_OLD_FORMAT):
        raise UnreadableWorkbook("roster_locked" if _LOCKED in content else "roster_old_format")
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise UnreadableWorkbook("roster_not_xlsx")
    try:
        parts = _unpack(content)
        if _BOOK not in parts:
            raise UnreadableWorkbook("roster_not_xlsx")
        return _Cells(parts[_first_sheet(parts)], _lengths(parts.get(_STRINGS))).formulas
    except _BROKEN as error:
        raise UnreadableWorkbook("roster_damaged") from error


def _unpack(content: bytes) -> dict[str, bytes]:
    """The parts that say where cells are; all others are only counted, by what they really unpack to."""
    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.flag_bits & 1:
                raise UnreadableWorkbook("roster_locked")
            with archive.open(info) as part:
                text = part.read(left + 1)
            left -= len(text)
            if left < 0:
                raise UnreadableWorkbook("roster_bloated")
            name = info.filename.replace("\\", "/").lower()
            if name in parts:
                raise ValueError("two parts of one name")
            if name in (_BOOK, _LINKS, _STRINGS) or name.startswith("xl/worksheets/"):
                parts[name] = text
    return parts


def _first_sheet(parts: dict[str, bytes]) -> str:
    link = next(attributes for name, attributes in _elements(parts[_BOOK]) if name == "sheet")
    wanted = next(value for name, value in link.items() if _local(name) == "id")
    target = next(attributes["Target"] for name, attributes in _elements(parts[_LINKS])
                  if name == "Relationship" and attributes["Id"] == wanted)
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/").lower()


def _elements(text: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    _parse(text, lambda name, attributes: found.append((name, attributes)))
    return iter(found)


def _lengths(strings: bytes | None) -> list[int]:
    """How long each shared string is."""
    found: list[int] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name == "si":
            found.append(0)

    def words(text: str) -> None:
        if found:
            found[-1] += len(text)

    if strings is not None:
        _parse(strings, start, on_text=words)
    return found


def _nothing(_word: str) -> None:
    return None


def _parse(text: bytes, on_start: Callable[[str, dict[str, str]], None], on_end: Callable[[str], None] = _nothing,
           on_text: Callable[[str], None] = _nothing) -> None:
    """Read XML as it streams by; a document type, which may multiply itself, is no workbook's."""

    def refuse(*_declaration: object) -> None:
        raise ValueError("document type")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: on_start(_local(name), attributes)
    parser.EndElementHandler = lambda name: on_end(_local(name))
    parser.CharacterDataHandler = on_text
    parser.Parse(text, True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Cells:
    """Walks over one sheet: where its formulas are, that nothing lies too far off, and that its words are not too many.

    A shared string is kept once and read for every cell that names it.
    """

    def __init__(self, text: bytes, lengths: list[int]) -> None:
        self.formulas: set[tuple[int, int]] = set()
        self._lengths, self._left = lengths, MAX_UNPACKED
        self._row = self._column = 0
        self._kind: str | None = None
        self._value = ""
        _parse(text, self._start, self._end, self._words)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._value = ""
        if name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == "c":
            self._kind = attributes.get("t", "n")
            self._column += 1
            if "r" in attributes:
                self._row, self._column = _place(attributes["r"])
        elif self._kind is not None and name in ("v", "is", "f"):
            if self._row > MAX_ROWS or self._column > MAX_COLUMNS:
                raise UnreadableWorkbook("roster_too_wide")
            if name == "f":
                self.formulas.add((self._row, self._column))

    def _words(self, text: str) -> None:
        self._value += text

    def _end(self, name: str) -> None:
        if name == "v" and self._kind == "s":
            self._left -= self._lengths[int(self._value)]
            if self._left < 0:
                raise UnreadableWorkbook("roster_bloated")
        elif name == "c":
            self._kind = None


def _place(reference: str) -> tuple[int, int]:
    """`B3` is row 3, column 2."""
    match = _CELL.fullmatch(reference.upper())
    if match is None:
        raise ValueError("no cell")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column
