"""How a source is doing, learned from what it does, and when people are told of it.

A refresh judges by its own answer (``judge_answer``, ``judge_failure``); from time to time all that is
known is judged (``judge``): pages that cannot be read and unusual silence show over many answers only.
``notice`` says what people are to be told: changes only, what lasts only, and that it is over.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.errors import FailureKind
from bot.fetch.rhythm import MEMORY
from bot.fetch.schedule_words import spell
from bot.model import Health, Rhythm

#: so few pages say nothing
_FEWEST_PAGES: Final = 5
#: the part of its pages that must be unreadable to call a source partial, and to go on calling it so
_PARTIAL: Final = 0.6
_STILL_PARTIAL: Final = 0.4

#: so few items say nothing of a rhythm
_FEWEST_ITEMS: Final = 10
#: chance of such a silence in a source that is well
_UNLIKELY: Final = 0.001
#: A silence is unusual only beyond this many times the longest one that the source came back from.
_LONGER: Final = 2.0
#: Where its longest silence is not known yet: longer than any weekend with its holidays.
_ANY_WEEKEND: Final = timedelta(days=5)
#: for so long a source must have been watched to know its weekends
_TWO_WEEKENDS: Final = timedelta(days=14)

_FLOOD_LEAST: Final = 30
_FLOOD_TIMES: Final = 5
_FLOOD_KNOWN: Final = 0.6

#: What is told as soon as it is known: it cannot pass by itself, or was waited for long enough already.
_AT_ONCE: Final = timedelta()
_A_DAY: Final = timedelta(hours=24)
_NOTICE_AFTER: Final[Mapping[str, timedelta]] = {
    FailureKind.GONE: _AT_ONCE,
    # feeds that are read every day do answer 404 at times, while a site is rebuilt
    FailureKind.NOT_FOUND: timedelta(days=3),
    # the next digest has to say what it holds back
    Health.FLOOD: _AT_ONCE,
    # judged after a long silence only
    Health.QUIET: _AT_ONCE,
    # twenty pages may fall into one bad hour of a site
    Health.PARTIAL: timedelta(hours=6),
    # a list that is empty by night, or while a site is rebuilt, fills again
    Health.EMPTY: _A_DAY,
}

#: Why pages cannot be read, in words.
_UNREAD: Final[Mapping[str, str]] = {
    FailureKind.FORBIDDEN: "the site refuses us, or wants consent or a subscription first",
    FailureKind.UNAUTHORISED: "the site wants a user and a password",
    FailureKind.ROBOTS: "the site's robots.txt keeps programs out",
    FailureKind.RATE_LIMITED: "the site says that it is asked too often",
    FailureKind.SERVER_ERROR: "the site has a fault of its own",
    FailureKind.NOT_FOUND: "the site says that there is nothing",
    FailureKind.GONE: "the site says that they are gone",
    FailureKind.TIMEOUT: "the site does not answer in time",
    FailureKind.CONNECT: "the site takes no connection",
    FailureKind.RESET: "the site breaks the connection off",
    FailureKind.DNS: "the site's name cannot be looked up",
    FailureKind.TLS: "the site's certificate is not trusted, or no secure connection comes about",
    FailureKind.TOO_LARGE: "they are too large",
    FailureKind.NOT_A_PAGE: "what is there is no page",
    FailureKind.EMPTY: "there is no text in them",
    FailureKind.REFUSED_ADDRESS: "they stand at an address that is not public",
    FailureKind.REDIRECTS: "they lead in circles",
}
#: What is over, in words.
_WELL_AGAIN: Final = {
    Health.FAILING: "it answers again",
    Health.PARTIAL: "its pages can be read again",
    Health.EMPTY: "it lists something again",
    Health.QUIET: "it has brought something new",
    Health.FLOOD: "it lists as usual again",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """How a source is doing, and why, in words; "" where there is nothing to say."""

    health: Health
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a source's health is judged by."""

    now: datetime
    #: whether the last attempt that counts went well: no failure since (``failing_since`` is None)
    ok: bool
    #: how it failed, and in words
    kind: FailureKind | None = None
    detail: str = ""
    #: entries in its last listing; None where that is not known
    listed: int | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    #: since when it has been doing as it does
    since: datetime | None = None
    #: of the last pages asked for (at most 20): how many were read, how many not, by word of FailureKind
    pages_read: int = 0
    pages_unread: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What people are to be told of a source: a trouble that lasts, or (health OK) that it is over."""

    health: Health
    why: str
    #: when the trouble began; of one that is over, None
    since: datetime | None = None


def is_flood(new: int, known_titles: int, recent_new: Sequence[int]) -> bool:
    """Tell whether a known source listed again, as new, what it had listed before.

    ``new`` items at one poll are more than 30 and more than 5 times the median of the polls that
    brought something lately, and of most of them (more than 0.6) the title is known.
    """
    usual = median(recent_new) if recent_new else 0
    return new > max(_FLOOD_LEAST, _FLOOD_TIMES * usual) and known_titles > _FLOOD_KNOWN * new


def judge_failure(kind: FailureKind | None, detail: str) -> Judgement:
    """Return the judgement of a source that could not be read."""
    said = detail or (kind.value.replace("_", " ") if kind else "it could not be read")
    return Judgement(health=Health.FAILING, why=said)


def judge_answer(
    before: Health, *, listed: int | None, new: int, held: int, fault: str | None
) -> Judgement | None:
    """Return the judgement of a source that answered well; None: it is doing as before, for that reason.

    ``listed`` counts the entries, None where nothing had changed; ``new`` those that are news, ``held``
    those held back as a flood; ``fault`` says why not everything could be read. A refresh alone knows
    nothing of pages and of usual silence: PARTIAL stays, and QUIET until something new comes.
    """
    if held > 0:
        return Judgement(health=Health.FLOOD, why=f"it listed {held:,} items again, as new ones")
    if listed == 0:
        return Judgement(health=Health.EMPTY, why="it answers well, and lists nothing")
    if before is Health.PARTIAL or (before is Health.QUIET and new == 0):
        return None
    if listed is None and before in (Health.EMPTY, Health.FLOOD):
        return None
    return Judgement(health=Health.OK, why=f"not everything could be read: {fault}" if fault else "")


def judge(before: Health, facts: Facts) -> Judgement | None:
    """Return the judgement of all that is known of a source; None: it is doing as before, for that reason."""
    if before is Health.UNKNOWN and facts.listed is None and facts.ok:
        return None
    if not facts.ok:
        return None if before is Health.FAILING else judge_failure(facts.kind, facts.detail)
    if before is Health.FLOOD:
        return None
    if facts.listed == 0:
        return judge_answer(before, listed=0, new=0, held=0, fault=None)
    if (why := _partly(before, facts)) is not None:
        return Judgement(health=Health.PARTIAL, why=why)
    last_new = facts.rhythm.last_new_at
    if before is Health.QUIET and facts.since is not None and last_new is not None and last_new < facts.since:
        # What is known of its rhythm fades with the silence: only something new ends it.
        return None
    if (why := _quiet(facts)) is not None:
        return Judgement(health=Health.QUIET, why=why)
    return None if before is Health.OK else Judgement(health=Health.OK)


def _partly(before: Health, facts: Facts) -> str | None:
    """Say how many of its pages cannot be read, and why most of them; None where most can."""
    unread = sum(facts.pages_unread.values())
    asked = facts.pages_read + unread
    enough = _STILL_PARTIAL if before is Health.PARTIAL else _PARTIAL
    if asked < _FEWEST_PAGES or unread < enough * asked:
        return None
    kind = max(sorted(facts.pages_unread), key=facts.pages_unread.__getitem__)
    reason = _UNREAD.get(kind) or kind.replace("_", " ") or "nobody knows why"
    return f"{unread} of its last {asked} pages could not be read: {reason}"


def _quiet(facts: Facts) -> str | None:
    """Say how long nothing new has come where that is unlikely in a source that is well; else None.

    The silence is held against the rate of the weeks before it (what fades over two weeks weighs like
    28 days), bursts counted once, as a Poisson process; and against the source's own longest silence,
    which tells nights, weekends and holidays from trouble better than any rate.
    """
    rhythm = facts.rhythm
    if rhythm.items < _FEWEST_ITEMS or rhythm.last_new_at is None:
        return None
    silence = facts.now - rhythm.last_new_at
    memory_s = MEMORY.total_seconds()
    faded = math.exp(-max(silence.total_seconds(), 0.0) / memory_s)
    # Items and time before the silence have both faded by the same part, which cancels out.
    before_s = rhythm.watched_s - memory_s * (1 - faded)
    if before_s <= 0 or faded < _UNLIKELY:
        return None
    burst = max(sum(rhythm.recent_new) / len(rhythm.recent_new), 1.0) if rhythm.recent_new else 1.0
    expected = rhythm.heard / before_s * silence.total_seconds()
    if math.exp(-expected / burst) >= _UNLIKELY or silence <= _patience(rhythm, before_s / faded):
        return None
    lasts, usual = spell(silence.total_seconds()), round(expected)
    return f"nothing new for {lasts}, in which it used to bring about {usual:,} items"


def _patience(rhythm: Rhythm, watched_s: float) -> timedelta:
    """Return how long a silence may last whatever the rate says."""
    own = _LONGER * timedelta(seconds=rhythm.longest_gap_s)
    weekends_s = MEMORY.total_seconds() * (1 - math.exp(-_TWO_WEEKENDS / MEMORY))
    return own if own and watched_s >= weekends_s else max(own, _ANY_WEEKEND)


def notice_after(trouble: FailureKind | Health | None) -> timedelta:
    """Return how long a trouble must last before people are told: a failure's kind, or a health.

    At once: 410 (it is paused), a flood, an unusual silence. 404: 3 days. All other failures, and a
    source that lists nothing: 24 h, as most are over by then. Unreadable pages: 6 h.
    """
    return _NOTICE_AFTER.get(trouble or "", _A_DAY)


def notice(
    noticed: Health | None,
    health: Health,
    *,
    since: datetime | None,
    kind: FailureKind | None,
    why: str,
    now: datetime,
) -> Notice | None:
    """Return what people are to be told; None: nothing.

    ``noticed`` is the health last told of (None: none yet), ``health`` how the source is doing now,
    ``since`` when, ``kind`` how it fails. Told are changes only; a trouble once it has lasted
    (``notice_after``); that it is over only where it was told.
    """
    told = noticed if noticed is not None else Health.OK
    if health in (told, Health.UNKNOWN):
        return None
    if health is Health.OK:
        return Notice(health=Health.OK, why=_WELL_AGAIN[told]) if told in _WELL_AGAIN else None
    trouble = kind if health is Health.FAILING else health
    if now - (since or now) < notice_after(trouble):
        return None
    return Notice(health=health, why=why, since=since)
