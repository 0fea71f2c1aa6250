"""One evaluator: the same text gives the same answer everywhere, and an index never decides."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.match import Explainer
from bot.match.matcher import compile as compile_watches
from bot.match.query import parse
from bot.model import Article, MentionState, Watch
from bot.pipeline import backfill, index, match
from bot.pipeline.archive import narrowed
from bot.pipeline.search import search
from bot.pipeline.trial import trial
from bot.store import Store, articles, mentions
from bot.store import search as token_index
from tests.match.language.reading import words
from tests.pipeline.test_backfill import LATER, _fill, _with
from tests.store.build import NOW

TEXTS = [
    "The exercise AsterX-24 opened in Toulouse.",
    "Named after Asterix, in Toulouse.",
    "Aster X missiles and the SAMP/T, in Toulouse.",
    f"Aster X missiles. {words(20)} Aster X is an exercise.",
    "A Certified Scrum Product Owner (CSPO) certificate.",
    "The CSpO partners met; E.U. and C++ were no subject.",
    "日本が連合宇宙作戦（CSpO）に参加",
    "La Défense spatiale, co\u00adop\u00aderation et ＡｓｔｅｒＸ",
    "Space, operations. Space-operations! 90 km/h, F-35",
    f"AsterX AsterX ASTERX {words(120)} Toulouse",
    "STRASSE",
    "",
]
QUERIES = [
    "AsterX",
    "aster*",
    "{CSpO}",
    '"space operations"',
    "defen?e OR straße",
    "AsterX Toulouse",
    "AsterX OR CSpO OR 宇宙",
    "Toulouse -missiles",
    "Toulouse NOT (Asterix OR missiles)",
    '"Aster X" NOT NEAR/8 (missile* OR "SAMP/T")',
    "AsterX NEAR/5 Toulouse",
    "AsterX ONEAR/50 Toulouse",
    "atleast3(AsterX)",
    "lead:Toulouse",
    "title:second OR EU",
    "C++ OR km/h",
    r"re:/\bF-?\d{2}\b/",
    "url:first OR lang:ja",
    "site:orbit AsterX",
    "cooperation",
]


async def _through_every_door(
    store: Store, queries: Sequence[str], *, indexed: str
) -> list[dict[str, set[int]]]:
    """Return, for each query, the articles that each evaluator finds."""
    in_stream = [Watch(key=f"stream{number}", query=query) for number, query in enumerate(queries)]
    afterwards = [Watch(key=f"later{number}", query=query) for number, query in enumerate(queries)]
    await _with(store, match, *in_stream, now=NOW)
    for half, texts in (("first", TEXTS[::2]), ("second", TEXTS[1::2])):
        _fill(store, texts, prefix=f"{half}-")
        if indexed == "all" or (indexed, half) == ("some", "first"):
            await _with(store, index)
    await _with(store, match, *in_stream, now=NOW)
    await _with(store, backfill, *in_stream, *afterwards, now=LATER)
    stored = store.read(articles.list_articles, limit=None, text=True)
    return [await _doors(store, query, number, stored) for number, query in enumerate(queries)]


async def _doors(store: Store, query: str, number: int, stored: list[Article]) -> dict[str, set[int]]:
    watch = Watch(key="w", query=query)
    alone, explainer = compile_watches([watch]), Explainer(watch)
    tried = await trial(store, watch, zone=ZoneInfo("UTC"), samples=len(stored))
    searched = await search(store, query, limit=len(stored))
    assert tried.hits == len(tried.samples)
    return {
        "stream": _mentioned(store, f"stream{number}"),
        "backfill": _mentioned(store, f"later{number}"),
        "try": {found.article.id or 0 for found in tried.samples},
        "search": {found.article.id or 0 for found in searched.found},
        "explain": {article.id or 0 for article in stored if explainer.examine(article).matched},
        "alone": {article.id or 0 for article in stored if alone.find(article)},
    }


def _mentioned(store: Store, watch: str) -> set[int]:
    return {mention.article_id for mention in store.read(mentions.list_mentions, watch=watch)}


@pytest.mark.parametrize("indexed", ["none", "some", "all"])
async def test_the_same_text_gives_the_same_answer_everywhere(store: Store, indexed: str) -> None:
    """In the stream, backfill, try, search and explain, whether the index knows the articles or not."""
    answers = await _through_every_door(store, QUERIES, indexed=indexed)
    for query, doors in zip(QUERIES, answers, strict=True):
        assert len({frozenset(found) for found in doors.values()}) == 1, (query, doors)
        assert doors["stream"], query


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('"space operations"', "space, operations"),
        ("{CSpO}", "CSPO"),
        ("C++", "c"),
        ("space NEAR/1 operations", f"space {words(3)} operations"),
        ("space NOT NEAR/1 operations", "space operations"),
        ("atleast2(space)", "space"),
        ("title:space", "space"),
        ("space -operations", "space operations"),
        ("defen?e", "defendse"),
    ],
)
async def test_the_index_only_narrows_down_and_never_decides(store: Store, query: str, text: str) -> None:
    """An article that has every word of the query is looked at, and is none all the same."""
    (number,) = _fill(store, [text])
    await _with(store, index)
    wanted = narrowed([parse(query)])
    assert wanted is not None
    assert store.read(token_index.candidates, wanted, limit=9) == [number]
    done = await _with(store, backfill, Watch(key="w", query=query))
    assert (done.articles, done.mentions) == (1, ())
    assert (await search(store, query)).found == ()


async def test_what_the_index_does_not_know_yet_is_found_all_the_same(store: Store) -> None:
    _fill(store, ["AsterX one"])
    await _with(store, index)
    _fill(store, ["AsterX two"], prefix="late")
    found = await search(store, "AsterX")
    assert [one.article.text for one in found.found] == ["AsterX two", "AsterX one"]


async def test_a_scope_holds_in_the_stream_and_afterwards(store: Store) -> None:
    """What a watch is not for is none of its mentions, however it is asked."""
    everywhere = Watch(key="all", query="AsterX")
    elsewhere = replace(everywhere, key="none", languages=("fr",))
    await _with(store, match, elsewhere, now=NOW)
    (number,) = _fill(store, ["AsterX"])
    await _with(store, match, elsewhere, now=NOW)
    await _with(store, backfill, elsewhere, everywhere, now=LATER)
    assert (_mentioned(store, "none"), _mentioned(store, "all")) == (set(), {number})
    assert (await trial(store, elsewhere, zone=ZoneInfo("UTC"))).out_of_scope == 1
    (mention,) = store.read(mentions.list_mentions)
    assert mention.state is MentionState.BACKFILL
