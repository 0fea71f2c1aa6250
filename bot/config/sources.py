"""``sources.yaml``: the places that list news, and the key each of them keeps for ever."""

import re
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.config.faults import Place, Report
from bot.config.fields import (
    Age,
    Flag,
    Interval,
    Language,
    Network,
    OnOff,
    Selector,
    Strict,
    Tag,
    Url,
    Words,
    url_fault,
    wrong_together,
)
from bot.config.slugs import name_of_url, slug, slug_of_url
from bot.config.validate import head, validate
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from bot.model import Source, SourceKind, Tier

_KINDS = {"feed": SourceKind.FEED, "sitemap": SourceKind.SITEMAP, "page": SourceKind.LISTING}
#: Keys that the design knows and this version does not.
_LATER = """
    search full_text basic_auth tls_verify ca_file headers cookies proxy next pages watch was content_selector
    scope evidence robots limits host_pause timeout user_agent
"""
_SOURCE_KEY = re.compile(r"[a-z0-9-]{1,64}")
TierName = Literal["official", "specialist", "general", "aggregator"]


class SourceModel(Strict):
    """One source with its options."""

    later: ClassVar[frozenset[str]] = frozenset(_LATER.split())

    id: str | None = Field(
        default=None, pattern=r"^[a-z0-9-]{1,64}$", description="Its key for ever: a-z, 0-9 and -."
    )
    name: Words | None = Field(default=None, description="What it is called; its host, when left out.")
    feed: Url | None = Field(default=None, description="The address of an RSS, Atom or JSON feed.")
    sitemap: Url | None = Field(default=None, description="The address of a sitemap.")
    page: Url | None = Field(default=None, description="The address of a page without a feed; needs `links`.")
    links: Selector | None = Field(default=None, description="page: CSS selector of the links to articles.")
    title: Selector | None = Field(
        default=None, description="page: CSS selector of the title, near the link."
    )
    date: Selector | None = Field(default=None, description="page: CSS selector of the date, near the link.")
    newer_than: Age | None = Field(default=None, description="sitemap: only entries younger than this.")
    language: Language | None = Field(default=None, description="Two letters, such as en.")
    tags: tuple[Tag, ...] = Field(default=(), description="Words of your own.")
    tier: TierName | None = Field(default=None, description="How close it stands to the news.")
    every: Interval | None = Field(
        default=None, description="How often it is asked; `fetch: every`, when left out."
    )
    enabled: Flag = Field(default=True, description="Whether it is asked at all.")
    baseline: OnOff = Field(default=True, description="off: what is found at first sight is news, too.")
    allow_private: tuple[Network, ...] = Field(
        default=(), description="Networks that are not public and may be connected to for this source."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "SourceModel":
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) > 1:
            raise wrong_together(
                f"'{given[0]}' and '{given[1]}' are both given", key=given[1], hint="make two sources of them"
            )
        if not given:
            raise wrong_together("the source has no address", hint="give one of feed, sitemap or page")
        if self.page is not None and self.links is None:
            raise wrong_together(
                "'page' needs 'links': a CSS selector of the links to articles",
                key="page",
                hint='such as links: "main article h3 a"',
            )
        for key in ("links", "title", "date"):
            if self.page is None and getattr(self, key) is not None:
                raise wrong_together(f"'{key}' is only for a 'page'", key=key, hint="remove it")
        if self.sitemap is None and self.newer_than is not None:
            raise wrong_together("'newer_than' is only for a 'sitemap'", key="newer_than", hint="remove it")
        return self


def build_sources(items: Sequence, *, every: timedelta, report: Report) -> tuple[Source, ...]:
    """Return the sources of the list that are without fault; ``every`` is for those that set none."""
    taken: dict[str, Place] = {}
    addresses: dict[str, Place] = {}
    sources = []
    for item in items.items:
        source = _bare(item, every, report) if isinstance(item, Scalar) else _full(item, every, report)
        if source is None:
            continue
        place = _place(item)
        if first := taken.get(source.key):
            report.fault(
                place,
                f"two sources have the key '{source.key}': this one and {first.named()}",
                hint="give one of them an `id:` of its own",
            )
            continue
        if other := addresses.get(source.url):
            report.warning(place, f"the same address is at {other.named()}", hint="one of the two is enough")
        taken[source.key] = place
        addresses.setdefault(source.url, place)
        sources.append(source)
    return tuple(sources)


def source_keys(items: Sequence) -> frozenset[str]:
    """Return the keys of all sources of the list, as far as they can be told; of faulty ones, too."""
    keys = set()
    for item in items.items:
        texts = {name: value.text.strip() for name, value in _values(item) if value.text.strip()}
        if "id" in texts or "name" in texts:
            keys.add(texts.get("id") or slug(texts["name"]))
        else:
            keys |= {slug_of_url(url) for url in texts.values() if not url_fault(url)}
    return frozenset(keys)


def _values(item: Node) -> list[tuple[str, Scalar]]:
    """Return what a source may be known by: the values of its ``id``, its ``name`` and its addresses."""
    names = ("id", "name", *_KINDS)
    named = [(name, item.get(name)) for name in names] if isinstance(item, Mapping) else [("feed", item)]
    return [(name, value) for name, value in named if isinstance(value, Scalar) and not value.is_null]


def _bare(item: Scalar, every: timedelta, report: Report) -> Source | None:
    """Return the source of an address that stands alone."""
    url = item.text.strip()
    if item.is_null or not url:
        hidden = "#" in item.place.rest
        report.fault(
            item.place,
            "the item is empty",
            hint="'#' begins a comment: put quotes around the address" if hidden else "remove the dash",
        )
        return None
    if fault := url_fault(url):
        report.fault(item.place, f"the address {fault[0]}", hint=fault[1])
        return None
    return Source(key=slug_of_url(url), name=name_of_url(url), kind=SourceKind.AUTO, url=url, every=every)


def _full(item: Node, every: timedelta, report: Report) -> Source | None:
    """Return the source of a mapping."""
    if not isinstance(item, Mapping):
        report.fault(head(item), "a source is an address, or `key: value` lines")
        return None
    model = validate(SourceModel, _with_valid_id(item, report), report)
    if model is None:
        return None
    kind, url = next((kind, url) for kind in _KINDS if (url := getattr(model, kind)) is not None)
    return Source(
        key=model.id or (slug(model.name) if model.name else slug_of_url(url)),
        name=model.name or name_of_url(url),
        kind=_KINDS[kind],
        url=url,
        language=model.language,
        tags=tuple(dict.fromkeys(model.tags)),
        tier=Tier(model.tier) if model.tier else None,
        every=model.every or every,
        enabled=model.enabled,
        baseline=model.baseline,
        allow_private=model.allow_private,
        links=model.links,
        title=model.title,
        date=model.date,
        newer_than=model.newer_than,
    )


def _with_valid_id(item: Mapping, report: Report) -> Mapping:
    """Report a faulty id in words of its own, and what to write instead."""
    value = item.get("id")
    if isinstance(value, Scalar) and not value.is_null and not _SOURCE_KEY.fullmatch(value.text):
        report.fault(
            value.place, "'id' must be 1 to 64 of a-z, 0-9 and -", hint=f"did you mean '{slug(value.text)}'?"
        )
        report.told.add(value.place)
    return item


def _place(item: Node) -> Place:
    if isinstance(item, Mapping):
        for name in ("id", "name", *_KINDS):
            if (value := item.get(name)) is not None:
                return value.place
    return head(item)
