"""Read a list of sources in whatever form somebody has it: OPML, a table, or one address a line.

Pure, and never raises: what cannot be read is told line by line.
"""

import csv
import io
import re

from bot.model import SourceKind
from bot.parse import clean, encoding, opml
from bot.parse.outline import (
    KINDS,
    MAX_BYTES,
    MAX_NAME,
    MAX_OPTION,
    OPTIONS,
    Collected,
    Outline,
    Outlines,
    address,
    tags_of,
)

#: How columns are headed, in lower case; the first that is there is taken.
_COLUMNS = {
    "url": (
        "feed",
        "feed url",
        "xmlurl",
        "xml url",
        "rss",
        "rss url",
        "url",
        "address",
        "link",
        "source url",
    ),
    "name": ("name", "title", "source", "outlet", "text"),
    "tags": ("tags", "tag", "folder", "category", "categories", "group"),
    "language": ("language", "lang"),
    "site": ("htmlurl", "html url", "site", "homepage", "website"),
    "kind": ("kind",),
}
_DELIMITERS = (",", ";", "\t", "|")
_BOOK = b"PK\x03\x04"
_DRESSING = " \t\"'<>,;"

_Row = dict[str, str]


def read(data: bytes) -> Outlines:
    """Return the sources that a list names: OPML, CSV with a column ``url``, or an address on each line.

    Blank lines and lines that begin with ``#`` are passed over; so are ``- `` and quotes around an address.
    """
    if len(data) > MAX_BYTES:
        return Outlines(fault=f"the list is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if data.startswith(_BOOK):
        return Outlines(fault="a workbook, not a list: save it as CSV, and import that file")
    if opml.is_opml(data):
        return opml.read(data)
    text = encoding.decode(encoding.inflate(data, MAX_BYTES), {}).lstrip("\ufeff")
    if not text.strip():
        return Outlines(fault="the list is empty")
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip())
    delimiter = max(_DELIMITERS, key=lines[start].count)
    heads = [_head(cell) for cell in lines[start].split(delimiter)]
    if not set(heads) & set(_COLUMNS["url"]):
        return _addresses(lines)
    return _table(lines[start + 1 :], heads, delimiter, first=start + 2)


def _head(cell: str) -> str:
    return " ".join(cell.lower().replace("_", " ").strip(" \"'").split())


def _table(lines: list[str], heads: list[str], delimiter: str, *, first: int) -> Outlines:
    """Return what a table names; ``first`` is the number of its first line below the head."""
    places = {field: _place(known, heads) for field, known in _COLUMNS.items()}
    if places["kind"] is not None:
        # One of our own exports: it has what else is known of each source, too.
        places |= {name: _place((name.replace("_", " "),), heads) for name in OPTIONS if name != "title"}
    collected = Collected()
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    line = first
    try:
        for cells in reader:
            row = {
                field: cells[place].strip().removeprefix("'")
                for field, place in places.items()
                if place is not None and place < len(cells)
            }
            if any(map(str.strip, cells)):
                collected.add(row.get("url", ""), _outline(row, line))
            line = first + reader.line_num
    except csv.Error as error:
        return collected.outcome(fault=f"the table breaks off at line {line}: {error}")
    return collected.outcome()


def _place(known: tuple[str, ...], heads: list[str]) -> int | None:
    return next((heads.index(name) for name in known if name in heads), None)


def _outline(row: _Row, line: int) -> Outline:
    options = ((name, clean.line(row[name], MAX_OPTION)) for name in OPTIONS if row.get(name))
    return Outline(
        url="",
        name=clean.title(row.get("name", ""), MAX_NAME),
        kind=KINDS.get(row.get("kind", "").lower(), SourceKind.AUTO),
        language=clean.language(row.get("language")),
        site=address(row.get("site", ""))[0],
        tags=tags_of(re.split(r"[;,|]", row.get("tags", ""))),
        options=tuple(options),
        line=line,
    )


def _addresses(lines: list[str]) -> Outlines:
    """Return what lines name: an address each, and what it is called behind it."""
    collected = Collected()
    for number, line in enumerate(lines, start=1):
        written = line.strip().removeprefix("- ").strip(_DRESSING)
        if written and not written.startswith("#"):
            found, _, name = written.partition(" ")
            outline = Outline(
                url="",
                name=clean.title(name.strip(f"{_DRESSING}#-–|"), MAX_NAME),
                kind=SourceKind.AUTO,
                line=number,
            )
            collected.add(found.rstrip(_DRESSING), outline)
    return collected.outcome()
