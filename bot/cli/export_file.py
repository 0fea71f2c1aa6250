"""Another tool's export: a CSV file of whatever making, and the addresses in it."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.errors import FailureKind, NewsbotError

_ADDRESS: Final = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
#: a cell that is about an address: by itself, in brackets, or as a spreadsheet links it
_BEGINS: Final = re.compile(r"(?:=\s*HYPERLINK\s*\(\s*)?[\"'<\[(]*\s*https?://", re.IGNORECASE)
#: an address whose scheme was left out
_BARE: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?::\d+)?/\S+")
#: how columns of addresses are headed, the surest first; the first of them that is filled is taken
_HEADS: Final = (
    "url", "link", "article url", "article link", "permalink", "address", "web address", "href", "uri",
    "page", "page url", "source url", "adresse", "lien", "enlace", "indirizzo", "collegamento",
)  # fmt: skip
_DELIMITERS: Final = (",", ";", "\t", "|")
#: rows by which the delimiter and the column are judged
_TRIED: Final = 200
#: characters of one cell: some tools export whole articles
_LONGEST_CELL: Final = 16_000_000


def addresses_in(path: Path) -> list[str]:
    """Return the addresses of a CSV file in their order, each once.

    Delimiter and encoding are found out. The column is the one headed ``url``, ``link`` and the like,
    else the first whose cells are addresses. Raises NewsbotError where there is no such file or column.
    """
    rows = _rows(_text(path), path)
    column = _column(rows)
    if column is None:
        raise _refused(path, "no column of it holds web addresses", "head the column of addresses `url`")
    cells = [row[column].strip() for row in rows if column < len(row)]
    found = [match[0] for cell in cells if (match := _ADDRESS.search(cell) or _BARE.fullmatch(cell))]
    return list(dict.fromkeys(found))


def _text(path: Path) -> str:
    """Return what a file says, in UTF-8 or UTF-16 where it is that, else as western spreadsheets write."""
    try:
        data = path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _refused(path, f"it cannot be read: {why}", "name the file that the other tool wrote") from None
    if data[:4] == b"PK\x03\x04":
        raise _refused(path, "it is a workbook, not a CSV file", "save it as CSV, and name that file")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    head = data[:2000]
    if head.count(0) * 3 > len(head):
        # every second byte of plain letters is zero
        return data.decode(
            "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be", "replace"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str, path: Path) -> list[list[str]]:
    first, _, rest = text.partition("\n")
    # what Excel writes, and reads, to name the delimiter
    if re.fullmatch(r"\"?sep=.\"?\s*", first, re.IGNORECASE):
        return _read(rest, first.strip('"\r ')[4], path)
    tables = [_read(text, sign, path) for sign in _DELIMITERS]
    lines = [[line.strip()] for line in text.splitlines() if line.strip()]
    if all(_ADDRESS.fullmatch(line) for (line,) in lines[1:]) and not any(map(_is_table, tables)):
        # a plain list, in which a comma belongs to its address
        return [[line.strip('"')] for (line,) in lines]
    return max(tables, key=_quality)


def _is_table(rows: list[list[str]]) -> bool:
    """Tell whether all rows have the same columns, and several of them."""
    return bool(rows) and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows[:_TRIED])


def _read(text: str, delimiter: str, path: Path) -> list[list[str]]:
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise _refused(path, f"it cannot be read as CSV: {error}", "export it again") from None
    finally:
        csv.field_size_limit(before)


def _quality(rows: list[list[str]]) -> tuple[int, int]:
    """Return what is higher for the right delimiter: cells that are one address, then equal rows."""
    tried = rows[:_TRIED]
    whole = sum(_ADDRESS.fullmatch(cell.strip()) is not None for row in tried for cell in row)
    widths = [len(row) for row in tried]
    usual = max(set(widths), key=widths.count, default=0)
    return whole, widths.count(usual) if usual > 1 else 0


def _column(rows: list[list[str]]) -> int | None:
    """Return the column that holds the addresses, None where there is none."""
    tried = rows[:_TRIED]
    filled = [number for number in range(max(map(len, tried), default=0)) if _holds_addresses(tried, number)]
    if not filled or not rows:
        return None
    heads = [" ".join(cell.lower().replace("_", " ").split()) for cell in rows[0]]
    named = [number for head in _HEADS for number in filled if number < len(heads) and heads[number] == head]
    spoken = [
        number
        for number in filled
        if number < len(heads) and re.search(r"\b(?:url|link|permalink)\b", heads[number])
    ]
    return (named or spoken or filled)[0]


def _holds_addresses(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether at least every second filled cell of a column is about an address, and begins with it."""
    cells = [cell for row in rows if column < len(row) and (cell := row[column].strip())]
    found = sum((_BEGINS.match(cell) or _BARE.fullmatch(cell)) is not None for cell in cells)
    # the head of the column is no address
    return found * 2 >= max(1, len(cells) - 1) and found > 0


def _refused(path: Path, message: str, hint: str) -> NewsbotError:
    return NewsbotError(message, kind=FailureKind.CONFIG, subject=str(path), hint=hint)
