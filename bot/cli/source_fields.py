"""What is written into ``sources.yaml`` for a source: the keys of its item, in their usual order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bot.errors import FailureKind, NewsbotError
from bot.model import SourceKind

if TYPE_CHECKING:
    from bot.model import Source
    from bot.parse.outline import Outline

#: The keys of a source with their values: texts, numbers, truth values, lists of texts.
Fields = dict[str, str | int | bool | list[str]]

#: the key that holds the address of each kind
ADDRESS_KEYS: Final[Mapping[SourceKind, str]] = {
    SourceKind.FEED: "feed",
    SourceKind.SITEMAP: "sitemap",
    SourceKind.LISTING: "page",
    SourceKind.PAGE: "page",
    SourceKind.SEARCH: "search",
}
#: keys that only sources of that address have
OWN_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "page": ("links", "title", "date", "next", "pages", "watch"),
    "sitemap": ("newer_than",),
}
#: pages of a sitemap that changed later are taken for news
_NEWER_THAN: Final = "7 days"
_LONGEST_NAME: Final = 80
#: what feeds call themselves that says nothing
_NO_NAMES: Final = frozenset(("rss", "rss feed", "feed", "atom", "news", "home", "untitled", "blog", "index"))


def fields(
    kind: SourceKind,
    url: str,
    *,
    name: str = "",
    links: str | None = None,
    language: str | None = None,
    tags: Sequence[str] = (),
    options: Iterable[tuple[str, str]] = (),
    allow_private: Sequence[str] = (),
) -> Fields:
    """Return the keys of a source; what is empty is left out. A bare address of unknown kind is ``feed``."""
    known = dict(options)
    found: Fields = {}
    if "id" in known:
        found["id"] = known.pop("id")
    if name:
        found["name"] = name
    found[ADDRESS_KEYS.get(kind, "feed")] = url
    if links:
        found["links"] = links
        known.pop("links", None)
    if kind is SourceKind.PAGE:
        found["watch"] = "text"
    if kind is SourceKind.SITEMAP:
        known.setdefault("newer_than", _NEWER_THAN)
    if language:
        found["language"] = language
    if tags:
        found["tags"] = list(tags)
    found |= {name: _typed(value) for name, value in known.items()}
    if allow_private:
        found["allow_private"] = list(allow_private)
    return found


def _typed(text: str) -> str | int | bool:
    """Return a value as a person would write it: numbers and truth values without quotes."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def without_faults(written: Fields) -> tuple[Fields, list[str]]:
    """Return what may be written of a foreign source, and the keys that were left out: they are at fault.

    Raises NewsbotError where the source itself is.
    """
    from pydantic import ValidationError

    from bot.config.source_model import SourceModel
    from bot.config.written import as_plain

    dropped: list[str] = []
    while True:
        try:
            SourceModel.model_validate(as_plain(written))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = str(first["loc"][0]) if first["loc"] else str(first.get("ctx", {}).get("key", ""))
            if key not in written or key in ADDRESS_KEYS.values() or len(dropped) > len(OWN_KEYS["page"]):
                raise NewsbotError(
                    first["msg"], kind=FailureKind.CONFIG, subject=str(written.get("name", ""))
                ) from None
            dropped.append(key)
            written = {name: value for name, value in written.items() if name != key}
        else:
            return written, dropped


def name_for(title: str, url: str) -> str:
    """Return what a source is called: its own title, or its host where that says nothing."""
    from bot.config.slugs import name_of_url

    text = " ".join(title.split())
    if len(text) > _LONGEST_NAME:
        text = f"{text[: _LONGEST_NAME - 2].rsplit(' ', 1)[0]} …"
    return name_of_url(url) if not text or text.casefold() in _NO_NAMES else text


def outline_of(source: "Source", *, found_url: str | None = None) -> "Outline":
    """Return a configured source as a list of sources has it; nothing that it is trusted with goes along."""
    from bot.config.durations import in_words
    from bot.parse.outline import Outline

    options = [
        ("id", source.key),
        ("links", source.links),
        ("title", source.title),
        ("date", source.date),
        ("next", source.next),
        ("pages", str(source.pages) if source.pages > 1 else None),
        ("newer_than", in_words(source.newer_than) if source.newer_than else None),
        ("every", None if source.adapts else in_words(source.every)),
        ("tier", source.tier.value if source.tier else None),
        ("full_text", source.full_text.value if source.full_text.value != "auto" else None),
        ("json_ld", source.json_ld.value if source.json_ld.value != "auto" else None),
        ("content_selector", source.content_selector),
        ("enabled", None if source.enabled else "false"),
    ]
    return Outline(
        url=found_url or source.url,
        name=source.name,
        kind=source.kind,
        language=source.language,
        tags=source.tags,
        options=tuple((name, value) for name, value in options if value),
    )


def outline_fields(outline: "Outline") -> Fields:
    """Return the keys of a source that a list names."""
    return fields(
        outline.kind,
        outline.url,
        name=outline.name,
        language=outline.language,
        tags=outline.tags,
        options=outline.options,
    )


def shown(written: Fields) -> list[str]:
    """Return the item of a source as it may be pasted into ``sources.yaml``, a line each."""
    from bot.config.written import as_node

    return [
        f"{'    ' if place else '  - '}{name}: {as_node(value, quote=chr(34))}"
        for place, (name, value) in enumerate(written.items())
    ]
