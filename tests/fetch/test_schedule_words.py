"""Why a source is asked when it is, in plain sentences."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind
from bot.fetch.schedule import Outcome, Timing, explain, next_fetch, while_down
from bot.fetch.schedule_words import spell
from bot.model import Rhythm
from tests.build import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAY_S = 86_400.0
FINE, FAILED = Outcome(ok=True), Outcome(ok=False, kind=FailureKind.SERVER_ERROR)
#: 65 new items a day, for weeks
BUSY = Rhythm(heard=65 * 12, watched_s=12 * DAY_S, last_new_at=NOW, items=2000)


def told(
    rhythm: Rhythm = BUSY,
    *,
    timing: Timing = Timing(every=15 * MINUTE),  # noqa: B008 - a frozen value
    outcome: Outcome = FINE,
    weight: float = 0.0,
    digest_at: datetime | None = None,
    now: datetime = NOW,
    **more: Any,
) -> list[str]:
    planned = next_fetch(
        timing=timing,
        rhythm=rhythm,
        outcome=outcome,
        fail_weight=weight,
        now=NOW,
        jitter=0.5,
        phase=0.25,
        digest_at=digest_at,
    )
    return explain(
        planned.to_json(),
        rhythm=rhythm,
        timing=timing,
        fail_weight=weight,
        now=now,
        when=lambda moment: f"{moment:%a %H:%M}",
        **more,
    )


def test_what_it_brings_explains_its_interval() -> None:
    why, following = told()
    assert why == (
        "It is asked every 24 min: in the last 14 days it brought about 65 new items a day, "
        "and one new item a poll is aimed at."
    )
    assert following == "It is asked next at Mon 09:18."


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        (Rhythm(), "every 15 min to begin with: it adapts to what it brings."),
        (
            Rhythm(heard=4, watched_s=6 * 3600, last_new_at=NOW, items=4),
            "in the last 6 h it brought 4 new items; it began with every 15 min, and is still learning.",
        ),
        (
            Rhythm(heard=5000, watched_s=12 * DAY_S, last_new_at=NOW, items=5000),
            "it brought about 417 new items a day, and it is never asked more often.",
        ),
        (
            Rhythm(heard=4, watched_s=12 * DAY_S, last_new_at=NOW, items=10),
            "it brought about 2 new items a week, and news must not come later than that.",
        ),
        (
            Rhythm(watched_s=12 * DAY_S, last_new_at=NOW - 20 * DAY),
            "in the last 14 days it brought nothing new, and news must not come later than that.",
        ),
        (
            Rhythm(heard=1, watched_s=12 * DAY_S, last_new_at=NOW - 60 * DAY, items=10),
            "every 12 h: nothing new has come for 60 days. The next new item brings it back at once.",
        ),
    ],
    ids=["new", "learning", "shortest", "longest", "nothing", "silent"],
)
def test_the_first_sentence_says_what_its_interval_follows_from(rhythm: Rhythm, words: str) -> None:
    assert told(rhythm)[0].endswith(words)


def test_an_interval_that_is_set_says_so() -> None:
    fixed = Timing(every=5 * MINUTE, adapts=False)
    assert told(timing=fixed)[0] == "It is asked every 5 min: that is set for it, and does not adapt."
    hinted = told(timing=fixed, outcome=Outcome(ok=True, hint=HOUR))
    assert "fresh for 1 h; the interval that is set for it goes before that" in hinted[1]


def test_a_hint_says_what_it_changes() -> None:
    fixed = Rhythm()
    assert told(fixed, outcome=Outcome(ok=True, hint=HOUR))[1] == (
        "Its server says that its answer stays fresh for 1 h: asked after 1 h instead of 15 min."
    )
    assert told(fixed, outcome=Outcome(ok=True, hint=5 * HOUR))[1] == (
        "Its server says that its answer stays fresh for 5 h: "
        "asked after 2 h instead of 15 min, the most that is granted."
    )
    assert len(told(fixed, outcome=Outcome(ok=True, hint=MINUTE))) == 2


def test_failures_say_how_many_and_what_they_change() -> None:
    assert told(Rhythm(), outcome=FAILED, weight=1.5, failures=3)[1] == (
        "It has failed 3 times in a row (weight 1.5): "
        "asked after 22 min instead of 15 min, until it answers well again."
    )
    assert told(Rhythm(), outcome=FAILED, weight=0.5, failures=1)[1] == (
        "It has failed once (weight 0.5): too little to ask it less often."
    )
    assert told(Rhythm(), outcome=FAILED, weight=900)[1] == (
        "It has failed (weight 900): "
        "asked after 24 h instead of 15 min, the most there is, until it answers well again."
    )


def test_a_retry_after_says_until_when_and_is_forgotten_then() -> None:
    held = Outcome(ok=False, kind=FailureKind.RATE_LIMITED, retry_after=3 * HOUR)
    assert told(outcome=held, weight=0.5)[-2:] == [
        "Its server asked to be left alone until Mon 12:00.",
        "It is asked next at Mon 12:00.",
    ]
    assert told(outcome=held, weight=0.5, now=NOW + 4 * HOUR)[-1] == "It is due now."


def test_a_digest_a_pause_and_an_outage_say_so() -> None:
    slow = Timing(every=2 * HOUR, adapts=False)
    assert told(timing=slow, digest_at=NOW + HOUR)[1:] == [
        "A digest is due at Mon 10:00: it is asked once more in the half hour before.",
        "It is asked next at Mon 09:36.",
    ]
    gone = told(outcome=Outcome(ok=False, kind=FailureKind.GONE), weight=1.0)
    assert gone[-1] == "Its server says that it is gone for good (HTTP 410), so it is paused."
    down = while_down(MINUTE, timing=slow, rhythm=BUSY, now=NOW).to_json()
    said = explain(down, rhythm=BUSY, timing=slow, fail_weight=0, now=NOW, when=datetime.isoformat)
    assert said[1] == "The network is down: no source is asked until it answers again."


def test_without_facts_the_usual_interval_is_told() -> None:
    for facts in (None, {}, {"reason": "of another release"}):
        said = explain(
            facts, rhythm=BUSY, timing=Timing(every=HOUR), fail_weight=0, now=NOW, when=datetime.isoformat
        )
        assert len(said) == 1


@settings(max_examples=300, deadline=None)
@given(
    rhythm=st.builds(
        Rhythm,
        heard=st.floats(0, 1e6),
        watched_s=st.floats(0, 14 * DAY_S),
        last_new_at=st.none()
        | st.timedeltas(min_value=-100 * DAY, max_value=DAY).map(lambda span: NOW + span),
    ),
    adapts=st.booleans(),
    every=st.timedeltas(min_value=timedelta(seconds=1), max_value=2 * DAY),
    kind=st.none() | st.sampled_from(FailureKind),
    hint=st.none() | st.timedeltas(min_value=timedelta(), max_value=9 * DAY),
    retry_after=st.none() | st.timedeltas(min_value=timedelta(), max_value=9 * DAY),
    weight=st.floats(0, 1e9),
    later=st.timedeltas(min_value=-DAY, max_value=9 * DAY),
)
def test_whatever_the_facts_are_they_become_sentences(
    rhythm: Rhythm,
    adapts: bool,
    every: timedelta,
    kind: FailureKind | None,
    hint: timedelta | None,
    retry_after: timedelta | None,
    weight: float,
    later: timedelta,
) -> None:
    said = told(
        rhythm,
        timing=Timing(every=every, adapts=adapts),
        outcome=Outcome(ok=kind is None, kind=kind, hint=hint, retry_after=retry_after),
        weight=weight,
        now=NOW + later,
    )
    for sentence in said:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "None" not in sentence
        assert "  " not in sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (45, "45 s"),
        (120, "2 min"),
        (1350, "22 min"),
        (3600, "1 h"),
        (5400, "90 min"),
        (6600, "1 h 50 min"),
        (7200, "2 h"),
        (12 * 3600 + 1700, "12 h"),
        (24 * 3600, "24 h"),
        (47.9 * 3600, "2 days"),
        (3 * DAY_S, "3 days"),
    ],
)
def test_spans_are_written_as_people_say_them(seconds: float, words: str) -> None:
    assert spell(seconds) == words
