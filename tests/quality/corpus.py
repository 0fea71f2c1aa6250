"""The corpus of the matching gate: articles in many languages, and what every watch finds in them.

An article is labelled by what the watch language promises, not by what the program does. A label is the
stretch that is found, as it stands in the title or the body; where the same letters also stand somewhere
that counts for nothing, the label brings its neighbours along and marks the stretch: ``ended the ⟦Aster X⟧``.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from bot.model import Article, Sense, Watch

FOLDER: Final = Path(__file__).parent / "matching"
#: files of the folder that hold no articles
_NO_ARTICLES: Final = {"watches", "traps"}
_MARKED: Final = re.compile("(.*)⟦(.+)⟧(.*)", re.DOTALL)
_ARTICLE_KEYS: Final = {"title", "text", "url", "tags", "traps", "finds"}
_LABEL_KEYS: Final = {"title", "body", "all_capitals", "sense"}


@dataclass(frozen=True, order=True)
class Stretch:
    """Where a watch finds something in an article."""

    #: ``title`` or ``body``
    field: str
    start: int
    end: int
    all_capitals: bool = False


@dataclass(frozen=True)
class Expected:
    """What one watch finds in one article."""

    stretches: frozenset[Stretch]
    #: None for a watch without a sense guard
    sense: Sense | None


@dataclass(frozen=True)
class Labelled:
    """An article, the traps in it, and what is found by every watch that finds something."""

    language: str
    article: Article
    traps: tuple[str, ...]
    finds: Mapping[str, Expected]

    def __str__(self) -> str:
        return f"{self.language}: {self.article.title}"


def watches() -> list[Watch]:
    """Return the watches of the corpus."""
    return [
        Watch(
            key=key,
            query=fields["query"],
            long_forms=tuple(fields.get("long_forms", ())),
            rivals=tuple(fields.get("rivals", ())),
            context=tuple(fields.get("context", ())),
        )
        for key, fields in _read("watches").items()
    ]


def traps() -> dict[str, str]:
    """Return the kinds of traps, each with what it is."""
    kinds: dict[str, str] = _read("traps")
    return kinds


def languages() -> list[str]:
    """Return the languages of the corpus, ISO 639-1."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem not in _NO_ARTICLES)


@lru_cache(maxsize=1)
def articles() -> tuple[Labelled, ...]:
    """Return all articles; raises ValueError for a label that fits none or several places."""
    return tuple(labelled for language in languages() for labelled in _articles(language))


def _read(name: str) -> Any:
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        return yaml.load(file, Loader=_LOADER)


_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _articles(language: str) -> Iterator[Labelled]:
    for number, fields in enumerate(_read(language)):
        _require(fields.keys() <= _ARTICLE_KEYS, f"{language}: {fields}")
        article = Article(
            url=fields.get("url", f"https://corpus.example/{language}/{number}"),
            title=fields["title"],
            text=fields["text"],
            language=language,
            tags=tuple(fields.get("tags", ())),
        )
        finds = {watch: _expected(article, label) for watch, label in fields.get("finds", {}).items()}
        yield Labelled(language, article, tuple(fields.get("traps", ())), finds)


def _expected(article: Article, label: Mapping[str, Any]) -> Expected:
    _require(label.keys() <= _LABEL_KEYS, f"{article.title}: {label}")
    capitals = label.get("all_capitals", False)
    stretches = [
        Stretch("title", start, end, capitals) for start, end in places(article.title, label.get("title", ()))
    ] + [Stretch("body", start, end) for start, end in places(article.text, label.get("body", ()))]
    _require(len(stretches) == len(set(stretches)) > 0, f"{article.title}: {label}")
    return Expected(frozenset(stretches), Sense(label["sense"]) if "sense" in label else None)


def places(field: str, written: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find every place of a stretch that is written plainly, as often as it is written, or the marked one."""
    for stretch, count in Counter(written).items():
        before, inner, after = "", stretch, ""
        if marked := _MARKED.fullmatch(stretch):
            before, inner, after = marked.groups()
        found = [hit.start() for hit in re.finditer(re.escape(before + inner + after), field)]
        _require(len(found) == count, f"{stretch!r} stands {len(found)} times, not {count}, in {field!r}")
        for at in found:
            yield at + len(before), at + len(before) + len(inner)


def _require(condition: bool, fault: str) -> None:
    if not condition:
        raise ValueError(fault)
