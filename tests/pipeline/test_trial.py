"""Trials: exact numbers for hits, terms, near misses and differences, on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match import INDEX_VERSION, tokens, tree
from bot.match.explain import explain, missing
from bot.match.parts import Parts
from bot.match.tree import Query
from bot.model import Article, Sense, Tier, Watch
from bot.pipeline import trial as trials
from bot.pipeline.trial import MOST_CANDIDATES, Trial, trial
from bot.store import Store, articles, search
from bot.store.search import Indexed
from tests.match import query_oracle
from tests.match.test_operators import articles as any_article
from tests.match.test_operators import many, positive
from tests.store.build import NOW, a_read, a_source, add_entries, add_sources, an_entry
from tests.store.build import an_article as article_of

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
#: a word that no article holds
NOWHERE = tree.Word("qqqnowhereqqq")


def fill(store: Store, *texts: str | dict[str, Any], source: str = "orbit", **values: Any) -> list[int]:
    """Store articles, all at once, and return their numbers; each is a text, or the fields of an article."""
    seen = values.pop("seen", NOW)
    number = add_sources(store, a_source(source, **values))[source]
    first = len(store.read(articles.list_articles, limit=None))
    made = [
        article_of(f"a{first + at}", **({"text": one, "title": "News"} if isinstance(one, str) else one))
        for at, one in enumerate(texts)
    ]
    names = [f"A{first + at}" for at in range(len(texts))]
    entries = [
        an_entry(name.lower(), url=article.url, title=name) for name, article in zip(names, made, strict=True)
    ]
    ids = add_entries(store, number, *entries, now=seen)
    reads = [a_read(ids[name], article) for name, article in zip(names, made, strict=True)]
    saved = store.write(articles.save_reads, reads, now=seen)
    return [result.article_id for result in saved if result.article_id is not None]


def index_all(store: Store) -> None:
    """Put every stored article into the token index."""
    store.write(search.match_version, INDEX_VERSION)
    rows = [
        Indexed(article_id=one.article_id, revision=one.revision, tokens=tokens(one.title, one.text))
        for one in store.read(search.unindexed, limit=1_000)
    ]
    store.write(search.put, rows)


async def tried(store: Store, query: str, **values: Any) -> Trial:
    """Try a query, or a watch with more fields than that."""
    options = {name: values.pop(name) for name in ("since", "samples", "against") if name in values}
    return await trial(store, Watch(key="tried", query=query, **values), zone=PARIS, **options)


def terms_of(done: Trial) -> list[tuple[str, str, int, int]]:
    """What each term does: its role, itself, articles, only this one."""
    return [(term.role.value, term.term, term.articles, term.only) for term in done.terms]


def near_of(done: Trial) -> dict[str, int]:
    return {one.part: one.articles for one in done.near.missing}


QUERY = '(AsterX OR "Aster X") AND (space OR orbit*) NOT (missile OR SAMP)'
TEXTS = [
    "AsterX in space",
    "AsterX in orbit",
    "AsterX, once Aster X, in space and in orbit",
    "Aster X in space",
    "Aster X orbiting",
    "AsterX in space, a missile",
    "AsterX in space, a missile of SAMP",
    "Aster X in orbit, SAMP",
    "AsterX alone",
    "space alone",
    "missile alone",
    *["nothing of it"] * 20,
]


@pytest.mark.parametrize("is_indexed", [False, True])
async def test_each_term_says_what_it_holds_and_what_only_it_brings_or_takes_away(
    store: Store, *, is_indexed: bool
) -> None:
    """The index narrows down: the numbers are those of a look at every article."""
    fill(store, *TEXTS)
    if is_indexed:
        index_all(store)
    done = await tried(store, QUERY)
    assert (done.articles, done.hits, done.dropped, done.out_of_scope) == (31, 5, 3, 0)
    assert done.query == '(AsterX OR "Aster X") AND (space OR orbit*) AND NOT (missile OR SAMP)'
    assert terms_of(done) == [
        ("any", "AsterX", 3, 2),
        ("any", '"Aster X"', 3, 2),
        ("any", "space", 3, 2),
        ("any", "orbit*", 3, 2),
        ("not", "missile", 2, 1),
        ("not", "SAMP", 2, 1),
    ]


@pytest.mark.parametrize("is_indexed", [False, True])
async def test_near_misses_lack_exactly_one_condition(store: Store, *, is_indexed: bool) -> None:
    """The rarest lack first; what forbids counts as a condition, and who holds nothing is no near miss."""
    ids = fill(store, *TEXTS)
    if is_indexed:
        index_all(store)
    near = (await tried(store, QUERY)).near
    assert (near.articles, near.looked_at, near.is_cut) == (5, 10, False)
    assert {one.part: [miss.found.article.id for miss in one.samples] for one in near.missing} == {
        'AsterX OR "Aster X"': [ids[9]],
        "space OR orbit*": [ids[8]],
        "NOT (missile OR SAMP)": [ids[7], ids[6], ids[5]],
    }
    assert [one.articles for one in near.missing] == [1, 1, 3]
    (barred,) = [one for one in near.missing if one.part.startswith("NOT")]
    assert barred.samples[0].why == ("SAMP (1×) is in it, which NOT forbids",)
    assert [barred.samples[0].found.excerpt[low:high] for low, high in barred.samples[0].found.marks] == [
        "SAMP"
    ]
    (alone,) = [one for one in near.missing if one.part.startswith("space")]
    assert alone.samples[0].why == ("neither space nor orbit* is in it",)
    assert [span.term for span in alone.samples[0].found.spans] == ["AsterX"]


async def test_a_bare_or_has_no_near_misses(store: Store) -> None:
    fill(store, *TEXTS)
    done = await tried(store, "AsterX OR missile")
    assert (done.hits, done.near.articles, done.near.looked_at) == (7, 0, 0)


async def test_not_near_takes_away_only_what_stands_beside_every_place(store: Store) -> None:
    fill(
        store,
        "Aster X exercise",
        "Aster X missile",
        "SAMP Aster X missile",
        "Aster X is one two three four words from a missile",
        "SAMP Aster X is one two three four words from a missile",
        "missile",
    )
    done = await tried(store, '"Aster X" NOT NEAR/2 (missile OR SAMP)')
    assert (done.hits, done.dropped) == (2, 3)
    assert terms_of(done) == [
        ("any", '"Aster X" NOT NEAR/2 (missile OR SAMP)', 2, 2),
        ("all", '"Aster X"', 2, 2),
        ("not", "missile", 2, 1),
        ("not", "SAMP", 2, 1),
    ]
    assert near_of(done) == {'"Aster X" NOT NEAR/2 (missile OR SAMP)': 3}


async def test_what_is_forbidden_makes_no_near_miss_by_itself(store: Store) -> None:
    fill(store, "a missile in orbit", "orbit")
    done = await tried(store, '("Aster X" NOT NEAR/2 missile) OR (orbit AND space)')
    assert near_of(done) == {"space": 2}


async def test_near_and_atleast_count_as_wholes_and_term_by_term(store: Store) -> None:
    fill(
        store,
        "AsterX drill",
        "AsterX exercise",
        "exercise AsterX drill",
        "AsterX drill, and one two three four words on an exercise",
        "AsterX, and one two three four words on a drill",
        "AsterX",
        "ground and ground",
        "ground",
    )
    done = await tried(store, "AsterX NEAR/2 (drill OR exercise) OR atleast2(ground)")
    assert done.hits == 5
    assert terms_of(done) == [
        ("any", "AsterX NEAR/2 (drill OR exercise)", 4, 4),
        ("all", "AsterX", 4, 4),
        ("any", "drill", 3, 2),
        ("any", "exercise", 3, 1),
        ("any", "atleast2(ground)", 1, 1),
        ("any", "ground", 1, 1),
    ]
    assert near_of(done) == {"AsterX NEAR/2 (drill OR exercise)": 2, "atleast2(ground)": 1}


async def test_a_term_that_stands_twice_in_a_query_is_taken_out_everywhere(store: Store) -> None:
    fill(store, "CSpO orbit", "CSpO space", "CSpO alone", "missile space", "missile space CSpO")
    done = await tried(store, "(CSpO AND orbit) OR (CSpO AND space) OR (missile NOT CSpO)")
    assert done.hits == 4
    assert terms_of(done) == [
        ("all", "CSpO", 3, 3),
        ("all", "orbit", 1, 1),
        ("all", "space", 3, 2),
        ("all", "missile", 2, 1),
        ("not", "CSpO", 0, 0),
    ]


async def test_a_term_is_counted_in_the_field_that_it_is_looked_for_in(store: Store) -> None:
    fill(
        store,
        {"title": "AsterX opens", "text": "Nothing else."},
        {"title": "News", "text": "AsterX opens."},
        {"title": "AsterX", "text": "Of a colony.", "language": "fr"},
    )
    done = await tried(store, "title:(AsterX AND NOT closes) AND lang:en")
    assert terms_of(done) == [
        ("all", "title:AsterX", 1, 1),
        ("not", "title:closes", 0, 0),
        ("all", "lang:en", 1, 1),
    ]
    assert near_of(done) == {"lang:en": 1, "title:(AsterX AND NOT closes)": 1}
    assert {line for one in done.near.missing for miss in one.samples for line in miss.why} == {
        "its language is fr, not en",
        "AsterX is not in the title (“AsterX” is elsewhere)",
    }


async def test_a_query_of_a_regular_expression_alone_is_tried_on_every_article(store: Store) -> None:
    fill(store, "AsterX", "Aster-X", "asterx")
    index_all(store)
    done = await tried(store, "re:/Aster-?X/ NOT body:nothing")
    assert (done.hits, terms_of(done)[0]) == (2, ("all", "re:/Aster-?X/", 2, 2))


@many
@given(query=positive, texts=st.lists(any_article, min_size=1, max_size=4))
def test_what_a_term_brings_is_what_is_lost_without_it(query: Query, texts: list[Article]) -> None:
    """For any query: held to the oracle, asked again with a word in the term's place that stands nowhere."""
    parts = Parts(query)
    for article in texts:
        view = parts.view(article)
        holds = query_oracle.holds(query, article)
        assert parts.holds(view) is holds
        told = dict(parts.found(view) if holds else parts.forbidden(view))
        for number, part in enumerate(parts.all):
            without = replaced(query, part.text, is_negative=part.role.value == "not")
            is_other = query_oracle.holds(without, article) is not holds
            assert told.get(number, False) is is_other, part.text


