"""The reference of sources: every key, default, example and refusal in it is tried."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from typer.main import get_command

from bot.cli import app
from bot.config import Settings, defaults
from bot.config.durations import in_words
from bot.config.fields import MAX_BODY, MAX_ENTRIES
from bot.config.models import FetchModel
from bot.config.sizes import size_in_words
from bot.config.source_model import SourceModel
from bot.fetch import MAX_PAGE, Limits, schedule
from bot.fetch.pacing import MAX_DELAY as MAX_CRAWL_DELAY
from bot.model import Health, SourceKind
from tests.config.folder import Folder

PAGE = Path(__file__).parent.parent / "docs" / "sources.md"
AUTHORITY = Path(__file__).parent / "fetch" / "tls" / "authority.pem"
OF_SOURCE = ("key of a source", "default", "what it does")
OF_FETCH = ("key of `fetch:`", "default", "what it does")
HEADS = (
    OF_SOURCE,
    OF_FETCH,
    ("kind", "written as", "what is read"),
    ("health", "means"),
    ("written", "what is said", "write"),
    ("written", "what is said of it"),
)


@cache
def lines() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


def tables(*head: str) -> Iterator[list[str]]:
    """Yield the rows of the tables with this head."""
    inside = False
    for line in lines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells == list(head):
            inside = True
        elif not cells:
            inside = False
        elif inside and not set("".join(cells)) <= {"-", " "}:
            yield cells


def code(cell: str) -> str:
    """Return what stands in backquotes."""
    found = re.fullmatch(r"`([^`]+)`", cell)
    assert found, cell
    return found[1]


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", "\n".join(lines()), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder with whatever files an example names."""
    made = Folder(tmp_path)
    made.write("ca.pem", AUTHORITY.read_bytes())
    return made


def loaded(folder: Folder, *, newsbot: str = "contact: a@b.org\n", sources: str | None = None) -> Settings:
    """Load a piece of the page with the secrets that it names."""
    text = newsbot + (sources or "")
    names = re.findall(r"\benv: (\w+)|_env: (\w+)", text)
    for path in re.findall(r"(?:\bfile|_file): ([\w/-]+)(?=\})", text):
        folder.write(path, "geheim-4711")
    environ = {first or second: "http://u:p@p.example:3128" for first, second in names}
    return folder.load(environ, newsbot=newsbot, **({} if sources is None else {"sources": sources}))


def item(keys: str) -> str:
    """Return a file of one source."""
    keys = keys.removeprefix("{").removesuffix("}") if keys.startswith("{") else keys
    return f"sources:\n  - {{{keys}}}\n"


def rows_of(head: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    return {code(key): (default, says) for key, default, says in tables(*head)}


@pytest.mark.parametrize(
    ("head", "model"), [(OF_SOURCE, SourceModel), (OF_FETCH, FetchModel)], ids=["sources", "fetch"]
)
def test_every_key_is_told_once_with_its_default(head: tuple[str, ...], model: type[BaseModel]) -> None:
    """And none that there is not."""
    assert sorted(code(row[0]) for row in tables(*head)) == sorted(model.model_fields)
    for name, (default, _) in rows_of(head).items():
        assert default == told_default(name, model), name


def told_default(name: str, model: type[BaseModel]) -> str:
    value: Any = model.model_fields[name].default
    if value is None and model is SourceModel and name in FetchModel.model_fields:
        return "as in `fetch:`"
    if value is None or value in ((), {}):
        return "–"
    if name == "baseline":
        return "`on`"
    if isinstance(value, timedelta):
        return f"`{in_words(value)}`"
    return f"`{str(value).lower()}`"


@pytest.mark.parametrize(("head", "model"), [(OF_SOURCE, SourceModel), (OF_FETCH, FetchModel)])
def test_every_choice_of_a_key_is_told(head: tuple[str, ...], model: type[BaseModel]) -> None:
    """Where a key takes one of some words."""
    told = 0
    for name, (_, says) in rows_of(head).items():
        for word in choices(model.model_fields[name].annotation):
            told += 1
            assert f"`{word}`" in says, (name, word)
    assert told >= 5


def choices(annotation: object) -> Iterator[str]:
    for inner in get_args(annotation):
        if isinstance(inner, str):
            yield inner
        elif not isinstance(inner, type):
            yield from choices(inner)


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.split("\n")[1].strip(" -")[:30])
def test_every_block_is_a_configuration_without_a_warning(folder: Folder, block: str) -> None:
    """As it stands there, with the secrets that it names."""
    is_sources = block.startswith("sources:")
    settings = loaded(folder, **({"sources": block} if is_sources else {"newsbot": block}))
    assert settings.sources
    assert [warning.message for warning in settings.warnings] == []


