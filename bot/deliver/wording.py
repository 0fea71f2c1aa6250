"""The digest's sentences, numbers and times, said the same way in every format.

Own names of days and months: what ``strftime`` says depends on the machine's locale.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model import Coverage, Digest, DigestTrouble, Health, SourceFlood, SourceRecovery, TermHits

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_NAME = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_PLURALS = {"story": "stories", "watch": "watches"}
_BLOCKS = "▁▂▃▄▅▆▇█"


def counted(number: int, noun: str) -> str:
    """Return ``1 story``, ``1,930 articles``."""
    return f"{number:,} {noun if number == 1 else _PLURALS.get(noun, noun + 's')}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return ``8 Nov``."""
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]}"


def weekday_time(at: datetime, zone: ZoneInfo) -> str:
    """Return ``Sat 21 Nov 07:00``."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {day(at, zone)} {local:%H:%M}"


def period(digest: Digest, zone: ZoneInfo) -> str:
    """Return from when to when the digest reaches, and in which zone its times are."""
    return f"{weekday_time(digest.since, zone)} to {weekday_time(digest.until, zone)} ({zone.key})"


def last_mention(at: datetime | None, zone: ZoneInfo) -> str:
    """Return ``last mention 18 Nov``."""
    return f"last mention {day(at, zone)}" if at else "no mention yet"


def when(at: datetime, zone: ZoneInfo, *, today: datetime) -> str:
    """Return ``Fri 21:40`` within the last six days, else ``8 Nov``, with the year where it is another."""
    local = at.astimezone(zone)
    if abs(today - at) < timedelta(days=6):
        return f"{_DAYS[local.weekday()]} {local:%H:%M}"
    same_year = local.year == today.astimezone(zone).year
    return day(at, zone) if same_year else f"{day(at, zone)} {local.year}"


def change(percent: int | None) -> str:
    """Return ``▲ 62%``; "" where there is nothing to compare with."""
    if percent is None:
        return ""
    return f"{'▲' if percent >= 0 else '▼'} {abs(percent):,}%"


def mean(daily_mean: float) -> str:
    """Return ``21`` or ``0.4``."""
    return f"{daily_mean:,.0f}" if daily_mean >= 9.95 else f"{daily_mean:.1f}".removesuffix(".0")


def sparkline(days: tuple[int, ...]) -> str:
    """Return a bar of one character a day; "" where every day is empty."""
    most = max(days, default=0)
    return "".join(_BLOCKS[round(count / most * (len(_BLOCKS) - 1))] for count in days) if most else ""


def where(hits: TermHits) -> str:
    """Return ``title, 4× text``: where a term was found."""
    title = {0: "", 1: "title"}.get(hits.in_title, f"{hits.in_title}× title")
    text = f"{hits.in_text}× text" if hits.in_text else ""
    return ", ".join(part for part in (title, text) if part)


def coverage(checked: Coverage) -> str:
    """Return the coverage line: what was looked at, so that an empty digest is evidence."""
    doing = (
        (checked.sources_failing, "failing"),
        (checked.sources_quiet, "unusually quiet"),
        (checked.sources_partial, "with unreadable pages"),
        (checked.sources_empty, "listing nothing"),
        (checked.sources_flooding, "listing old items again"),
        (checked.sources_paused, "paused"),
        (checked.sources_unknown, "not read yet"),
    )
    line = ", ".join([_checked(checked), *(f"{number:,} {how}" for number, how in doing if number)])
    if not checked.articles:
        return f"{line}, no new articles"
    parts = (
        (checked.in_full, "in full"),
        (checked.from_feed, "from the feed"),
        (checked.summary_only, "by summary only"),
        (checked.unread, "unread"),
    )
    split = ", ".join(f"{number:,} {how}" for number, how in parts if number)
    return f"{line}, {counted(checked.articles, 'article')}{f': {split}' if split else ''}"


def _checked(checked: Coverage) -> str:
    """Return ``214 sources checked``, or ``210 of 214 sources checked`` where some were not."""
    if checked.sources > checked.sources_checked:
        return f"{checked.sources_checked:,} of {counted(checked.sources, 'source')} checked"
    return f"{counted(checked.sources_checked, 'source')} checked"


def nothing_new(digest: Digest, zone: ZoneInfo) -> str:
    """Return what an empty digest says, which is never more than is known."""
    checked = digest.coverage
    sources, watches = counted(checked.sources_answered, "source"), counted(len(digest.quiet), "watch")
    if checked.network_down_since is not None:
        since = weekday_time(checked.network_down_since, zone)
        doubt = f"the network has been down since {since}"
    elif not checked.sources_checked:
        doubt = "no source was checked in this period"
    elif not checked.sources_answered:
        doubt = "no source gave a good answer in this period"
    elif not checked.articles:
        return f"No new mentions. Newsbot checked {sources}, and none had a new article."
    else:
        return (
            f"No new mentions. Newsbot read {counted(checked.articles, 'article')} from {sources}"
            f" and none matched the {watches} of this digest."
        )
    return f"No new mentions, but {doubt}: there may be news all the same."


def trouble(told: DigestTrouble, zone: ZoneInfo) -> str:
    """Return ``HTTP 403 on every poll since Thu 19 Nov 14:10``: what is wrong with a source, since when."""
    if told.since is None:
        return told.message
    # Only a failure is said so that "since" follows it; other reasons end in clauses of their own.
    comma = "" if told.health is Health.FAILING else ","
    return f"{told.message}{comma} since {weekday_time(told.since, zone)}"


def recovery(told: SourceRecovery, zone: ZoneInfo) -> str:
    """Return ``it answers again, after trouble since Thu 19 Nov 14:10``."""
    if told.since is None:
        return told.message
    return f"{told.message}, after trouble since {weekday_time(told.since, zone)}"


def flood(told: SourceFlood) -> str:
    """Return ``Défense Hebdo listed 300 old items again: held back``."""
    return f"{told.name} listed {counted(told.entries, 'old item')} again: held back"


def outage(since: datetime, zone: ZoneInfo) -> str:
    """Return that the network was down when the digest was composed, and what follows from that."""
    return (
        f"The network was down from {weekday_time(since, zone)} until this digest was written: no source"
        " could be reached, and none is counted as failing for it. The sources are read once it is back."
    )


def sent_because(digest: Digest, zone: ZoneInfo) -> str:
    """Return when this digest comes, and when next."""
    schedule = _DAY_NAME.sub(lambda found: found[0].title(), digest.schedule)
    if schedule.startswith("cron "):
        schedule = f"on the schedule “{schedule.removeprefix('cron ')}”"
    elif schedule == "immediately":
        schedule = "as soon as there is something to tell"
    following = f"; next: {weekday_time(digest.next_slot, zone)}" if digest.next_slot else ""
    return f"Sent {schedule}{following}."


def subject(digest: Digest) -> str:
    """Return one line that says what is inside."""
    if not digest.mentions:
        return f"{digest.name}: nothing new"
    names = [watch.name for watch in digest.watches[:3]] + ["…"] * (len(digest.watches) > 3)
    count = f"{counted(digest.mentions, 'mention')} in {counted(digest.stories, 'story')}"
    return f"{digest.name}: {count} ({', '.join(names)})"