@many
@given(query=positive, article=any_article)
def test_a_near_miss_lacks_one_condition(query: Query, article: Article) -> None:
    """Each part that is named would, if it held, make the article a hit; ``missing`` knows of it, too."""
    parts = Parts(query)
    view = parts.view(article)
    if parts.holds(view):
        return
    for text in parts.lacking(view):
        held = replaced(query, text, is_negative=False, by=tree.Not(NOWHERE))
        assert query_oracle.holds(held, article), text
        assert missing(explain(Watch(key="w", query=str(query)), article))


def replaced(
    query: Query,
    text: str,
    *,
    is_negative: bool,
    by: Query = NOWHERE,
    field: str | None = None,
    is_turned: bool = False,
) -> Query:
    """Return a query with another part wherever this one stands, wanted or forbidden."""
    if isinstance(query, tree.In):
        if str(query) == text and is_turned is is_negative and by is not NOWHERE:
            return by
        rest = {"is_negative": is_negative, "by": by, "field": query.field, "is_turned": is_turned}
        return tree.In(query.field, replaced(query.part, text, **rest))  # type: ignore[arg-type]
    if str(query if field is None else tree.In(field, query)) == text and is_turned is is_negative:
        return by

    def inner(part: Query, *, turns: bool = False) -> Query:
        turned = is_turned is not turns
        return replaced(part, text, is_negative=is_negative, by=by, field=field, is_turned=turned)

    match query:
        case tree.And() | tree.Or():
            return type(query)(tuple(map(inner, query.parts)))
        case tree.Not():
            return tree.Not(inner(query.part, turns=True))
        case tree.AtLeast():
            return tree.AtLeast(query.count, inner(query.part))
        case tree.Near():
            return tree.Near(inner(query.left), inner(query.right), query.most, query.ordered)
        case tree.NotNear():
            return tree.NotNear(inner(query.left), inner(query.right, turns=True), query.most, query.ordered)
    return query


