"""``sources.yaml``: the places that list news, and the key each of them keeps for ever."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.config.access import NO_ACCESS, access_of, ca_path, check_source
from bot.config.faults import Place
from bot.config.fields import url_fault
from bot.config.secrets import Vault, hide_lookalikes
from bot.config.settings import FetchSettings
from bot.config.slugs import name_of_url, slug, slug_of_url
from bot.config.source_model import ADDRESSES, SourceModel
from bot.config.validate import head, validate
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from bot.model import Access, FullText, JsonLd, PauseScope, Source, SourceKind, Tier

_KINDS = dict(
    zip(ADDRESSES, (SourceKind.FEED, SourceKind.SITEMAP, SourceKind.LISTING, SourceKind.SEARCH), strict=True)
)
_SOURCE_KEY = re.compile(r"[a-z0-9-]{1,64}")
#: What a source is known by, the first that is given.
_KNOWN_BY = ("id", "name", *ADDRESSES)
#: Between the key of a search and the part of one of its watches.
_OF_SEARCH = "--"


@dataclass(kw_only=True, slots=True)
class Built:
    """The sources that are without fault, and what they are asked with that nobody may read."""

    sources: list[Source] = field(default_factory=list)
    access: dict[str, Access] = field(default_factory=dict)
    #: where each one is named
    places: dict[str, Place] = field(default_factory=dict)


def build_sources(items: Sequence, *, fetch: FetchSettings, vault: Vault) -> Built:
    """Return the sources of the list that are without fault; ``fetch`` is for what they do not say."""
    report = vault.report
    built = Built()
    addresses: dict[tuple[str, SourceKind], Place] = {}
    for item in items.items:
        found = _bare(item, fetch, vault) if isinstance(item, Scalar) else _full(item, fetch, vault)
        if found is None:
            continue
        source, access = found
        place = _place(item)
        if first := built.places.get(source.key):
            report.fault(
                place,
                f"two sources have the key '{source.key}': this one and {first.named()}",
                hint="give one of them an `id:` of its own",
            )
            continue
        if other := addresses.get((source.url, source.kind)):
            report.warning(place, f"the same address is at {other.named()}", hint="one of the two is enough")
        built.places[source.key] = place
        addresses.setdefault((source.url, source.kind), place)
        built.sources.append(source)
        # with a proxy for all, one that goes without is told apart
        if access != NO_ACCESS or fetch.proxy is not None:
            built.access[source.key] = access
    _check_names(items, built, vault)
    return built


def source_keys(items: Sequence) -> frozenset[str]:
    """Return the keys of all sources of the list, as far as they can be told; of faulty ones, too."""
    return frozenset(key for item in items.items for key in keys_of(item))


def keys_of(item: Node) -> Iterator[str]:
    """Yield the key of a source; of a faulty one, each that it may have."""
    texts = {name: value.text.strip() for name, value in _values(item) if value.text.strip()}
    if "id" in texts or "name" in texts:
        yield texts.get("id") or slug(texts["name"])
    else:
        yield from (slug_of_url(url) for url in texts.values() if not url_fault(url))


def _values(item: Node) -> list[tuple[str, Scalar]]:
    """Return what a source may be known by: the values of its ``id``, its ``name`` and its addresses."""
    named = [(name, item.get(name)) for name in _KNOWN_BY] if isinstance(item, Mapping) else [("feed", item)]
    return [(name, value) for name, value in named if isinstance(value, Scalar) and not value.is_null]


def _bare(item: Scalar, fetch: FetchSettings, vault: Vault) -> tuple[Source, Access] | None:
    """Return the source of an address that stands alone."""
    url = item.text.strip()
    if item.is_null or not url:
        hidden = "#" in item.place.rest
        vault.report.fault(
            item.place,
            "the item is empty",
            hint="'#' begins a comment: put quotes around the address" if hidden else "remove the dash",
        )
        return None
    if fault := url_fault(url):
        vault.report.fault(item.place, f"the address {fault[0]}", hint=fault[1])
        return None
    return fetch.source(url, key=slug_of_url(url), name=name_of_url(url)), Access(proxy=fetch.proxy)


def _full(item: Node, fetch: FetchSettings, vault: Vault) -> tuple[Source, Access] | None:
    """Return the source of a mapping, and what it is asked with."""
    report = vault.report
    if not isinstance(item, Mapping):
        report.fault(head(item), "a source is an address, or `key: value` lines")
        return None
    hide_lookalikes(item, report.secret_names)
    unlocked = vault.unlock(_with_valid_keys(item, vault), SourceModel)
    assert isinstance(unlocked, Mapping)
    model = validate(SourceModel, unlocked, report)
    if model is None:
        return None
    source = _source(model, fetch, vault)
    access = access_of(model, fetch, report)
    check_source(source, access, unlocked, vault)
    return source, access


def _source(model: SourceModel, fetch: FetchSettings, vault: Vault) -> Source:
    """Return the source of a model that is without fault."""
    kind, url = next((kind, url) for kind in ADDRESSES if (url := getattr(model, kind)) is not None)
    source = fetch.source(
        url,
        key=model.id or (slug(model.name) if model.name else slug_of_url(url)),
        name=model.name or name_of_url(url),
    )
    return replace(
        source,
        kind=SourceKind.PAGE if model.watch else _KINDS[kind],
        was=model.was,
        language=model.language,
        tags=tuple(dict.fromkeys(model.tags)),
        tier=Tier(model.tier) if model.tier else None,
        every=model.every or source.every,
        adapts=model.every is None,
        enabled=model.enabled,
        baseline=model.baseline,
        links=model.links,
        title=model.title,
        date=model.date,
        next=model.next,
        pages=model.pages,
        newer_than=model.newer_than,
        full_text=FullText(model.full_text),
        json_ld=JsonLd(model.json_ld),
        content_selector=model.content_selector,
        timeout=model.timeout,
        max_body=model.max_body or source.max_body,
        max_entries=model.max_entries or source.max_entries,
        host_pause=model.host_pause,
        scope=PauseScope(model.scope) if model.scope else source.scope,
        robots=model.robots == "obey" if model.robots else source.robots,
        user_agent=model.user_agent,
        tls_verify=source.tls_verify if model.tls_verify is None else model.tls_verify,
        ca_file=ca_path(model.ca_file, vault.folder) or source.ca_file,
        allow_private=model.allow_private,
    )


def _with_valid_keys(item: Mapping, vault: Vault) -> Mapping:
    """Report a faulty ``id`` or ``was`` in words of its own, and what to write instead."""
    for name in ("id", "was"):
        value = item.get(name)
        if isinstance(value, Scalar) and not value.is_null and not _SOURCE_KEY.fullmatch(value.text):
            vault.report.fault(
                value.place,
                f"'{name}' must be 1 to 64 of a-z, 0-9 and -",
                hint=f"did you mean '{slug(value.text)}'?",
            )
            vault.report.told.add(value.place)
    return item


def _check_names(items: Sequence, built: Built, vault: Vault) -> None:
    """Report former keys that are still in use, and keys that belong to the sources of a search."""
    claimed: dict[str, Place] = {}
    searches = {source.key for source in built.sources if source.kind is SourceKind.SEARCH}
    for item in items.items:
        value = item.get("was") if isinstance(item, Mapping) else None
        if not isinstance(value, Scalar) or value.is_null or not _SOURCE_KEY.fullmatch(value.text):
            continue
        if (place := built.places.get(value.text)) is not None:
            vault.report.fault(
                value.place,
                f"'was' is the key of a source that there still is, at {place.named()}",
                hint="'was' is the former key of this very source: remove it, or remove the other one",
            )
        elif (other := claimed.get(value.text)) is not None:
            vault.report.fault(
                value.place,
                f"two sources were '{value.text}': this one and the one at {other.named()}",
                hint="the history can go on under one key only",
            )
        claimed.setdefault(value.text, value.place)
    for source in built.sources:
        search, joint, _ = source.key.partition(_OF_SEARCH)
        if joint and search in searches:
            vault.report.fault(
                built.places[source.key],
                f"the key '{source.key}' is one of those that the search '{search}' gives its watches",
                hint="give the source another `id:`",
            )


def _place(item: Node) -> Place:
    if isinstance(item, Mapping):
        for name in _KNOWN_BY:
            if (value := item.get(name)) is not None:
                return value.place
    return head(item)
