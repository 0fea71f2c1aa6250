"""A watch: its keys in ``watchlists.yaml``, what they mean together, and what the lists forgive."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config import add_watch
from bot.errors import Fault, QueryError
from bot.match import watch_version
from bot.match.query import compose, parse
from bot.model import Tier, Watch
from bot.store import Store
from tests.cli.told import sayer
from tests.config.folder import VALIDATORS, Folder
from tests.harness import Installation
from tests.match.language.reading import an_article, mention_of
from tests.store.build import a_source, add_article, add_sources

SOURCES = """\
sources:
  - {id: ministry, feed: 'https://ministry.example', language: fr, tags: [defence], tier: official}
  - {id: ledger, feed: 'https://ledger.example', language: en, tags: [space, business]}
"""
EXAMPLE = """\
watches:
  cspo:                                   # id: letters, digits, - and _ ; never reused for another meaning
    name: CSpO
    description: Combined Space Operations initiative
    any: [CSpO, '"Combined Space Operations"']      # at least one of these expressions
    all: []                               # and every one of these
    not: []                               # and none of these
    long_forms: ["Combined Space Operations"]       # what the acronym stands for (the sense guard, below)
    rivals: ["Certified Scrum Product Owner", "certified sustainable palm oil"]
    context: [space*, satellit*, orbit*, "defen?e"]   # words that speak for the right sense
    languages: [en, fr, ja]               # empty: every language
    sources: {tags: [defence]}            # empty: every source
  asterx:
    query: 'AsterX OR ("Aster X" NOT NEAR/8 (missile OR "SAMP/T"))'     # or the whole query in one expression