# When, where, and in what sense.


async def test_days_are_those_of_the_zone_by_publication(store: Store) -> None:
    """Where no time of publication is known, the article counts for when it was first seen."""
    late = datetime(2026, 2, 1, 23, 30, tzinfo=UTC)
    fill(
        store,
        {"text": "AsterX", "published_at": late},
        {"text": "AsterX", "published_at": late - HOUR},
        {"text": "AsterX", "published_at": None},
    )
    done = await tried(store, "AsterX")
    assert done.days == ((date(2026, 2, 1), 1), (date(2026, 2, 2), 1), (date(2026, 2, 3), 1))
    assert (done.first_at, done.last_at) == (late - HOUR, NOW)


async def test_outlets_are_counted_and_those_without_a_name_go_by_their_host(store: Store) -> None:
    fill(
        store,
        {"text": "AsterX", "site": "Ledger"},
        {"text": "AsterX", "site": ""},
        {"text": "AsterX", "site": "Ledger", "title": "Another"},
    )
    assert (await tried(store, "AsterX")).outlets == (("Ledger", 2), ("orbit.example", 1))


async def test_only_what_was_first_seen_since_then_counts(store: Store) -> None:
    fill(store, "AsterX in space", "space", seen=NOW - 24 * HOUR)
    fill(store, "AsterX in space, later", "nothing", "AsterX")
    done = await tried(store, "AsterX AND space", since=NOW - HOUR)
    assert (done.articles, done.hits, near_of(done)) == (3, 1, {"space": 1})
    assert (await tried(store, "AsterX AND space", since=NOW - 48 * HOUR)).articles == 5
    nothing = await tried(store, "AsterX AND space", since=NOW + HOUR)
    assert (nothing.articles, nothing.hits, nothing.days, nothing.near.looked_at) == (0, 0, (), 0)


