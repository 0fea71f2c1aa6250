"""What becomes of a mention when its article is matched again: a new revision, or a text seen in a new light.

Upper rooms reach this through ``bot.store.mentions``. A mention keeps the facts of the revision that it was
found in, with these exceptions: it came back, it stands in the article itself and no longer in the site's
furniture only, the headline has it now, or its sense is another; and where the very text that its spans
stand in was replaced. What that means for people is an event: *found* once in its life, *withdrawn* and
*changed* only for what could be told, and few of them, for a page may change every hour.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.model import EventKind, Mention
from bot.store.base import Tx
from bot.store.mention_rows import BY_REVISION, BY_WATCH, facts_of
from bot.store.statements import AnyRow, Many, any_of, chunks, param
from bot.store.tables import mention_events, mentions, watches

#: Events of one mention; after that it changes in silence.
_MOST_EVENTS: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A watch that an article satisfies, and what is to be made of it."""

    mention: Mention
    #: history rather than news
    backfill: bool
    #: whether digests may tell it: False for a sense that the watch does not want
    told: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleMatches:
    """What one article was found to mention."""

    article_id: int
    #: the revision that was looked at
    revision: int
    mentions: Sequence[Match]
    #: whether all watches were looked for, so that the article waits no longer
    mark_matched: bool
    #: its text changes whenever it is looked at: what appears and vanishes with it is no news
    noisy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    """What a known mention becomes."""

    mention_id: int
    revision: int
    values: dict[str, Any]
    event: EventKind | None


_KNOWN = (
    sa.select(
        mentions.c.id,
        watches.c.key.label("watch"),
        mentions.c.article_id,
        mentions.c.revision,
        mentions.c.watch_version,
        mentions.c.backfill,
        mentions.c.sense,
        mentions.c.furniture,
        mentions.c.unwanted,
        mentions.c.withdrawn_at,
        mentions.c.withdrawn_why,
        mentions.c.dismissed_at,
        mentions.c.total,
        mentions.c.excerpt,
        mentions.c.marks,
        mentions.c.spans,
    )
    .join(watches, watches.c.id == mentions.c.watch_id)
    .where(any_of(mentions.c.article_id, "ids"))
)
_COLUMNS = (
    "revision", "watch_version", "sense", "total", "excerpt", "marks", "spans", "unwanted", "furniture",
    "backfill", "withdrawn_at", "withdrawn_why",
)  # fmt: skip
_UPDATE = Many(
    sa.update(mentions)
    .where(mentions.c.id == param("of", mentions.c.id))
    .values({name: param(f"new_{name}", mentions.c[name]) for name in _COLUMNS})
)
_EVENTS = (
    sa.select(mention_events.c.mention_id, mention_events.c.kind, sa.func.count().label("times"))
    .where(any_of(mention_events.c.mention_id, "ids"))
    .group_by(mention_events.c.mention_id, mention_events.c.kind)
)
_ADD_EVENTS = sa.insert(mention_events)


def rematch(
    tx: Tx,
    matches: Sequence[ArticleMatches],
    *,
    added: Collection[int],
    versions: Mapping[str, str],
    now: datetime,
) -> None:
    """Bring the mentions up to date that these articles had before; those just ``added`` are.

    For ``versions`` see ``save_matches``.
    """
    by_article = {match.article_id: match for match in matches}
    changes: list[tuple[AnyRow, _Change]] = []
    for some in chunks(list(by_article)):
        for row in tx.execute(_KNOWN, {"ids": list(some)}).all():
            if row.id in added:
                continue
            match = by_article[row.article_id]
            found = next((one for one in match.mentions if one.mention.watch == row.watch), None)
            change = _gone(row, match, versions, now) if found is None else _found(row, match, found)
            if change is not None:
                changes.append((row, change))
    if changes:
        _UPDATE(tx, [_values(row, change) for row, change in changes])
        if events := list(_events(tx, [change for _, change in changes], now)):
            tx.execute(_ADD_EVENTS, events)


def _gone(row: AnyRow, match: ArticleMatches, versions: Mapping[str, str], now: datetime) -> _Change | None:
    """Withdraw what the same version of its watch found in an earlier text."""
    looked_for = match.mark_matched and versions.get(row.watch) == row.watch_version
    if not looked_for or row.withdrawn_at is not None or match.revision < row.revision:
        return None
    told = not (row.backfill or row.furniture or row.unwanted or row.dismissed_at or match.noisy)
    return _Change(
        mention_id=row.id,
        revision=match.revision,
        values={"withdrawn_at": now, "withdrawn_why": BY_REVISION},
        event=EventKind.WITHDRAWN if told else None,
    )


def _found(row: AnyRow, match: ArticleMatches, found: Match) -> _Change | None:
    mention = found.mention
    if row.dismissed_at is not None and row.withdrawn_why is None:
        # A person said what it is.
        return None
    facts = facts_of(mention, told=found.told)
    back = {"withdrawn_at": None, "withdrawn_why": None}
    event: EventKind | None = None
    if row.withdrawn_why == BY_WATCH:
        # The user changed the watch himself.
        values = facts | back
    elif row.withdrawn_why is not None:
        values = facts | back
        event = EventKind.CHANGED if row.watch_version == mention.watch_version else None
    elif (row.furniture and not mention.furniture) or (row.unwanted and found.told):
        # Only now does the article itself say it, or in a sense that is wanted.
        values = facts | {"backfill": row.backfill and found.backfill}
        event = EventKind.FOUND
    elif mention.furniture and not row.furniture:
        values = {"furniture": True}
    elif match.revision > row.revision and _is_material(row, mention):
        values = facts
        event = EventKind.CHANGED
    elif match.revision == row.revision and facts["spans"] != [tuple(span) for span in row.spans]:
        values = facts
    else:
        return None
    told = found.told and not (mention.furniture or row.dismissed_at or values.get("backfill", row.backfill))
    quiet = match.noisy and event is not EventKind.FOUND
    return _Change(
        mention_id=row.id,
        revision=match.revision,
        values=values,
        event=event if told and not quiet else None,
    )


def _is_material(row: AnyRow, mention: Mention) -> bool:
    """Tell whether a mention says more than it did: in the headline now, or in another sense."""
    sense = None if mention.sense is None else mention.sense.value
    was_in_title = any(span[0] == "title" for span in row.spans)
    return sense != row.sense or (not was_in_title and any(span.field == "title" for span in mention.spans))


def _values(row: AnyRow, change: _Change) -> dict[str, Any]:
    values = {name: change.values.get(name, getattr(row, name)) for name in _COLUMNS}
    return {"of": change.mention_id} | {f"new_{name}": value for name, value in values.items()}


def _events(tx: Tx, changes: Sequence[_Change], now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the events of these changes: *found* once, the others only after it, and not too many."""
    asked = [change for change in changes if change.event is not None]
    had: dict[int, Counter[str]] = {change.mention_id: Counter() for change in asked}
    for some in chunks(list(had)):
        for row in tx.execute(_EVENTS, {"ids": list(some)}):
            had[row.mention_id][row.kind] = row.times
    for change in asked:
        before = had[change.mention_id]
        kind = change.event
        if kind is EventKind.CHANGED and not before[EventKind.FOUND]:
            kind = EventKind.FOUND
        is_new = kind is EventKind.FOUND and not before[EventKind.FOUND]
        if is_new or (
            kind is not EventKind.FOUND and before[EventKind.FOUND] and before.total() < _MOST_EVENTS
        ):
            yield {"mention_id": change.mention_id, "kind": kind, "revision": change.revision, "at": now}
