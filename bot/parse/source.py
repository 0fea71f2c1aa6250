"""Read what a source answered, by its kind: the one door for listings of every sort.

Stands between ``fetch`` and the store; runs in a worker of ``sandbox``. Pure; ``now`` comes with the job.
"""

from dataclasses import replace
from datetime import datetime

from bot.model import Entry, Feed, SourceKind
from bot.parse import dates, discover, encoding, feed, sitemap, unwrap
from bot.parse.jobs import ListingJob

_HEAD = 65_536


def parse(job: ListingJob) -> Feed:
    """Read a listing of any kind.

    ``AUTO`` looks at the bytes: a feed or a sitemap is read; of a page, the sources that it offers are
    returned (``Feed.offers``) with a ``fault``. Dates ahead of ``now`` by more than a day become None, links
    of aggregators are unwrapped where the job says so, and at most ``max_entries`` are kept, the newest where
    they are dated. Returns a Feed; ``fault`` says what was wrong.
    """
    found = _read(job)
    entries = [_believed(entry, job.now) for entry in found.entries]
    if job.newer_than is not None:
        since = job.now - job.newer_than
        entries = [entry for entry in entries if _is_newer(entry, since)]
    if job.max_entries is not None and len(entries) > job.max_entries:
        entries = _newest(entries, job.max_entries)
    if job.unwrap:
        entries = [_unwrapped(entry) for entry in entries]
    return replace(found, entries=tuple(entries))


def _read(job: ListingJob) -> Feed:
    if job.kind in (SourceKind.FEED, SourceKind.SEARCH):
        return feed.parse(job.data, job.headers, job.url)
    if job.kind is SourceKind.SITEMAP:
        return sitemap.parse(job.data, job.headers, job.url)
    # Imported here: a worker that reads feeds only needs neither beautifulsoup4 nor trafilatura.
    if job.kind is SourceKind.PAGE:
        from bot.parse import page_source

        return page_source.parse(job)
    if job.kind is SourceKind.LISTING or job.links:
        return _listing(job)
    head = encoding.decode(encoding.inflate(job.data, _HEAD)[:_HEAD], job.headers).lstrip("\ufeff \t\r\n")
    if not discover.is_page(head):
        if discover.is_sitemap(head) or sitemap.address_list(head):
            return sitemap.parse(job.data, job.headers, job.url)
        return feed.parse(job.data, job.headers, job.url)
    from bot.parse import offers

    return offers.read(job)


def _listing(job: ListingJob) -> Feed:
    from bot.parse import listing, structure

    if job.links:
        return listing.parse(
            job.data,
            job.headers,
            job.url,
            links=job.links,
            title=job.title,
            date=job.date,
            following=job.next,
        )
    return structure.parse(job.data, job.headers, job.url, title=job.title, date=job.date, following=job.next)


def _unwrapped(entry: Entry) -> Entry:
    return entry if entry.link is None else replace(entry, link=unwrap.unwrapped(entry.link))


def _newest(entries: list[Entry], limit: int) -> list[Entry]:
    """Return the newest entries in their own order; where not all are dated, the first ones."""
    dated = [entry.published_at or entry.updated_at for entry in entries]
    if None in dated:
        return entries[:limit]
    ranked = sorted(range(len(entries)), key=lambda place: dated[place] or dates.EARLIEST, reverse=True)
    return [entries[place] for place in sorted(ranked[:limit])]


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