async def test_an_empty_archive_is_no_error(store: Store) -> None:
    done = await tried(store, QUERY)
    assert (done.articles, done.hits, done.first_at, done.samples, done.near.missing) == (0, 0, None, (), ())


async def test_the_newest_hits_are_the_samples(store: Store) -> None:
    published = [{"text": f"AsterX {hour}", "published_at": NOW - hour * HOUR} for hour in (3, 1, 2)]
    ids = fill(store, *published)
    done = await tried(store, "AsterX", samples=2)
    assert [found.article.id for found in done.samples] == [ids[1], ids[2]]
    sample = done.samples[0]
    assert [sample.excerpt[low:high] for low, high in sample.marks] == ["AsterX"]
    assert (sample.outlet, sample.total, sample.sense) == ("Orbit News", 1, None)
    assert (await tried(store, "AsterX", samples=0)).samples == ()


async def test_a_guarded_watch_tells_its_hits_by_sense(store: Store) -> None:
    fill(
        store,
        "The Combined Space Operations initiative (CSpO) met.",
        "A Certified Scrum Product Owner (CSPO) met.",
        "CSpO met again.",
        "CSpO looked at a satellite.",
    )
    done = await tried(
        store,
        "CSpO",
        long_forms=("Combined Space Operations",),
        rivals=("Certified Scrum Product Owner",),
        context=("satellit*",),
    )
    assert done.senses == (
        (Sense.CONFIRMED, 1), (Sense.CONTRADICTED, 1), (Sense.LIKELY, 1), (Sense.UNKNOWN, 1),
    )  # fmt: skip
    assert {found.sense for found in done.samples} == set(Sense)
    assert (await tried(store, "CSpO")).senses is None


async def test_what_is_out_of_scope_is_only_counted(store: Store) -> None:
    """Neither a hit nor a near miss, nor anything that a term does."""
    fill(
        store,
        "AsterX space",
        {"text": "AsterX space", "language": "fr"},
        {"text": "AsterX", "language": "fr"},
    )
    fill(store, "AsterX space here", "AsterX space missile", source="other", tier=Tier.GENERAL)
    done = await tried(store, "AsterX AND space NOT missile", languages=("en",), sources=("orbit",))
    assert (done.hits, done.out_of_scope, done.dropped, done.near.articles) == (1, 2, 0, 0)
    assert terms_of(done) == [("all", "AsterX", 1, 1), ("all", "space", 1, 1), ("not", "missile", 0, 0)]