"""


def read(folder: Folder, lines: str) -> Watch:
    """Return the watch of these lines, each with its own indentation."""
    return folder.load(watchlists=f"watches:\n  a:\n{lines}", sources=SOURCES).watches[0]


def faults(folder: Folder, lines: str) -> tuple[Fault, ...]:
    """Return the faults of the watch of these lines."""
    return folder.faults(watchlists=f"watches:\n  a:\n{lines}", sources=SOURCES)


def composed(**lists: list[str]) -> str:
    """Write lists as one query."""
    return compose(any=lists.get("any", []), all=lists.get("all", []), none=lists.get("none", []))


def test_the_example_of_the_language_is_a_configuration(folder: Folder) -> None:
    settings = folder.load(watchlists=EXAMPLE, sources=SOURCES)
    assert settings.watches == (
        Watch(
            key="cspo",
            name="CSpO",
            description="Combined Space Operations initiative",
            query='CSpO OR "Combined Space Operations"',
            long_forms=("Combined Space Operations",),
            rivals=("Certified Scrum Product Owner", "certified sustainable palm oil"),
            context=("space*", "satellit*", "orbit*", "defen?e"),
            languages=("en", "fr", "ja"),
            tags=("defence",),
        ),
        Watch(key="asterx", name="asterx", query='AsterX OR ("Aster X" NOT NEAR/8 (missile OR "SAMP/T"))'),
    )
    assert not [said for said in settings.warnings if said.file.endswith("watchlists.yaml")]


# The rule: "id: letters, digits, - and _ ; never reused for another meaning"


@pytest.mark.parametrize("key", ["cspo", "CSpO-2", "a_b", "2027", "-", "_", "x" * 64])
def test_an_id_is_letters_digits_hyphen_and_underscore(folder: Folder, key: str) -> None:
    (watch,) = folder.load(watchlists=f"watches:\n  '{key}': {{any: [AsterX]}}\n", sources=SOURCES).watches
    assert watch.key == key


@pytest.mark.parametrize("key", ["a b", "a.b", "é", "a/b", "宇宙", "x" * 65])
def test_any_other_id_is_refused(folder: Folder, key: str) -> None:
    (fault, *_) = folder.faults(watchlists=f"watches:\n  '{key}': {{any: [AsterX]}}\n", sources=SOURCES)
    assert fault.message == "the key of a watch is 1 to 64 letters, digits, - and _"


def test_an_id_that_is_given_twice_is_refused(folder: Folder) -> None:
    (fault,) = folder.faults(watchlists="watches:\n  a: {any: [b1c]}\n  a: {any: [d1e]}\n", sources=SOURCES)
    assert fault.message == "the key 'a' is given twice"


# The rule: "at least one of these expressions, and every one of these, and none of these"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("alpha gamma delta", True),
        ("beta delta gamma", True),
        ("gamma delta", False),
        ("alpha gamma", False),
        ("alpha beta gamma delta epsilon", False),
        ("alpha gamma delta zeta", False),
    ],
)
def test_at_least_one_of_any_every_one_of_all_and_none_of_not(
    folder: Folder, text: str, is_found: bool
) -> None:
    watch = read(folder, "    any: [alpha, beta]\n    all: [gamma, delta]\n    not: [epsilon, zeta]\n")
    assert (mention_of(watch, an_article(text)) is not None) is is_found


def test_the_lists_are_another_way_to_write_one_query(folder: Folder) -> None:
    """The same tree, and so the same version, as by hand."""
    lists = read(folder, "    any: [CSpO, Aster X]\n    all: [space OR orbit]\n    not: ['{CSPO}', x y]\n")
    by_hand = read(
        folder, '    query: \'(CSpO OR "Aster X") AND (space OR orbit) AND NOT {CSPO} AND NOT "x y"\'\n'
    )
    assert lists == by_hand
    assert watch_version(lists) == watch_version(by_hand)


@pytest.mark.parametrize("name", ["any", "all", "not"])
def test_having_both_a_query_and_a_list_is_an_error(folder: Folder, name: str) -> None:
    (fault,) = faults(folder, f"    {name}: [foo]\n    query: bar\n")
    assert fault.message == "'query' stands beside any, all or not"
    assert (fault.line, fault.column) == (4, 5)


# The rule: "languages: empty: every language; sources: empty: every source"


def test_languages_are_those_of_the_articles_and_empty_means_every_one(folder: Folder) -> None:
    watch = read(folder, "    any: [AsterX]\n    languages: [en, zh]\n")
    found = {
        language: mention_of(watch, an_article("AsterX", language=language)) is not None
        for language in ("en", "fr", "zh", "zh-Hant", None)
    }
    assert found == {"en": True, "fr": False, "zh": True, "zh-Hant": True, None: True}
    assert mention_of(replace(watch, languages=()), an_article("AsterX", language="fr")) is not None


def test_sources_are_chosen_by_key_tag_and_tier_and_empty_means_every_one(folder: Folder) -> None:
    """They have to satisfy all that is given; of several sources that list an article one is enough."""
    scoped = read(
        folder,
        "    any: [AsterX]\n    sources: {tags: [defence, navy], tiers: [official], only: [ministry]}\n",
    )
    inside = an_article("AsterX", source="ministry", tags=("defence",), tier=Tier.OFFICIAL)
    assert mention_of(scoped, inside) is not None
    assert mention_of(scoped, replace(inside, tags=("space",))) is None
    assert mention_of(scoped, replace(inside, tier=Tier.GENERAL)) is None
    assert mention_of(scoped, replace(inside, source="ledger")) is None
    assert mention_of(scoped, replace(inside, source="ledger", more_sources=("ministry",))) is not None
    everywhere = read(folder, "    any: [AsterX]\n    sources: {}\n")
    assert mention_of(everywhere, replace(inside, source="nobody", tags=(), tier=None)) is not None


# The rule: "an item of `any`, `all`, `not`, `long_forms` or `rivals` without operators is one phrase"


def test_an_item_without_operators_is_one_phrase(folder: Folder) -> None:
    watch = read(
        folder,
        """\
    any: [Combined Space Operations, "O'Neill cylinder"]
    all:
      - rock and roll
    not: [not for sale, Aster - X]
    long_forms: [Combined Space Operations]
    rivals:
      - Certified Scrum Product Owner
