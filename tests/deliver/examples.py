"""Digests to look at and to test with; every outlet, person and article is invented."""

from datetime import UTC, datetime, timedelta

from bot.digest.compose import compose
from bot.model import (
    Coverage,
    Digest,
    EventKind,
    Health,
    MentionEvent,
    MentionState,
    SourceFlood,
    SourceRecovery,
    SourceTrouble,
    Span,
    StoredMention,
    WatchHistory,
)

SLOT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
SINCE = SLOT - timedelta(days=1)
COVERAGE = Coverage(
    sources_checked=214, sources_failing=3, articles=1930, in_full=1889, from_feed=22, unread=19
)
CSPO_DAYS = (3, 5, 2, 4, 7, 8, 3, 5, 6, 5, 8, 7, 6, 12)
ASTERX_DAYS = (4, 6, 3, 4, 7, 7, 4, 5, 6, 6, 9, 7, 8, 7)


def a_mention(mention_id: int = 1, **changes) -> StoredMention:
    """A stored mention of the watch `cspo`, unlike any other by its number."""
    facts = {
        "id": mention_id,
        "watch": "cspo",
        "watch_name": "CSpO",
        "article_id": mention_id,
        "story_id": None,
        "url": f"https://orbital-ledger.example/{mention_id}",
        "title": f"Title {mention_id}",
        "source": "orbital-ledger",
        "source_name": "Orbital Ledger",
        "outlet": "Orbital Ledger",
        "language": "en",
        "published_at": None,
        "first_seen_at": SINCE + timedelta(minutes=mention_id % 1440),
        "found_at": SINCE + timedelta(minutes=mention_id % 1440),
        "state": MentionState.NEW,
        "sense": None,
        "revision": 1,
        "watch_version": "v1",
        "spans": (Span(field="body", start=0, end=4, term="CSpO"),),
        "total": 1,
        "excerpt": "CSpO met.",
        "marks": ((0, 4),),
    }
    return StoredMention(**{**facts, **changes})


def found(*mentions: StoredMention) -> list[MentionEvent]:
    """One event for each mention."""
    return [
        MentionEvent(id=mention.id, kind=EventKind.FOUND, at=mention.found_at, mention=mention)
        for mention in mentions
    ]


def composed(events=(), watches=(), **changes) -> Digest:
    """A digest of the morning, with what is given."""
    facts = {
        "key": "morning",
        "name": "Morning brief",
        "slot": SLOT,
        "since": SINCE,
        "until": SLOT,
        "timezone": "Europe/Paris",
        "schedule": "every day at 07:00",
        "next_slot": SLOT + timedelta(days=1),
        "events": events,
        "watches": watches,
        "coverage": COVERAGE,
        "troubles": (),
    }
    return compose(**{**facts, **changes})


def histories() -> tuple[WatchHistory, ...]:
    """Four watches, two of them loud."""
    return (
        WatchHistory(
            key="cspo",
            name="CSpO",
            description="Combined Space Operations initiative",
            days=CSPO_DAYS,
            last_mention_at=SLOT,
        ),
        WatchHistory(
            key="asterx",
            name="AsterX",
            description="Annual military space exercise, Toulouse",
            days=ASTERX_DAYS,
            last_mention_at=SLOT,
        ),
        WatchHistory(
            key="ground",
            name="Ground-segment tenders",
            days=(0,) * 14,
            last_mention_at=datetime(2026, 11, 18, 9, tzinfo=UTC),
        ),
        WatchHistory(
            key="spectrum",
            name="Spectrum disputes",
            days=(0,) * 14,
            last_mention_at=datetime(2026, 11, 20, 4, tzinfo=UTC),
        ),
    )


TROUBLES = (
    SourceTrouble(
        name="Nordlicht Zeitung",
        message="HTTP 403 on every poll",
        since=datetime(2026, 11, 19, 13, 10, tzinfo=UTC),
    ),
    SourceTrouble(name="Il Corriere dello Spazio", message="feed has had no new item for 6 days"),
)