# Against a watch.


async def test_a_difference_says_what_either_of_the_two_lacks(store: Store) -> None:
    ids = fill(store, *TEXTS)
    live = Watch(key="asterx", query="AsterX", languages=("en",))
    done = await tried(store, QUERY, against=live)
    difference = done.against
    assert difference is not None
    assert (difference.watch, difference.both) == ("asterx", 3)
    assert (difference.only_query, difference.only_watch) == (2, 3)
    assert [miss.found.article.id for miss in difference.query_samples] == [ids[4], ids[3]]
    assert difference.query_samples[0].why == ("AsterX is not in it",)
    assert [miss.found.article.id for miss in difference.watch_samples] == [ids[8], ids[6], ids[5]]
    assert difference.watch_samples[0].why == ("neither space nor orbit* is in it",)
    assert difference.watch_samples[0].found.excerpt == "AsterX alone"
    assert (done.hits, terms_of(done)) == (5, terms_of(await tried(store, QUERY)))


async def test_a_difference_may_lie_in_the_scope_alone(store: Store) -> None:
    fill(store, {"text": "AsterX", "language": "fr"})
    done = await tried(store, "AsterX", against=Watch(key="en", query="AsterX", languages=("en",)))
    assert done.against is not None
    assert done.against.query_samples[0].why == ("its language is fr, and the watch is for en",)


async def test_a_watch_may_be_tried_against_an_older_version_of_itself(store: Store) -> None:
    """Switched off or not: what counts is what it would find."""
    fill(store, "AsterX", "Aster X")
    old = Watch(key="same", query="AsterX", enabled=False)
    new = Watch(key="same", query='AsterX OR "Aster X"', enabled=False)
    done = await trial(store, new, zone=PARIS, against=old)
    assert done.against is not None
    assert (done.hits, done.against.both, done.against.only_query) == (2, 1, 1)


async def test_a_query_that_does_not_parse_is_told_with_its_watch(store: Store) -> None:
    for values in ({}, {"against": Watch(key="faulty", query="OR")}):
        with pytest.raises(QueryError) as error:
            await tried(store, "AsterX" if values else "(", **values)
        assert error.value.subject == ("faulty" if values else "tried")


# How far it goes.


@dataclass
class _Heard:
    shares: list[float]

    def __call__(self, share: float) -> None:
        self.shares.append(share)


async def test_progress_goes_up_to_the_end(store: Store) -> None:
    fill(store, *["AsterX", "space"] * 250)
    heard = _Heard([])
    await trial(store, Watch(key="w", query="AsterX AND space"), zone=PARIS, progress=heard)
    assert heard.shares == sorted(heard.shares)
    assert len(heard.shares) > 3
    assert heard.shares[-1] == 1.0


def _an_article(number: int, text: str) -> Article:
    return Article(url=f"https://x.example/{number}", text=text, id=number, first_seen_at=NOW)


def test_no_more_candidates_than_a_limit_are_looked_at_for_near_misses() -> None:
    """One that holds no term of the query is none."""
    look = trials._Look(Watch(key="w", query="AsterX AND space"), None, zone=PARIS, samples=1)
    some = [
        _an_article(number, "space" if number % 2 else "nothing") for number in range(2 * MOST_CANDIDATES)
    ]
    look.nearly_at(some)
    assert not look.is_cut
    look.nearly_at([_an_article(1, "nothing")])
    assert not look.is_cut
    look.nearly_at([_an_article(2, "AsterX")])
    assert look.is_cut
    near = look.result(None, 1).near
    assert (near.articles, near.looked_at, near.is_cut) == (MOST_CANDIDATES, MOST_CANDIDATES, True)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=4, unique=True))
def test_a_query_with_very_many_terms_is_taken_apart_in_time(kept: Sequence[str]) -> None:
    """Each variant shares with the query what it does not change."""
    query = tree.Or(tuple(tree.Word(word) for word in (*kept, *(f"word{at}" for at in range(1_500)))))
    parts = Parts(query)
    view = parts.view(_an_article(1, " ".join(kept)))
    assert [(parts.all[number].text, is_needed) for number, is_needed in parts.found(view)] == [
        (word, len(kept) == 1) for word in kept
    ]
