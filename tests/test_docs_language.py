"""The reference of the watch language: every example in it is tried, and does what the page says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.cli import app
from bot.config import Settings
from bot.errors import QueryError
from bot.match import Explainer, watch_version
from bot.match.advice import advise
from bot.match.matcher import compile as compile_watches
from bot.match.query import MOST_CHARACTERS, MOST_TERMS, parse
from bot.match.tree import FIELDS
from bot.model import Article, Mention, Watch
from tests.build import a_watch
from tests.config.folder import Folder

PAGE = Path(__file__).parent.parent / "docs" / "watch-language.md"
SOURCES = """\
sources:
  - {id: ledger, feed: 'https://ledger.example/feed'}
  - {id: ministry, feed: 'https://ministry.example/feed', tags: [defence], tier: official}
"""
#: what the tables of examples say before a part of an article that is not its text
_LABEL = re.compile(r"\*(title|text|url|author|site|source|tag|lang)\*\s*")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


#: every kind of table that the page has
HEADS = (
    ("query", "finds", "does not find"),
    ("watch", "finds", "does not find"),
    ("query", "means"),
    ("field", "is"),
    ("sense", "when", "for instance"),
    ("written", "what is said", "write"),
    ("written", "what is said of it", "write"),
)


@dataclass(frozen=True)
class Example:
    """An article of a table, and what is said of it."""

    #: a query, or the key of a watch of the recipes
    query: str
    article: Article
    #: the stretches in bold, those of the title first; None where it is not found
    stretches: list[str] | None
    line: int


@cache
def lines() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


def tables(*head: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the tables with this head, each with the number of its line."""
    inside = False
    for number, line in enumerate(lines(), start=1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells == list(head):
            inside = True
        elif not cells:
            inside = False
        elif inside and not set("".join(cells)) <= {"-"}:
            yield number, [cell.replace(r"\|", "|") for cell in cells]


def code(cell: str) -> str:
    """Return what stands in backquotes."""
    assert cell.startswith("`"), cell
    assert cell.endswith("`"), cell
    return cell.strip("`")


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", "\n".join(lines()), re.MULTILINE | re.DOTALL)


def articles_of(cell: str) -> Iterator[tuple[Article, list[str]]]:
    """Yield the articles that a cell tells of, each with its stretches in bold."""
    for told in cell.split(" · "):
        pieces = _LABEL.split(told.strip())
        parts = {"text": pieces[0]} if pieces[0] else {}
        parts |= {label: piece.strip() for label, piece in zip(pieces[1::2], pieces[2::2], strict=True)}
        bold = [stretch for name in ("title", "text") for stretch in _BOLD.findall(parts.get(name, ""))]
        yield article_of({name: _BOLD.sub(r"\1", part) for name, part in parts.items()}), bold


def article_of(parts: dict[str, str]) -> Article:
    return Article(
        url=parts.get("url", "https://news.example/one"),
        title=parts.get("title", ""),
        text=parts.get("text", ""),
        authors=tuple(filter(None, [parts.get("author")])),
        site=parts.get("site", ""),
        source=parts.get("source", "ledger"),
        tags=tuple(filter(None, [parts.get("tag")])),
        language=parts.get("lang"),
    )


def examples(first: str) -> list[Example]:
    """Return the examples of the tables whose first column has this name."""
    found = []
    for line, (query, finds, not_found) in tables(first, "finds", "does not find"):
        name = code(query) if query.startswith("`") else query
        found += [Example(name, article, bold, line) for article, bold in articles_of(finds)]
        found += [Example(name, article, None, line) for article, _ in articles_of(not_found)]
    return found


def stretches_of(mention: Mention, article: Article) -> list[str]:
    """Return what a mention marks, places that overlap as one."""
    places: list[tuple[str, int, int]] = []
    for span in mention.spans:
        if places and places[-1][0] == span.field and span.start < places[-1][2]:
            field, start, end = places.pop()
            places.append((field, start, max(end, span.end)))
        else:
            places.append((span.field, span.start, span.end))
    return [(article.title if field == "title" else article.text)[start:end] for field, start, end in places]


def check(example: Example, watch: Watch) -> None:
    """Try an example in the matcher and in the explanation."""
    (mention,) = compile_watches([watch]).find(example.article) or [None]
    assert Explainer(watch).examine(example.article).matched is (mention is not None)
    found = None if mention is None else stretches_of(mention, example.article)
    assert found == example.stretches


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def settings_of(folder: Folder, block: str) -> Settings:
    """Load a block of the page as the watchlist of a real configuration."""
    return folder.load(watchlists=block, sources=SOURCES)


def ids(example: Example) -> str:
    return f"line {example.line}"


@pytest.mark.parametrize("example", examples("query"), ids=ids)
def test_a_query_finds_what_the_page_says_and_marks_it(example: Example) -> None:
    check(example, a_watch(example.query))


@pytest.mark.parametrize("query", [code(row[0]) for _, row in tables("query", "means")])
def test_a_query_that_is_only_explained_is_one(query: str) -> None:
    parse(query)


@pytest.mark.parametrize("example", examples("watch"), ids=ids)
def test_a_recipe_finds_what_the_page_says(folder: Folder, example: Example) -> None:
    watches = {watch.key: watch for block in blocks("yaml") for watch in settings_of(folder, block).watches}
    check(example, watches[example.query])


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.split()[1].strip("#:"))
def test_every_block_is_a_configuration(folder: Folder, block: str) -> None:
    """Without a fault, and without a warning but that of a watch of fields alone."""
    settings = settings_of(folder, block)
    assert settings.watches
    said = [warning.message for warning in settings.warnings if warning.file.endswith("watchlists.yaml")]
    assert all("looked at for every article" in message for message in said), said