""",
    )
    assert watch.query == (
        '("Combined Space Operations" OR "O\'Neill cylinder") AND "rock and roll"'
        ' AND NOT "not for sale" AND NOT "Aster - X"'
    )
    assert (watch.long_forms, watch.rivals) == (
        ("Combined Space Operations",),
        ("Certified Scrum Product Owner",),
    )


@pytest.mark.parametrize(
    ("item", "query"),
    [
        ("AsterX", "AsterX"),
        ("CSpO AND AsterX", "CSpO AND AsterX"),
        ("foo -bar", "foo AND NOT bar"),
        ("foo NEAR/3 bar", "foo NEAR/3 bar"),
        ("foo w/3 bar", "foo NEAR/3 bar"),
        ("foo W/3 bar", "foo NEAR/3 bar"),
        ("foo PRE/3 bar", "foo ONEAR/3 bar"),
        ("title:foo bar", "title:foo AND bar"),
        ('"foo bar" baz', '"foo bar" AND baz'),
        ("{Foo} bar", "{Foo} AND bar"),
        ("atleast2(foo)", "atleast2(foo)"),
        ("re:/a b/", "re:/a b/"),
        ("cooperat*", "cooperat*"),
        ("defen?e", "defen?e"),
        ("space operat*", '"space operat*"'),
    ],
)
def test_an_item_with_any_operator_is_an_expression(item: str, query: str) -> None:
    assert composed(any=[item]) == query


@pytest.mark.parametrize("item", ["foo near/3 bar", "foo NEAR bar", "foo NEAR/x bar", "foo NOT near/3 bar"])
def test_an_operator_that_is_miswritten_makes_no_phrase(item: str) -> None:
    """It would be looked for as it stands, and never found."""
    with pytest.raises(QueryError, match="NEAR"):
        composed(any=[item])


@pytest.mark.parametrize(
    "item", ["Combined Space Operations (CSpO)", "Aster X (24)", "(Aster X)", "foo (bar baz)", "f(x) curve"]
)
def test_an_item_whose_parentheses_group_nothing_is_refused(item: str) -> None:
    """It is no phrase, and was hardly meant as one word AND the next."""
    with pytest.raises(QueryError) as caught:
        composed(any=[item])
    assert caught.value.message == "parentheses group terms that operators join, and here is none"
    assert item[caught.value.position] == "("
    assert "quotes" in caught.value.hint


@pytest.mark.parametrize(
    ("item", "query"),
    [
        ("(CSpO)", "CSpO"),
        ("(a OR b) c1", "(a OR b) AND c1"),
        ("title:(a b)", "title:(a AND b)"),
        ("a1 AND(b1)", "a1 AND b1"),
        ("ATLEAST2(a OR b)", "atleast2(a OR b)"),
        ('"Operations (CSpO)"', '"Operations (CSpO)"'),
    ],
)
def test_parentheses_beside_an_operator_group(item: str, query: str) -> None:
    assert composed(any=[item]) == query


def test_items_keep_their_meaning_beside_each_other() -> None:
    """Each is an expression of its own, as if in parentheses."""
    assert composed(any=["a OR b", "c d1"], all=["e OR f", "g h1 NEAR/2 i"], none=["j OR k"]) == (
        '(a OR b OR "c d1") AND (e OR f) AND g AND h1 NEAR/2 i AND NOT (j OR k)'
    )
    assert parse(composed(any=["a AND b", "c"])) == parse("(a AND b) OR c")


# The rule: "an unquoted {CSpO}, which YAML reads as a mapping, is taken as the exact term"


@pytest.mark.parametrize(
    "lines",
    [
        "    any: [{CSpO}, foo]\n",
        "    any:\n      - {CSpO}\n      - foo\n",
        "    any: [ {CSpO} , foo ]   # in braces\n",
        "    any: ['{CSpO}', foo]\n",
    ],
)
def test_unquoted_braces_are_the_exact_term(folder: Folder, lines: str) -> None:
    assert read(folder, lines).query == "{CSpO} OR foo"


def test_unquoted_braces_are_understood_in_every_list_and_as_the_query(folder: Folder) -> None:
    watch = read(
        folder,
        "    any: [foo]\n    all: [{AT&T}]\n    not: [{Aster X}]\n    long_forms: [{Combined Space}]\n"
        "    rivals: [{Certified Scrum}]\n    context: [{Space}]\n",
    )
    assert watch.query == "foo AND {AT&T} AND NOT {Aster X}"
    assert (watch.long_forms, watch.rivals, watch.context) == (
        ("Combined Space",),
        ("Certified Scrum",),
        ("{Space}",),
    )
    assert read(folder, "    query: {CSpO}\n").query == "{CSpO}"


# The rule: "an empty item is an error that names the `#` that ate it"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("    any:\n      - foo\n      - #AsterX\n", 5),
        ("    any: [foo]\n    not:\n      - #x\n      - bar\n", 5),
        ("    any: [foo]\n    rivals:\n      - #x\n", 5),
        ("    any: [foo]\n    not: #bar\n", 4),
        ("    query: #AsterX\n", 3),
        ("    any: [#AsterX]\n", 3),
        ("    any: [foo,#bar]\n", 3),
        ("    any: [foo, #bar]\n", 3),
    ],
)
def test_an_item_that_a_comment_ate_is_an_error_that_names_the_hash(
    folder: Folder, lines: str, line: int
) -> None:
    found = [fault for fault in faults(folder, lines) if fault.line == line]
    assert found
    assert "'#' begins a comment" in found[0].hint
    assert "put quotes around" in found[0].hint


@pytest.mark.parametrize("item", ["''", "' '", "~", "null", '""'])
def test_an_item_that_is_just_empty_is_an_error_too(folder: Folder, item: str) -> None:
    (fault,) = faults(folder, f"    any: [foo, {item}]\n")
    assert fault.message == "an item is empty"


def test_a_hash_within_a_word_or_in_quotes_eats_nothing(folder: Folder) -> None:
    assert read(folder, "    any: [C#, '#AsterX']\n").query == "C# OR #AsterX"


# The rule: "where YAML itself refuses (a `?` or `*` in a flow list), the message says to put quotes around
# the item"


@pytest.mark.parametrize(
    "item", ["?x", "*terX", "&x", "!x", "@x", "`x`", "%x", "title: x", '"Aster X" NOT x', "{a} OR b"]
)
def test_where_yaml_refuses_an_item_the_message_says_to_put_quotes_around_it(
    folder: Folder, item: str
) -> None:
    told = faults(folder, f"    any: [{item}]\n")
    assert any("quotes around the whole item" in fault.hint for fault in told), told
    assert {fault.line for fault in told} == {3}


def test_wildcards_that_yaml_leaves_alone_need_no_quotes(folder: Folder) -> None:
    assert read(folder, "    any: [cooperat*, defen?e]\n").query == "cooperat* OR defen?e"


# The rule: "`newsbot watch add ID 'QUERY'` checks, shows the hits of the last 30 days and appends to the
# file, keeping its comments"


def test_an_added_watch_is_appended_and_every_comment_kept(folder: Folder) -> None:
    folder.write_all(watchlists=EXAMPLE, sources=SOURCES)
    path = add_watch(folder.path, "new", validators=VALIDATORS, query="AsterX OR {CSpO}")
    assert path.read_text() == EXAMPLE + "  new:\n    query: 'AsterX OR {CSpO}'\n"
    assert [watch.key for watch in folder.read().watches] == ["cspo", "asterx", "new"]


def test_a_watch_that_does_not_parse_is_not_added(folder: Folder) -> None:
    folder.write_all(watchlists=EXAMPLE, sources=SOURCES)
    with pytest.raises(QueryError, match="mixed"):
        add_watch(folder.path, "new", validators=VALIDATORS, query="a OR b c")
    assert folder.read().watches[-1].key == "asterx"
    assert (folder.path / "watchlists.yaml").read_text() == EXAMPLE


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """One with an article of ten days ago and one of forty, and a watch with a comment."""
    made = Installation(tmp_path)
    made.configure(
        sources=[{"name": "Orbit", "feed": "https://orbit.example/feed", "allow_private": []}], fetch={}
    )
    (tmp_path / "config" / "watchlists.yaml").write_text(
        "watches:\n  # the first one\n  cspo: {any: [CSpO]}\n"
    )
    now = SystemClock().now()
    store = Store.open(made.database, clock_now=now)
    source = add_sources(store, a_source(), now=now)["orbit"]
    for name, days in (("early", 40), ("late", 10)):
        add_article(store, source, name, text=f"AsterX, {name}", now=now - timedelta(days=days))
    store.close()
    return made


def test_watch_add_shows_the_hits_of_the_last_30_days_and_appends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, installation: Installation
) -> None:
    monkeypatch.chdir(installation.folder)
    say = sayer(capsys)
    told = say("watch", "add", "asterx", "AsterX")
    assert told.code == 0
    assert "1 hit in 1 article of the last 30 days" in told.out
    assert "Late" in told.out
    assert "Early" not in told.out
    file = installation.folder / "config" / "watchlists.yaml"
    before = file.read_text()
    assert before == "watches:\n  # the first one\n  cspo: {any: [CSpO]}\n  asterx:\n    query: AsterX\n"
    refused = say("watch", "add", "other", "AsterX OR")
    assert (refused.code, refused.out) == (2, "")
    assert "a term is missing" in refused.err
    assert file.read_text() == before
