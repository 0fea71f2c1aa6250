"""What a digest tells: order, grouping, counting and cutting."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import (
    EventKind,
    Health,
    MentionEvent,
    MentionState,
    Outlet,
    SourceFlood,
    SourceRecovery,
    SourceTrouble,
    Span,
    TermHits,
    WatchHistory,
)
from tests.deliver.examples import SINCE, SLOT, a_mention, composed, found

CSPO = WatchHistory(key="cspo", name="CSpO", days=(1,) * 14)
ASTERX = WatchHistory(key="asterx", name="AsterX", days=(0,) * 14)


def test_mentions_of_one_story_are_one_story_led_by_the_first_seen():
    digest = composed(
        found(
            a_mention(
                1,
                story_id=7,
                outlet="Late",
                first_seen_at=SINCE + timedelta(hours=3),
                url="https://late.example/",
            ),
            a_mention(2, story_id=7, outlet="First", first_seen_at=SINCE, title="As first told"),
            a_mention(3, story_id=7, outlet="Late", first_seen_at=SINCE + timedelta(hours=4)),
        ),
        [CSPO],
    )
    [story] = digest.watches[0].stories
    assert (story.title, story.outlet) == ("As first told", "First")
    assert story.also == (Outlet(name="Late", url="https://late.example/"),)
    assert story.mention_ids == (2, 1, 3)
    assert (digest.mentions, digest.stories, digest.outlets) == (3, 1, 2)


def test_articles_without_a_story_stand_alone():
    digest = composed(found(a_mention(1), a_mention(2)), [CSPO])
    assert len(digest.watches[0].stories) == 2


def test_stories_stand_by_number_of_outlets_then_newest_first():
    digest = composed(
        found(
            a_mention(1, first_seen_at=SINCE),
            a_mention(2, first_seen_at=SINCE + timedelta(hours=2)),
            a_mention(3, story_id=9, outlet="A", first_seen_at=SINCE),
            a_mention(4, story_id=9, outlet="B", first_seen_at=SINCE),
        ),
        [CSPO],
    )
    assert [story.mention_ids for story in digest.watches[0].stories] == [(3, 4), (2,), (1,)]


def test_watches_stand_as_given_and_unknown_ones_after_them():
    digest = composed(
        found(
            a_mention(1, watch="gone", watch_name="Gone"),
            a_mention(2),
            a_mention(3, watch="asterx", watch_name="AsterX"),
        ),
        [ASTERX, CSPO],
    )
    assert [watch.name for watch in digest.watches] == ["AsterX", "CSpO", "Gone"]
    assert digest.quiet == ()


def test_watches_with_nothing_new_are_quiet_with_their_last_mention():
    quiet = replace(ASTERX, last_mention_at=SINCE - timedelta(days=3))
    digest = composed(found(a_mention(1)), [CSPO, quiet])
    assert [(watch.name, watch.last_mention_at) for watch in digest.quiet] == [
        ("AsterX", SINCE - timedelta(days=3))
    ]


def test_why_counts_each_term_in_title_and_text():
    spans = (
        Span(field="body", start=0, end=1, term="orbit"),
        Span(field="body", start=3, end=4, term="orbit"),
        Span(field="title", start=0, end=4, term="CSpO"),
        Span(field="body", start=9, end=13, term="CSpO"),
    )
    digest = composed(found(a_mention(1, spans=spans)), [CSPO])
    assert digest.watches[0].stories[0].why == (
        TermHits(term="CSpO", in_title=1, in_text=1),
        TermHits(term="orbit", in_title=0, in_text=2),
    )


def test_a_story_in_two_watches_is_one_story_and_two_mentions():
    digest = composed(
        found(a_mention(1, article_id=5, story_id=5), a_mention(2, article_id=5, story_id=5, watch="asterx")),
        [CSPO, ASTERX],
    )
    assert (digest.mentions, digest.stories, digest.outlets) == (2, 1, 1)


def test_a_mention_counts_once_and_as_its_latest_event_knows_it():
    older, newer = a_mention(1, title="Before"), a_mention(1, title="After")
    events = [
        MentionEvent(id=2, kind=EventKind.CHANGED, at=SLOT, mention=newer),
        MentionEvent(id=1, kind=EventKind.FOUND, at=SINCE, mention=older),
    ]
    digest = composed(events, [CSPO])
    assert digest.mentions == 1
    assert digest.watches[0].stories[0].title == "After"


def test_what_was_withdrawn_or_held_back_is_not_told():
    held = [
        a_mention(number, state=state)
        for number, state in enumerate(
            (
                MentionState.DISMISSED,
                MentionState.WITHDRAWN,
                MentionState.FURNITURE,
                MentionState.CONTRADICTED,
            ),
            start=1,
        )
    ]
    gone = MentionEvent(id=9, kind=EventKind.WITHDRAWN, at=SLOT, mention=a_mention(9))
    told = a_mention(10, state=MentionState.BACKFILL)
    digest = composed([*found(*held, told), gone], [CSPO])
    assert digest.mentions == 1
    assert composed(found(*held), [CSPO]).quiet


def test_another_sense_is_told_where_its_watch_wants_it():
    wanted = a_mention(1, state=MentionState.CONTRADICTED, wanted=True)
    unwanted = a_mention(2, state=MentionState.CONTRADICTED)
    assert composed(found(wanted, unwanted), [CSPO]).mentions == 1


def test_the_published_time_is_shown_where_it_is_known():
    known = a_mention(1, published_at=SINCE - timedelta(hours=2))
    unknown = a_mention(2, published_at=None)
    stories = composed(found(known, unknown), [CSPO]).watches[0].stories
    assert {story.at for story in stories} == {known.published_at, unknown.first_seen_at}


def test_the_trend_compares_a_day_with_the_mean_of_the_days_before():
    digest = composed(found(*(a_mention(n) for n in range(1, 4))), [replace(CSPO, days=(2,) * 13 + (9,))])
    assert digest.watches[0].change_percent == 50
    assert (digest.daily_mean, digest.change_percent) == (2.0, 50)


def test_a_weekly_digest_is_compared_by_the_day():
    events = found(*(a_mention(n) for n in range(1, 15)))
    digest = composed(events, [replace(CSPO, days=(1,) * 14)], since=SLOT - timedelta(days=7))
    assert digest.change_percent == 100


def test_without_a_history_or_within_a_day_there_is_no_trend():
    event = found(a_mention(1))
    for days in ((), (0,) * 14, (0,) * 12 + (3, 1), (1,)):
        digest = composed(event, [replace(CSPO, days=days)])
        assert (digest.change_percent, digest.daily_mean) == (None, None)
        assert digest.watches[0].change_percent is None
    assert composed(event, [CSPO], since=SLOT - timedelta(hours=1)).change_percent is None


def test_days_of_watches_are_added_up_to_today():
    digest = composed((), [replace(CSPO, days=(1, 2, 3)), replace(ASTERX, days=(10,))])
    assert digest.days == (1, 2, 13)


def test_nothing_at_all_makes_an_empty_digest():
    digest = composed()
    assert (digest.mentions, digest.watches, digest.quiet, digest.days) == (0, (), (), ())


def test_troubles_told_since_the_digest_before_are_new_and_stand_first():
    troubles = [
        SourceTrouble(name="old", message="x", told_at=SINCE),
        SourceTrouble(name="untold", message="x"),
        SourceTrouble(name="new", message="x", told_at=SINCE + timedelta(seconds=1)),
        SourceTrouble(name="newer", message="x", told_at=SLOT),
    ]
    told = composed(troubles=troubles).troubles
    assert [(one.name, one.new) for one in told] == [
        ("new", True),
        ("newer", True),
        ("old", False),
        ("untold", False),
    ]
    late = composed(troubles=troubles, told_until=SLOT - timedelta(hours=1)).troubles
    assert [one.name for one in late if one.new] == ["newer"]


def test_a_silence_is_told_without_the_time_when_it_was_noticed():
    quiet = SourceTrouble(name="a", message="nothing for 9 days", health=Health.QUIET, since=SINCE)
    failing = SourceTrouble(name="b", message="HTTP 403", since=SINCE)
    assert [one.since for one in composed(troubles=[quiet, failing]).troubles] == [None, SINCE]


def test_a_flood_is_told_by_what_was_held_back_of_it_alone():
    floods = [SourceFlood(name="A", entries=40), SourceFlood(name="B", entries=300)]
    digest = composed(
        troubles=[SourceTrouble(name="A", message="x", health=Health.FLOOD, told_at=SLOT)],
        recovered=[
            SourceRecovery(name="A", message="as usual", trouble=Health.FLOOD),
            SourceRecovery(name="C", message="it answers again", trouble=Health.FAILING),
        ],
        floods=floods,
    )
    assert digest.troubles == ()
    assert [one.name for one in digest.recovered] == ["C"]
    assert [one.name for one in digest.floods] == ["B", "A"]


@given(st.lists(st.integers(0, 130), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_at_most_25_stories_a_watch_and_100_in_all_and_the_rest_is_counted(sizes):
    mentions, histories = [], []
    for place, size in enumerate(sizes):
        histories.append(WatchHistory(key=f"w{place}", name=f"W{place}"))
        mentions += [a_mention(place * 1000 + n + 1, watch=f"w{place}") for n in range(size)]
    digest = composed(found(*mentions), histories)
    told = [len(watch.stories) for watch in digest.watches]
    assert max(told, default=0) <= 25
    assert sum(told) == min(100, sum(min(size, 25) for size in sizes))
    assert sum(told) + sum(watch.more for watch in digest.watches) == sum(sizes) == digest.mentions
    wanting = [watch for watch in digest.watches if watch.more and len(watch.stories) < 25]
    assert all(len(watch.stories) >= max(told) - 1 for watch in wanting)