#: (watch, title, outlets with the lead first, local time, language, excerpt with [terms] marked, hits)
_STORIES = (
    (
        "cspo",
        ("Ten CSpO partners agree on shared rules for on-orbit manoeuvres"),
        (
            "Orbital Ledger",
            "The Wellington Post",
            "Défense Hebdo",
            "Nordlicht Zeitung",
            "Space Policy Wire",
            "Agence Garonne",
            "De Ruimtekrant",
            "Kystvakt Nytt",
        ),
        (20, 20, 40),
        "en",
        (
            "Defence ministers from the ten members of the [Combined Space Operations] "
            "initiative ([CSpO]) signed a joint statement in Wellington on Friday that sets "
            "notification windows for close approaches between military satellites."
        ),
        (("CSpO", 1, 4), ("Combined Space Operations", 0, 2)),
    ),
    (
        "cspo",
        "L’Italie prendra la présidence tournante de CSpO en 2027",
        ("Défense Hebdo", "Il Corriere dello Spazio", "Orbital Ledger"),
        (20, 17, 5),
        "fr",
        (
            "Rome succédera à Ottawa à la tête de l’initiative [CSpO] au printemps 2027, a "
            "confirmé vendredi l’état-major italien, qui souhaite élargir les exercices "
            "communs."
        ),
        (("CSpO", 1, 3),),
    ),
    (
        "cspo",
        "Opinion: Who watches the watchers in geostationary orbit?",
        ("Space Policy Wire",),
        (20, 10, 12),
        "en",
        (
            "… a forum such as [CSpO] can share tracking data, yet none of its ten members "
            "publishes what it does with the result."
        ),
        (("CSpO", 0, 1),),
    ),
    (
        "asterx",
        ("AsterX 2027 to open with 16 nations and a live debris scenario"),
        ("Toulouse Matin", "Agence Garonne", "Orbital Ledger", "De Ruimtekrant", "SatMarket Daily"),
        (21, 4, 55),
        "en",
        (
            "The seventh edition of [AsterX] will start on 8 March with a simulated collision"
            " in low Earth orbit, the French space command said, and will for the first time "
            "include commercial operators."
        ),
        (("AsterX", 1, 6),),
    ),
    (
        "asterx",
        ("Commercial operators invited to space war game for first time"),
        ("SatMarket Daily", "Orbital Ledger"),
        (20, 15, 30),
        "en",
        (
            "Three constellation owners confirmed that they had received invitations to "
            "[AsterX] and would send flight-dynamics teams to Toulouse."
        ),
        (("AsterX", 0, 3),),
    ),
)


def morning_brief(**changes) -> Digest:
    """The digest of the pictures: two loud watches, two quiet ones, two sources in trouble."""
    events = []
    for number, (watch, title, outlets, (day, hour, minute), language, marked, hits) in enumerate(
        _STORIES, start=1
    ):
        excerpt, marks = _unmarked(marked)
        for place, outlet in enumerate(outlets):
            at = datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(minutes=7 * place)
            mention = a_mention(
                number * 10 + place,
                watch=watch,
                watch_name={"cspo": "CSpO", "asterx": "AsterX"}[watch],
                story_id=number,
                title=title,
                outlet=outlet,
                url=f"https://{outlet.split()[0].lower()}.example/{number}",
                language=language,
                published_at=at,
                first_seen_at=at,
                found_at=at,
                excerpt=excerpt,
                marks=marks,
                spans=tuple(
                    Span(field=field, start=n, end=n + len(term), term=term)
                    for term, in_title, in_text in hits
                    for field, count in (("title", in_title), ("body", in_text))
                    for n in range(count)
                ),
            )
            events += found(mention)
    return composed(events, histories(), **{"troubles": TROUBLES, **changes})