def test_lists_and_one_query_are_the_same_watch(folder: Folder) -> None:
    (block,) = [block for block in blocks("yaml") if "same-in-one" in block]
    lists, query = settings_of(folder, block).watches
    assert watch_version(lists) == watch_version(query)


SENSES = [
    (line, row[0], article)
    for line, row in tables("sense", "when", "for instance")
    for article, _ in articles_of(row[2])
]


@pytest.mark.parametrize(("line", "sense", "article"), SENSES)
def test_an_acronym_means_what_the_page_says(folder: Folder, line: int, sense: str, article: Article) -> None:
    """The watch is that of the block above the table."""
    before = "\n".join(lines()[:line])
    block = [block for block in blocks("yaml") if block.rstrip() in before][-1]
    (mention,) = compile_watches(settings_of(folder, block).watches).find(article)
    assert mention.sense == sense


@pytest.mark.parametrize(
    ("written", "says", "mended"),
    [(code(row[0]), row[1], code(row[2])) for _, row in tables("written", "what is said", "write")],
)
def test_what_the_page_says_is_refused_is_refused_so_and_the_other_way_to_write_it_is_not(
    written: str, says: str, mended: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(written)
    assert caught.value.message == says
    parse(mended)


@pytest.mark.parametrize(
    ("written", "says", "mended"),
    [(code(row[0]), row[1], code(row[2])) for _, row in tables("written", "what is said of it", "write")],
)
def test_what_the_page_warns_of_brings_that_warning_and_the_other_way_to_write_it_brings_none(
    written: str, says: str, mended: str
) -> None:
    (advice,) = advise(a_watch(written))
    assert says in advice.message
    assert advise(a_watch(mended)) == []


def test_every_command_of_the_page_exists_with_its_options() -> None:
    told = [line.partition("#")[0].split() for block in blocks("sh") for line in block.splitlines() if line]
    for words in told:
        command: Any = get_command(app)
        assert words.pop(0) == "newsbot"
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert command.name != "newsbot", words
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, (command.name, words)


def test_the_page_has_every_field_and_the_limits_as_they_are() -> None:
    assert [code(row[0]).rstrip(":") for _, row in tables("field", "is")] == list(FIELDS)
    page = " ".join(lines())
    assert f"at most {MOST_CHARACTERS:,} characters and {MOST_TERMS:,} terms" in page


def test_every_example_of_the_page_is_found_by_these_tests() -> None:
    """None of them is missed because of how it is written."""
    assert len(examples("query")) > 100
    assert len({example.line for example in examples("query")}) > 50
    assert {example.query for example in examples("watch")} >= {"cspo", "zelensky", "aster", "lockheed"}
    assert all(any(one.stretches is None for one in examples(name)) for name in ("query", "watch"))
    assert {sense for _, sense, _ in SENSES} == {"confirmed", "contradicted", "likely", "unknown"}
    assert all(len(list(tables(*head))) > 2 for head in HEADS)
    assert len(blocks("yaml")) > 4
    assert len(blocks("sh")) > 0
    known = {number for head in HEADS for number, _ in tables(*head)}
    rows = {number for number, line in enumerate(lines(), start=1) if line.startswith("| `")}
    assert rows <= known


def test_links_within_the_page_lead_somewhere() -> None:
    titles = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in lines()
        if line.startswith("#")
    }
    assert {link for line in lines() for link in re.findall(r"\]\(#([^)]+)\)", line)} <= titles
