"""Arrivals: of what a source lists, what is new, what is history, and what it only lists again.

Part of the refresh step. Reads the store for what is known; which entries are the same is decided by
``bot.parse.identity``, what counts as a flood by ``bot.fetch.health``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.fetch.health import is_flood
from bot.model import Entry, Feed, Source, SourceKind, paced_by
from bot.parse.identity import EntryKeys, KnownEntry, new_entries
from bot.pipeline.deps import Deps
from bot.store import sources
from bot.store.sources import ChangedEntry, NewEntry, SourceState

#: Fewer new items than this are never looked at as a flood: the known titles are not worth a query.
_FLOOD_LOOKED_AT = 30
#: A sitemap's item this much older than our first look at the site was there, in a part we had not read.
_ARCHIVE_SLACK = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """What one listing brought."""

    new: tuple[NewEntry, ...] = ()
    #: numbers of known entries that are listed again
    seen: tuple[int, ...] = ()
    #: known entries whose text changed
    changed: tuple[ChangedEntry, ...] = ()
    #: new items that only repeat titles known before, listed again by the hundred
    held: int = 0

    @property
    def news(self) -> int:
        """How many items are news."""
        return sum(not entry.baseline for entry in self.new)


async def arrivals(
    deps: Deps,
    state: SourceState,
    feed: Feed,
    keys: Sequence[EntryKeys],
    *,
    archive: bool,
    baseline: bool,
    now: datetime,
) -> Arrivals:
    """Tell apart what is new in a listing.

    ``archive``: it lists more than the latest; ``baseline``: a first sight is history.
    """
    known: list[KnownEntry] = []
    if state.baseline_done and keys:
        rows = await deps.store.aread(sources.known_entries, state.id, keys)
        known = [
            KnownEntry(
                entry_id=row.entry_id,
                url_key=row.url_key,
                id_key=row.id_key,
                title_key=row.title_key,
                published_at=row.published_at,
            )
            for row in rows
        ]
    new, seen = new_entries(list(zip(feed.entries, keys, strict=True)), known)
    first_sight = baseline and state.source.baseline and not state.baseline_done
    repeated = await _repeated(deps, state, [keys[index] for index in new])
    entries = tuple(
        [
            _new_entry(
                state,
                feed.entries[index],
                keys[index],
                feed,
                baseline=first_sight or (archive and _was_there(state, feed.entries[index])),
                held=keys[index].title_key in repeated,
                now=now,
            )
            for index in new
        ]
    )
    return Arrivals(
        new=entries,
        seen=tuple(seen),
        changed=_changed(state, feed, seen),
        held=sum(entry.held is not None for entry in entries),
    )


async def _repeated(deps: Deps, state: SourceState, new: Sequence[EntryKeys]) -> frozenset[bytes | None]:
    """Return the title keys of those new items that a flood brings again; none where it is no flood."""
    if not state.baseline_done or len(new) <= _FLOOD_LOOKED_AT:
        return frozenset()
    titles = [keys.title_key for keys in new if keys.title_key is not None]
    known = await deps.store.aread(sources.known_titles, state.id, titles)
    if not is_flood(len(new), len(known), state.rhythm.recent_new):
        return frozenset()
    return frozenset(known)


def _was_there(state: SourceState, entry: Entry) -> bool:
    """Tell whether an archive's item is older than our first look: a part of it that was not read then."""
    if state.first_asked_at is None:
        return False
    dated = entry.published_at or entry.updated_at
    return dated is not None and dated < state.first_asked_at - _ARCHIVE_SLACK


def _changed(state: SourceState, feed: Feed, seen: Sequence[int]) -> tuple[ChangedEntry, ...]:
    """Return the one entry of a watched page, which is asked for because it changed."""
    if state.source.kind is not SourceKind.PAGE or len(feed.entries) != 1 or len(seen) != 1:
        return ()
    entry = feed.entries[0]
    return (
        ChangedEntry(
            entry_id=seen[0],
            title=entry.title,
            summary=entry.summary,
            content=entry.content,
            updated_at=entry.updated_at,
        ),
    )


def _new_entry(
    state: SourceState,
    entry: Entry,
    keys: EntryKeys,
    feed: Feed,
    *,
    baseline: bool,
    held: bool,
    now: datetime,
) -> NewEntry:
    return NewEntry(
        key=keys.key,
        url=entry.link,
        host=_host(state.source, entry.link),
        url_key=keys.url_key,
        id_key=keys.id_key,
        title_key=keys.title_key,
        title=entry.title,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        authors=entry.authors,
        summary=entry.summary,
        content=entry.content,
        language=entry.language or feed.language,
        outlet=entry.outlet,
        held="flood" if held else None,
        baseline=baseline or held,
        next_read_at=now,
    )


def _host(source: Source, link: str | None) -> str:
    return paced_by(link, source.scope) if link else source.host
