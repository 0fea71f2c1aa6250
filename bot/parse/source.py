"""Read what a source answered, by its kind: the one door for listings of every sort.

Stands between ``fetch`` and the store. Pure; ``now`` is an argument.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import Entry, Feed, SourceKind
from bot.parse import dates, discover, encoding, feed, sitemap

_HEAD = 65_536


def parse(
    data: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    kind: SourceKind,
    links: str | None,
    title: str | None,
    date: str | None,
    newer_than: timedelta | None,
    now: datetime,
) -> Feed:
    """Read a listing of any kind.

    ``links``, ``title`` and ``date`` are the CSS selectors of a listing page; ``newer_than`` holds for
    sitemaps; ``now`` (aware) is what no date may be ahead of by more than a day: such dates become None.
    ``AUTO`` looks at the bytes. Returns a Feed; ``fault`` says what was wrong.
    """
    found = _read(data, headers, url, kind=kind, links=links, title=title, date=date)
    if newer_than is not None:
        since = now - newer_than
        found = replace(found, entries=tuple(entry for entry in found.entries if _is_newer(entry, since)))
    return replace(found, entries=tuple(_believed(entry, now) for entry in found.entries))


def _read(
    data: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    kind: SourceKind,
    links: str | None,
    title: str | None,
    date: str | None,
) -> Feed:
    if kind is SourceKind.FEED:
        return feed.parse(data, headers, url)
    if kind is SourceKind.SITEMAP:
        return sitemap.parse(data, headers, url)
    if kind is SourceKind.LISTING or links:
        # Imported here: a worker that reads feeds only needs no beautifulsoup4.
        from bot.parse import listing

        return listing.parse(data, headers, url, links=links or "", title=title, date=date)
    head = encoding.decode(encoding.inflate(data, _HEAD)[:_HEAD], headers).lstrip("\ufeff \t\r\n")
    if not discover.is_page(head) and (discover.is_sitemap(head) or sitemap.address_list(head)):
        return sitemap.parse(data, headers, url)
    return feed.parse(data, headers, url)


def _is_newer(entry: Entry, since: datetime) -> bool:
    """Tell whether an entry is young enough; one without a date cannot be judged and stays."""
    known = [at for at in (entry.published_at, entry.updated_at) if at is not None]
    return not known or max(known) >= since


def _believed(entry: Entry, now: datetime) -> Entry:
    published = entry.published_at and dates.believable(entry.published_at, now=now)
    updated = entry.updated_at and dates.believable(entry.updated_at, now=now)
    if published == entry.published_at and updated == entry.updated_at:
        return entry
    return replace(entry, published_at=published, updated_at=updated)
