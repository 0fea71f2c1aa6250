"""A watch added to ``watchlists.yaml``, with every other byte of the file as it was.

The nodes of the file say where the new lines belong; they are put in as text, and the result is read
again before it takes the file's place: the new watch must be there, and nothing else be changed.
"""

from collections.abc import Mapping as Named
from collections.abc import Sequence as Items
from pathlib import Path

from bot.config.faults import Document, Report
from bot.config.files import MAX_FILE, bytes_of, paths_of, root_of
from bot.config.inserted import spot_in
from bot.config.load import WATCHLISTS, check_folder
from bot.config.replace import replace_file
from bot.config.settings import Validators
from bot.config.watches import judge_watch, wrong_key
from bot.config.yaml_nodes import CONTROL, Mapping, plain, stripped
from bot.errors import ConfigError, FailureKind, NewsbotError

_BOM = b"\xef\xbb\xbf"
_Entry = dict[str, str | list[str]]


def add_watch(
    folder: Path,
    key: str,
    *,
    validators: Validators,
    query: str | None = None,
    name: str | None = None,
    description: str | None = None,
    any: Items[str] = (),  # noqa: A002 - the watch's words
    all: Items[str] = (),  # noqa: A002
    none: Items[str] = (),
    long_forms: Items[str] = (),
    rivals: Items[str] = (),
    context: Items[str] = (),
    languages: Items[str] = (),
) -> Path:
    """Add a watch at the end of ``watchlists.yaml``, made when missing; return the file's path.

    What is empty is left out. Comments, blank lines, quotes, line ends and indentation of the rest stay
    byte for byte. Raises QueryError for a query or an item that does not parse; ConfigError where the
    files cannot be read, or the watches be added to as they are written; NewsbotError for a key that is
    invalid or taken, and where the file cannot be written (READ_ONLY, DISK_FULL).
    """
    given: dict[str, str | list[str] | None] = {
        "name": name,
        "description": description,
        "query": query,
        "any": list(any),
        "all": list(all),
        "not": list(none),
        "long_forms": list(long_forms),
        "rivals": list(rivals),
        "context": list(context),
        "languages": list(languages),
    }
    # a name of blanks is none
    entry = {name: value for name, value in given.items() if value and not str(value).isspace()}
    _check_key(key)
    _check_terms(key, entry, validators)
    report = Report()
    check_folder(folder, report)
    path = folder / WATCHLISTS.name
    roots = {
        other: _root(other, number, report)
        for number, other in enumerate(paths_of(folder, WATCHLISTS, report))
    }
    _raise(report)
    _check_is_new(key, roots)
    before, root = roots.get(path, (None, None))
    after = _with_watch(path, before or b"", root, key, entry, validators)
    replace_file(path, after, before=before)
    return path


def _check_key(key: str) -> None:
    if (meant := wrong_key(key)) is not None:
        raise NewsbotError(
            "the key of a watch is 1 to 64 letters, digits, - and _",
            kind=FailureKind.CONFIG,
            subject=key,
            hint=f"did you mean '{meant}'?" if meant else "such as cspo",
        )


def _check_terms(key: str, entry: Named[str, str | list[str]], validators: Validators) -> None:
    """Refuse what does not parse, before any file is looked at."""
    values = [one for value in entry.values() for one in ([value] if isinstance(value, str) else value)]
    if odd := next((found for value in values if (found := CONTROL.search(value))), None):
        raise _refused(key, "a value holds a control character", f"remove U+{ord(odd[0]):04X}")
    lists = {name: entry.get(name, []) for name in ("any", "all", "not")}
    if isinstance(query := entry.get("query"), str):
        if lists["any"] or lists["all"] or lists["not"]:
            raise _refused(key, "a query is given beside any, all or not", "give the query, or the lists")
        validators.query(query)
    else:
        validators.query(validators.compose(any=lists["any"], all=lists["all"], none=lists["not"]))
    for name, rule in (
        ("long_forms", validators.phrase),
        ("rivals", validators.phrase),
        ("context", validators.context),
    ):
        for item in entry.get(name, []):
            rule(item)


def _root(path: Path, number: int, report: Report) -> tuple[bytes, Mapping | None]:
    """Return the bytes of one of the files and what they are read as; None for one without any key."""
    document = Document(file=str(path), order=WATCHLISTS.order * 1000 + number)
    data = bytes_of(path, document, report) or b""
    # neither an empty file nor one of comments only is a fault here: it is about to have a watch
    blank = not data.removeprefix(_BOM).strip()
    return data, None if blank else root_of(data, document, WATCHLISTS.optional, report)


def _check_is_new(key: str, roots: Named[Path, tuple[bytes, Mapping | None]]) -> None:
    for _, root in roots.values():
        watches = root.get("watches") if root else None
        known = watches.key(key) if isinstance(watches, Mapping) else None
        if known is not None:
            raise _refused(
                key,
                f"there is a watch of this key at {known.place.named()}",
                "edit that one, or give the new one another key",
            )


def _with_watch(
    path: Path, before: bytes, root: Mapping | None, key: str, entry: _Entry, validators: Validators
) -> bytes:
    """Return the file's bytes with the watch in them."""
    report = Report()
    bom = _BOM if before.startswith(_BOM) else b""
    spot = spot_in(before.removeprefix(_BOM).decode("utf-8"), root, report)
    _raise(report)
    assert spot is not None
    data = bom + spot.text(key, entry).encode("utf-8")
    if len(data) > MAX_FILE or not _is_as_meant(path, data, root, key, entry, validators):
        raise _refused(
            key,
            f"it cannot be added to {path} without changing what stands there",
            "add it with an editor, and run `newsbot check`",
        )
    return data


def _is_as_meant(
    path: Path, data: bytes, old: Mapping | None, key: str, entry: _Entry, validators: Validators
) -> bool:
    """Tell whether a file would hold the watch, and everything else as before.

    Raises ConfigError where it would hold a watch with a fault.
    """
    report = Report()
    new = root_of(data, Document(file=str(path)), WATCHLISTS, report)
    watches = new.get("watches") if new else None
    if report.count or not isinstance(watches, Mapping):
        return False
    was = old.get("watches") if old else None
    known = _texts(was) if isinstance(was, Mapping) else []
    if _texts(watches) != [*known, (key, stripped(entry))]:
        return False
    scalar, node = watches.pairs[-1]
    judge_watch(scalar, node, validators=validators, report=report)
    _raise(report)
    return True


def _texts(watches: Mapping) -> list[tuple[str, object]]:
    return [(key.text, stripped(plain(node))) for key, node in watches.pairs]


def _refused(key: str, message: str, hint: str) -> NewsbotError:
    return NewsbotError(message, kind=FailureKind.CONFIG, subject=key, hint=hint)


def _raise(report: Report) -> None:
    if report.count:
        raise ConfigError(report.faults)
