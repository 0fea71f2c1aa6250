"""From a digest to what is shown of it: strings in the reader's zone, cleaned, cut and linked.

Every format draws the same view, so they say the same. A ``Cut`` says how much of the digest is
shown, and ``largest`` finds the most that fits into a format's limit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.deliver import wording
from bot.deliver.clean import clean, shorten, web_link
from bot.model import Digest, DigestStory, DigestTrouble, DigestWatch

T = TypeVar("T")

#: Stories with excerpt and reasons that are kept as long as possible; the others shrink to a headline first.
_FULL_AT_LEAST = 10
_MOST_ALSO = 4
_MOST_TERMS = 5
_MOST_QUIET = 30
_MOST_TROUBLES = 8
_MOST_RECOVERED = 8
_MOST_FLOODS = 8
_TALLEST_BAR = 40
_LONGEST_LINK_BESIDE = 1000
_LONGEST_EXCERPT = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """How much is shown, counted from the top stories of all watches."""

    #: stories with excerpt and reasons
    full: int
    #: stories altogether; those after ``full`` are headlines
    shown: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryView:
    """A story; ``snippet``, ``why`` and ``also`` are empty for a mere headline."""

    full: bool
    title: str
    #: "" where there is none to link
    url: str
    outlet: str
    when: str
    #: ISO 639 code; "" when unknown
    language: str
    #: the code in capitals where the reader may not expect it, else ""
    badge: str
    outlets: int
    #: (piece, whether it is a term that was found)
    snippet: tuple[tuple[str, bool], ...]
    #: (term, where it was found)
    why: tuple[tuple[str, str], ...]
    #: (outlet, address or "")
    also: tuple[tuple[str, str], ...]
    also_more: int
    mention: int | None
    #: page that asks whether the match is wrong; "" without a web part
    mention_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchView:
    """A watch with the stories that are shown."""

    key: str
    name: str
    url: str
    description: str
    mentions: str
    outlets: str
    change: str
    stories: tuple[StoryView, ...]
    #: stories that are not shown
    more: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TroubleView:
    """A source that needs a look."""

    text: str
    #: what can be done, in pieces: (piece, whether it is a command or a setting); empty for nothing
    advice: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestView:
    """A digest as a reader gets it."""

    id: str
    name: str
    subject: str
    preheader: str
    period: str
    mentions: int
    stories: int
    outlets: int
    change: str
    mean: str
    days: tuple[int, ...]
    #: heights in pixels, one a day; empty where there is nothing to draw
    bars: tuple[int, ...]
    first_day: str
    #: what an empty digest says, else ""
    calm: str
    watches: tuple[WatchView, ...]
    #: watches none of whose stories are shown: (name, mentions)
    unseen: tuple[tuple[str, str], ...]
    #: (name, last mention)
    quiet: tuple[tuple[str, str], ...]
    quiet_more: int
    troubles: tuple[TroubleView, ...]
    trouble_count: int
    #: (source, what is over)
    recovered: tuple[tuple[str, str], ...]
    recovered_more: int
    #: a line for each source
    floods: tuple[str, ...]
    floods_more: int
    #: that the network was down, else ""
    outage: str
    coverage: str
    schedule: str
    web_url: str


def largest(digest: Digest, draw: Callable[[Cut], T], fits: Callable[[T], bool]) -> T:
    """Return the richest drawing that fits; the poorest one where none does."""
    cuts = _cuts(sum(len(watch.stories) for watch in digest.watches))
    drawn = draw(cuts[0])
    if fits(drawn):
        return drawn
    drawn = draw(cuts[-1])
    too_rich, poor = 0, len(cuts) - 1
    while poor - too_rich > 1:
        middle = (too_rich + poor) // 2
        candidate = draw(cuts[middle])
        if fits(candidate):
            poor, drawn = middle, candidate
        else:
            too_rich = middle
    return drawn


def _cuts(stories: int) -> list[Cut]:
    """Return all cuts, richest first: first excerpts go, then headlines, then the last excerpts."""
    least = min(stories, _FULL_AT_LEAST)
    shorter = [Cut(full=full, shown=stories) for full in range(stories, least - 1, -1)]
    fewer = [Cut(full=least, shown=shown) for shown in range(stories - 1, least - 1, -1)]
    return [*shorter, *fewer, *(Cut(full=few, shown=few) for few in range(least - 1, -1, -1))]


def view(digest: Digest, cut: Cut | None = None) -> DigestView:
    """Return what is shown of a digest; without a cut, all of it."""
    zone = ZoneInfo(digest.timezone)
    full, shown = _kept(digest, cut)
    web = web_link(digest.web_url).rstrip("/")
    most = max(digest.days, default=0)
    # wall time: days of 23 and 25 hours are days
    first_day = digest.slot.astimezone(zone) - timedelta(days=max(len(digest.days) - 1, 0))
    titles = [shorten(watch.stories[0].title, 90) for watch in digest.watches[:4] if watch.stories]
    down_since = digest.coverage.network_down_since
    calm = "" if digest.mentions else wording.nothing_new(digest, zone)
    return DigestView(
        id=shorten(digest.id, 120),
        name=shorten(digest.name, 120),
        subject=shorten(wording.subject(digest), 180),
        preheader=" · ".join(titles) or calm,
        period=wording.period(digest, zone),
        mentions=digest.mentions,
        stories=digest.stories,
        outlets=digest.outlets,
        change=wording.change(digest.change_percent),
        mean="" if digest.daily_mean is None else wording.mean(digest.daily_mean),
        days=digest.days,
        bars=tuple(max(2, round(count / most * _TALLEST_BAR)) for count in digest.days) if most else (),
        first_day=wording.day(first_day, zone),
        calm=calm,
        watches=tuple(
            _watch(watch, full[place], shown[place], digest, zone, web)
            for place, watch in enumerate(digest.watches)
            if shown[place]
        ),
        unseen=tuple(
            (shorten(watch.name, 80), wording.counted(watch.mentions, "mention"))
            for place, watch in enumerate(digest.watches)
            if not shown[place]
        )[:_MOST_QUIET],
        quiet=tuple(
            (
                shorten(watch.name, 80),
                wording.last_mention(watch.last_mention_at, zone),
            )
            for watch in digest.quiet[:_MOST_QUIET]
        ),
        quiet_more=max(0, len(digest.quiet) - _MOST_QUIET),
        troubles=tuple(_trouble(trouble, zone) for trouble in digest.troubles[:_MOST_TROUBLES]),
        trouble_count=len(digest.troubles),
        recovered=tuple(
            (shorten(one.name, 80), shorten(wording.recovery(one, zone), 240))
            for one in digest.recovered[:_MOST_RECOVERED]
        ),
        recovered_more=max(0, len(digest.recovered) - _MOST_RECOVERED),
        floods=tuple(
            wording.flood(replace(flood, name=shorten(flood.name, 80)))
            for flood in digest.floods[:_MOST_FLOODS]
        ),
        floods_more=max(0, len(digest.floods) - _MOST_FLOODS),
        outage=wording.outage(down_since, zone) if down_since is not None else "",
        coverage=wording.coverage(digest.coverage),
        schedule=wording.sent_because(digest, zone),
        web_url=web,
    )


def _kept(digest: Digest, cut: Cut | None) -> tuple[list[int], list[int]]:
    """Return for each watch how many stories are full, and how many shown: all firsts, then all seconds."""
    ranks = sorted(
        (rank, place) for place, watch in enumerate(digest.watches) for rank in range(len(watch.stories))
    )
    cut = cut or Cut(full=len(ranks), shown=len(ranks))
    full, shown = [0] * len(digest.watches), [0] * len(digest.watches)
    for number, (_, place) in enumerate(ranks[: cut.shown]):
        full[place] += number < cut.full
        shown[place] += 1
    return full, shown


def _watch(watch: DigestWatch, full: int, shown: int, digest: Digest, zone: ZoneInfo, web: str) -> WatchView:
    return WatchView(
        key=shorten(watch.key, 80),
        name=shorten(watch.name, 80),
        url=f"{web}/watches/{watch.key}?digest={digest.id}" if web else "",
        description=shorten(watch.description, 160),
        mentions=wording.counted(watch.mentions, "mention"),
        outlets=wording.counted(watch.outlets, "outlet"),
        change=wording.change(watch.change_percent),
        stories=tuple(
            _story(story, digest, zone, web, full=rank < full)
            for rank, story in enumerate(watch.stories[:shown])
        ),
        more=watch.more + len(watch.stories) - shown,
    )


def _story(story: DigestStory, digest: Digest, zone: ZoneInfo, web: str, *, full: bool) -> StoryView:
    url = web_link(story.url)
    language = (story.language or "").lower()
    language = language if language.isascii() and language.isalpha() and len(language) <= 3 else ""
    mention = story.mention_ids[0] if story.mention_ids else None
    also = story.also[:_MOST_ALSO] if full else ()
    return StoryView(
        full=full,
        title=shorten(story.title, 240) or url or "(no title)",
        url=url,
        outlet=shorten(story.outlet, 80),
        when=wording.when(story.at, zone, today=digest.slot),
        language=language,
        badge="" if language == "en" else language.upper(),
        outlets=len(story.also) + 1,
        snippet=_snippet(story) if full else (),
        why=tuple((shorten(hits.term, 80), wording.where(hits)) for hits in story.why[:_MOST_TERMS])
        if full
        else (),
        also=tuple((shorten(outlet.name, 60), _beside(outlet.url)) for outlet in also),
        also_more=len(story.also) - len(also) if full else 0,
        mention=mention,
        mention_url=f"{web}/mentions/{mention}" if web and mention is not None else "",
    )


def _snippet(story: DigestStory) -> tuple[tuple[str, bool], ...]:
    """Return the excerpt in pieces, terms apart; marks outside of it or across each other are left out."""
    excerpt = story.excerpt[:_LONGEST_EXCERPT]
    edges = [0]
    for start, end in sorted(story.marks):
        if edges[-1] <= start < end <= len(excerpt):
            edges += [start, end]
    edges.append(len(excerpt))
    pieces = ((clean(excerpt[start:end]), bool(n % 2)) for n, (start, end) in enumerate(pairwise(edges)))
    return tuple(piece for piece in pieces if piece[0])


def _beside(url: str) -> str:
    link = web_link(url)
    return link if len(link) <= _LONGEST_LINK_BESIDE else ""


def _trouble(trouble: DigestTrouble, zone: ZoneInfo) -> TroubleView:
    shown = replace(trouble, message=shorten(trouble.message, 200))
    new = " (new)" if trouble.new else ""
    pieces = ((piece, bool(n % 2)) for n, piece in enumerate(trouble.advice.split("`")))
    return TroubleView(
        text=f"{shorten(trouble.name, 80)}{new}: {wording.trouble(shown, zone)}",
        advice=tuple((clean(piece), code) for piece, code in pieces if piece),
    )