def test_every_kind_has_an_example_and_says_what_it_is(folder: Folder) -> None:
    """In the words of the program."""
    assert [row[0] for row in tables(*HEADS[2])] == [kind.value for kind in SourceKind]
    found = {
        source.kind
        for block in blocks("yaml")
        if block.startswith("sources:")
        for source in loaded(folder, sources=block).sources
    }
    assert found == set(SourceKind)


def test_every_health_is_told() -> None:
    assert {code(row[0]) for row in tables(*HEADS[3])} == {health.value for health in Health}


@pytest.mark.parametrize(
    ("written", "said", "mended"),
    [(code(row[0]), row[1], code(row[2])) for row in tables(*HEADS[4])],
    ids=lambda cell: cell[:40],
)
def test_what_the_page_says_is_refused_is_refused_so(
    folder: Folder, written: str, said: str, mended: str
) -> None:
    """And the other way to write it is not."""
    faults = folder.faults(sources=item(written))
    assert [said in fault.message for fault in faults] == [True], faults
    assert loaded(folder, sources=item(mended)).sources


@pytest.mark.parametrize(("written", "said"), [(code(row[0]), row[1]) for row in tables(*HEADS[5])])
def test_what_the_page_warns_of_brings_that_warning(folder: Folder, written: str, said: str) -> None:
    (warning,) = loaded(folder, sources=item(written)).warnings
    assert said in warning.message


def test_the_numbers_of_the_page_are_those_of_the_program() -> None:
    page = " ".join(lines())
    fetch, limits = defaults().fetch, Limits()
    assert limits.total == fetch.timeout
    for said in (
        f"up to {MAX_ENTRIES:,}",
        f"; {MAX_ENTRIES:,}, when left out",
        f"up to {size_in_words(MAX_BODY)}",
        f"{size_in_words(limits.max_body)}, or {size_in_words(MAX_PAGE)} for a page, when left out",
        f"asked every {minutes(fetch.every)} minutes at first",
        f"from every {minutes(fetch.shortest)} minutes to every {hours(fetch.longest)} hours",
        f"heard, up to {hours(schedule.MAX_HINT)} hours; Retry-After always, up to {hours(schedule.MAX_DELAY)} hours",
        f"{fetch.host_pause.seconds} seconds apart; a Crawl-delay is kept up to {MAX_CRAWL_DELAY.seconds} seconds",
        f"A request takes {limits.total.seconds} seconds and {limits.max_redirects} redirects at most",
    ):
        assert said in page, said


def minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def hours(span: timedelta) -> int:
    return round(span.total_seconds() / 3600)


def test_failures_weigh_what_the_page_says() -> None:
    page = " ".join(lines())
    for kinds, said in (
        (schedule.HARD, "1 where somebody has to change something"),
        (schedule.SOFT, "0.5 for what servers have for hours"),
        (schedule.TEMPORARY, "0.25 for a moment's trouble"),
    ):
        assert said in page
        weight = float(said.split(" ")[0])
        for kind in kinds:
            assert schedule.fail_weight_after(0.0, schedule.Outcome(ok=False, kind=kind)) == weight


def test_every_command_of_the_page_exists() -> None:
    told = [line.partition("#")[0].split() for block in blocks("sh") for line in block.splitlines() if line]
    spoken = re.findall(r"`(newsbot [a-z ]+?)(?: https?://[^`]*)?`", " ".join(lines()))
    assert len(told) > 8
    for words in [*told, *(text.split() for text in spoken)]:
        command: Any = get_command(app)
        assert words.pop(0) == "newsbot"
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert command.name != "newsbot", words
        assert not any(re.fullmatch(r"[a-z]+", word) for word in words) or not hasattr(command, "commands")


def test_links_within_the_page_lead_somewhere() -> None:
    titles = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in lines()
        if line.startswith("#")
    }
    assert {link for line in lines() for link in re.findall(r"\]\(#([^)]+)\)", line)} <= titles


def test_every_row_of_the_page_is_found_by_these_tests() -> None:
    """None of them is missed because of how it is written."""
    known = sum(len(list(tables(*head))) for head in HEADS)
    rows = [line for line in lines() if line.startswith("| ") and not line.startswith("| ---")]
    assert known + sum(tuple(cell.strip() for cell in row.split("|")[1:-1]) in HEADS for row in rows) == len(
        rows
    )
    assert len(blocks("yaml")) > 10
