"""How results are printed: tables for people, JSON, JSON Lines and CSV for programs."""

import csv
import dataclasses
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.errors import ConfigError, FailureKind, Fault, NewsbotError, QueryError
from bot.log import one_line

#: Without a terminal there is no width to keep to.
_PLAIN_WIDTH = 140
#: A cell that a spreadsheet would take for a formula. Source: OWASP, CSV injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Form(StrEnum):
    """The form of a result."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


#: The flags of every list; ``form_of`` reads them.
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON array.")]
AsJsonLines = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def form_of(*, as_json: bool = False, as_jsonl: bool = False, as_csv: bool = False) -> Form:
    """Return the form that the flags ask for. Raises a usage error when they are several."""
    wanted = [
        form for form, flag in ((Form.JSON, as_json), (Form.JSONL, as_jsonl), (Form.CSV, as_csv)) if flag
    ]
    if len(wanted) > 1:
        raise typer.BadParameter("choose one of --json, --jsonl and --csv")
    return wanted[0] if wanted else Form.TABLE


class _Console(Console):
    """A console that survives the end of whoever reads it."""

    def on_broken_pipe(self) -> None:
        if not self.stderr:
            end_quietly()
        self.quiet = True


def end_quietly() -> NoReturn:
    """End well: whoever read our output has seen enough (`newsbot mentions | head`)."""
    # What is still in the buffer has to go somewhere when the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(0)


def write(text: str) -> None:
    """Write a result as it is."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        end_quietly()


def console() -> Console:
    """Return the console of results."""
    return _Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


def console_err() -> Console:
    """Return the console of everything that is not a result."""
    return _Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _PLAIN_WIDTH)


def clean(text: str) -> str:
    """Return foreign text as one line that steers neither the terminal nor rich."""
    return escape(one_line(text))


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: dataclasses as objects, times as ISO 8601 in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # What is left out of a value's own words, secrets and sketches, is nobody's to print.
        shown = (field.name for field in dataclasses.fields(value) if field.repr)
        return {name: plain(getattr(value, name)) for name in shown}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def iso(moment: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC, to the second; None stays None."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def print_json(value: Any) -> None:
    """Print one JSON document."""
    write(_json(value, indent=2) + "\n")


def _json(value: Any, *, indent: int | None = None) -> str:
    # Escapes are what keeps JSON valid where the output cannot hold every letter.
    unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    return json.dumps(plain(value), ensure_ascii=not unicode, indent=indent)


def print_rows(rows: Sequence[Mapping[str, Any]], form: Form, *, columns: Sequence[str] = ()) -> None:
    """Print rows as JSON, JSON Lines or CSV; ``columns`` head a CSV also where there is no row."""
    if form is Form.JSON:
        print_json(list(rows))
    elif form is Form.JSONL:
        write("".join(_json(row) + "\n" for row in rows))
    else:
        write(as_csv(rows, columns=columns))


def as_csv(rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str] = ()) -> str:
    """Return rows as CSV that no spreadsheet takes for formulas.

    ``columns`` are the names of the first line; without them those of the first row are taken.
    """
    names = list(columns) or (list(rows[0]) if rows else [])
    if not names:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(plain(row[name])) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return _defused("; ".join(value))
        return json.dumps(value, ensure_ascii=False)
    return _defused(value) if isinstance(value, str) else str(value)


def _defused(text: str) -> str:
    return f"'{text}" if text.lstrip(' "').startswith(_FORMULA) or text.startswith(_FORMULA) else text


def table(columns: Iterable[str], *, title: str | None = None) -> Table:
    """Return an empty table in the house style."""
    made = Table(
        box=None, header_style="dim", title=title, title_justify="left", pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def marked(text: str, marks: Iterable[tuple[int, int]]) -> Text:
    """Return an excerpt with its terms marked."""
    shown = Text(one_line(text))
    # Control characters were written out: marks only hold where nothing moved.
    if len(shown) == len(text):
        for start, end in marks:
            shown.stylize("black on yellow", start, end)
    return shown


def counted(count: int, word: str, plural: str = "") -> str:
    """Return a number with its word: ``1 article``, ``2,310 articles``."""
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


def when(moment: datetime | None, *, now: datetime) -> str:
    """Return an instant for people: the hour today, the day this year, in UTC; "–" for None."""
    if moment is None:
        return "–"
    if abs((now - moment).total_seconds()) < 86_400 and moment.date() == now.date():
        return f"{moment:%H:%M} UTC"
    return f"{moment:%d %b %H:%M}" if moment.year == now.year else f"{moment:%d %b %Y}"


def span(moment: datetime | None, *, now: datetime) -> str:
    """Return how far an instant lies ahead, in words; "now" when it has come."""
    if moment is None:
        return "–"
    seconds = (moment - now).total_seconds()
    if seconds < 1:
        return "now"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"in {seconds / size:.0f} {unit}"
    return f"in {seconds:.0f} s"


#: What to do next about an error that does not say so itself.
_HINTS = {
    FailureKind.RUNNING: "stop it first; `newsbot status`, `mentions` and `digest preview` work beside it",
    FailureKind.BAD_URL: "write a whole address, such as https://example.org/feed.xml",
    FailureKind.DATABASE: "see that it runs and that `database:` or --database names it as it should",
}


def print_error(error: BaseException) -> None:
    """Say on stderr what failed, on what, why, and what to do next."""
    err = console_err()
    if isinstance(error, ConfigError):
        print_faults(error)
    elif isinstance(error, QueryError):
        err.print(f"[red]error[/]: {clean(error.message)}")
        err.print(f"  {clean(error.query)}\n  {' ' * error.position}[red]{'^' * max(1, error.width)}[/]")
        if error.hint:
            err.print(f"  [cyan]{clean(error.hint)}[/]")
    elif isinstance(error, NewsbotError):
        subject = f"[bold]{clean(error.subject)}[/]: " if error.subject else ""
        err.print(f"[red]error[/]: {subject}{clean(error.message)}", soft_wrap=True)
        if hint := error.hint or _HINTS.get(error.kind, ""):
            err.print(f"  [cyan]{clean(hint)}[/]", soft_wrap=True)
    else:
        err.print(
            f"[red]error[/]: something in newsbot itself went wrong: {clean(repr(error))}", soft_wrap=True
        )
        err.print("  [cyan]this is a bug: please report it with the command you ran[/]")


def print_faults(error: ConfigError) -> None:
    """Show every fault of a configuration with its place, as a compiler does."""
    for fault in error.faults:
        print_fault(fault)
    err = console_err()
    err.print(f"[red]{counted(len(error.faults), 'error')}[/] in the configuration.")


#: How each part of a shown fault looks.
_ROLES = {
    "label": "bold red",
    "message": "",
    "place": "bold",
    "gutter": "blue",
    "source": "",
    "marked": "red",
    "pointer": "red",
    "hint": "cyan",
}


def print_fault(fault: Fault, *, label: str = "error") -> None:
    """Show one fault, or one warning, with its line and a pointer under it."""
    from bot.config import fault_pieces

    err = console_err()
    for pieces in fault_pieces(fault, label=label):
        line = Text()
        for piece in pieces:
            colour = (
                "bold yellow" if piece.role == "label" and label == "warning" else _ROLES.get(piece.role, "")
            )
            line.append(one_line(piece.text), style=colour)
        err.print(line, soft_wrap=True)
    err.print()


def failure_kind(kind: FailureKind | str | None) -> str:
    """Return a failure kind in plain words."""
    return "" if kind is None else str(kind).replace("_", " ")