def quiet_day(**changes) -> Digest:
    """A digest with nothing to tell."""
    quiet = tuple(
        WatchHistory(
            key=watch.key,
            name=watch.name,
            days=(*watch.days[:-1], 0),
            last_mention_at=SINCE - timedelta(days=n),
        )
        for n, watch in enumerate(histories())
    )
    return composed((), quiet, coverage=Coverage(sources_checked=46, articles=1312, in_full=1312), **changes)


def troubled_night(**changes) -> Digest:
    """A digest with nothing to tell but of sources: all that may be said of them."""
    at = datetime(2026, 11, 19, 13, 10, tzinfo=UTC)
    troubles = (
        SourceTrouble(
            key="nordlicht",
            name="Nordlicht Zeitung",
            message="the server refuses us (HTTP 403)",
            since=at,
            kind="forbidden",
            told_at=SINCE - timedelta(hours=9),
        ),
        SourceTrouble(
            key="corriere",
            name="Il Corriere dello Spazio",
            message="nothing new for 9 days, in which it used to bring about 41 items",
            since=at,
            health=Health.QUIET,
            told_at=SINCE + timedelta(hours=3),
        ),
        SourceTrouble(
            key="kystvakt",
            name="Kystvakt Nytt",
            message="17 of its last 20 pages could not be read: the site says that there is nothing",
            since=at,
            health=Health.PARTIAL,
            told_at=SINCE - timedelta(hours=2),
        ),
        SourceTrouble(
            key="satmarket",
            name="SatMarket Daily",
            message="paused: the server says that it is gone for good (HTTP 410)",
            since=SINCE + timedelta(hours=1),
            kind="gone",
            paused=True,
            told_at=SINCE + timedelta(hours=1),
        ),
        SourceTrouble(
            key="garonne",
            name="Agence Garonne",
            message="the server has a fault of its own (HTTP 500)",
            since=at,
            kind="server_error",
            told_at=SINCE - timedelta(hours=4),
        ),
    )
    coverage = Coverage(
        sources=48,
        sources_checked=45,
        sources_unanswered=2,
        sources_failing=2,
        sources_partial=1,
        sources_empty=1,
        sources_quiet=1,
        sources_flooding=1,
        sources_paused=1,
        sources_unknown=2,
        articles=1312,
        in_full=1312,
        network_down_since=SLOT - timedelta(minutes=50),
    )
    recovered = (
        SourceRecovery(name="De Ruimtekrant", message="it answers again", trouble=Health.FAILING, since=at),
        SourceRecovery(name="Toulouse Matin", message="it lists something again", trouble=Health.EMPTY),
    )
    floods = (SourceFlood(name="Défense Hebdo", entries=300), SourceFlood(name="Lancering", entries=1240))
    facts = {"coverage": coverage, "troubles": troubles, "recovered": recovered, "floods": floods}
    return composed((), histories()[2:], **{**facts, **changes})


def flood(stories: int, watches: int = 4, **changes) -> Digest:
    """A digest of many stories, each of its own, with long titles and excerpts."""
    events = found(
        *(
            a_mention(
                number,
                watch=f"watch-{number % watches}",
                watch_name=f"Watch {number % watches}",
                title=f"Story {number}: {'a rather long headline ' * 4}".strip(),
                excerpt="A sentence about CSpO and what its members said. " * 6,
                marks=((17, 21), (66, 70)),
                outlet=f"Outlet {number % 97}",
                url=f"https://outlet-{number % 97}.example/2026/a-slug-as-long-as-they-are-{number}?a=1&b=2",
            )
            for number in range(1, stories + 1)
        )
    )
    return composed(events, **changes)


def _unmarked(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    plain, marks = "", []
    for number, piece in enumerate(text.replace("]", "[").split("[")):
        if number % 2:
            marks.append((len(plain), len(plain) + len(piece)))
        plain += piece
    return plain, tuple(marks)
