"""What a watch is read as: its lists, its guard, its scope, and what is said of it all the same."""

import pytest

from bot.errors import Fault
from bot.model import Tier, Watch
from tests.config.folder import Folder

SOURCES = """\
sources:
  - {id: one, feed: 'https://one.example', language: en, tags: [defence], tier: official}
  - {id: two, feed: 'https://two.example', language: fr, tags: [space], tier: specialist}
  - {id: off, feed: 'https://off.example', tags: [japan], enabled: false}
"""


def read(folder: Folder, lines: str, **changed: str) -> Watch:
    """Return the watch whose lines are given, each with its own indentation."""
    (watch,) = folder.load(watchlists=f"watches:\n  a:\n{lines}", **{"sources": SOURCES} | changed).watches
    return watch


def warnings(folder: Folder, lines: str, **changed: str) -> tuple[Fault, ...]:
    """Return what is said of the watch whose lines are given."""
    return tuple(
        warning
        for warning in folder.load(
            watchlists=f"watches:\n  a:\n{lines}", **{"sources": SOURCES} | changed
        ).warnings
        if warning.file.endswith("watchlists.yaml")
    )


def pointed(warning: Fault) -> str:
    """Return the text that a warning points at."""
    return warning.source_line[warning.column - 1 :][: warning.width]


def test_a_watch_is_read_with_all_its_keys(folder: Folder) -> None:
    """Every key has its effect."""
    watch = read(
        folder,
        """\
    name: CSpO
    description: ten nations
    any: [CSpO, Combined Space Operations]
    all: [space*]
    not: [scrum]
    long_forms: [Combined Space Operations, '"opérations spatiales combinées"']
    rivals: [Certified Scrum Product Owner]
    context: [satellit*, low Earth orbit, "defen?e", {Space}]
    languages: [EN, fr, en]
    sources: {tags: [defence, space], tiers: [official, specialist], only: [one, two, one]}
    deliver_contradicted: true
""",
    )
    assert watch == Watch(
        key="a",
        query='(CSpO OR "Combined Space Operations") AND space* AND NOT scrum',
        name="CSpO",
        description="ten nations",
        long_forms=("Combined Space Operations", "opérations spatiales combinées"),
        rivals=("Certified Scrum Product Owner",),
        context=("satellit*", '"low Earth orbit"', "defen?e", "{Space}"),
        languages=("en", "fr"),
        sources=("one", "two"),
        tags=("defence", "space"),
        tiers=(Tier.OFFICIAL, Tier.SPECIALIST),
        deliver_contradicted=True,
    )


def test_what_is_left_out_means_everything(folder: Folder) -> None:
    """Every language, every source, no guard."""
    watch = read(folder, "    any: [AsterX]\n    languages: []\n    sources: {}\n    rivals:\n")
    assert watch == Watch(key="a", query="AsterX", name="a")


@pytest.mark.parametrize(
    "lines", ["    sources: [two]\n", "    sources:\n      - two\n", "    sources: {only: [two]}\n"]
)
def test_a_list_of_sources_names_them(folder: Folder, lines: str) -> None:
    """As `only` does."""
    assert read(folder, "    any: [AsterX]\n" + lines).sources == ("two",)


def test_unquoted_braces_are_forgiven_in_every_list(folder: Folder) -> None:
    """YAML reads a mapping; a phrase is the words within, a context term is exact."""
    watch = read(
        folder,
        "    any: [{CSpO}]\n    long_forms: [{Combined Space Operations}]\n    rivals:\n      - {Scrum}\n"
        "    context: [{Space}]\n",
    )
    assert (watch.long_forms, watch.rivals, watch.context) == (
        ("Combined Space Operations",),
        ("Scrum",),
        ("{Space}",),
    )


@pytest.mark.parametrize("text", ["NO", "on", "07:30", "010", "1_000"])
def test_words_that_yaml_would_turn_into_something_else_stay_text(folder: Folder, text: str) -> None:
    """In every list."""
    watch = read(
        folder,
        f"    any: [foo]\n    long_forms: [{text}]\n    rivals: [x{text}]\n    context: [{text}]\n"
        f"    sources: {{tags: [{text}]}}\n",
    )
    assert (watch.long_forms, watch.rivals, watch.tags) == ((text,), (f"x{text}",), (text,))


def test_a_query_may_be_as_long_as_the_language_allows(folder: Folder) -> None:
    """Thousands of characters; beyond, the language says so."""
    query = " OR ".join(f"word{number}" for number in range(1_000))
    assert read(folder, f"    query: {query}\n").query == query
    too_long = "x" * 17_000
    (fault,) = folder.faults(watchlists=f"watches:\n  a:\n    query: {too_long}\n")
    assert "longer than 16,384 characters" in fault.message


def test_faults_of_one_watch_are_told_at_once(folder: Folder) -> None:
    """Its terms, its guard and its scope."""
    faults = folder.faults(
        watchlists="""\
watches:
  a:
    any: ['(foo', bar]
    rivals: [b*, Foo OR Bar]
    context: [NOT golf]
    languages: [xx]
    sources: {only: [nowhere], tiers: [offical]}
    lang: en
"""
    )
    assert [(fault.line, fault.column) for fault in faults] == [
        (3, 12), (4, 15), (4, 22), (5, 15), (6, 17), (7, 22), (7, 40), (8, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "part", "message"),
    [
        ("    any: [foo, EU]\n", "EU", "'EU' is two letters long"),
        ("    any: [foo, 'bar OR UN']\n", "UN", "'UN' also finds 'un'"),
        ("    query: >\n      foo OR\n      bar OR CSpO\n", "CSpO", "'CSpO' will also find 'CSPO'"),
        ("    any:\n      - NATO\n      - 'DoD'\n", "DoD", "'DoD' will also find 'DOD'"),
        ("    query: the AND of\n", "the", "'the', 'of' are very common words"),
        ("    any: [AsterX]\n    not: [foo, aster*]\n", "aster*", "'NOT aster*' removes every article"),
        ("    query: AsterX NOT aster*\n", "NOT aster*", "'NOT aster*' removes every article"),
        ("    query: AsterX -aster*\n", "-aster*", "'NOT aster*' removes every article"),
        ('    any: [Foo Bar]\n    not: ["bar"]\n', "bar", "'NOT bar' removes every article"),
        ("    any: [foo w/25 bar]\n", "w/25", "25 words may stand between"),
        ("    any: ['foo NOT NEAR/25 bar']\n", "NEAR/25", "25 words may stand between"),
        ("    all: ['site:example.org']\n", "site:example.org", "no word of the text has to be there"),
        ("    any: [aster*, AsterX]\n", "AsterX", "'AsterX' adds nothing"),
        ("    any: [space operations, combined space operations]\n", "combined space operations",
         "'combined space operations' adds nothing"),
        ("    any: ['{AsterX}', AsterX]\n", "{AsterX}", "'{AsterX}' adds nothing"),
    ],
)  # fmt: skip
def test_a_warning_stands_at_its_term(folder: Folder, lines: str, part: str, message: str) -> None:
    """In whatever list, style and spelling the term was written."""
    (warning,) = warnings(folder, lines)
    assert warning.message.startswith(message)
    assert pointed(warning) == part


@pytest.mark.parametrize(
    ("lines", "column"),
    [
        ("    any: [EU summit, EU]\n", 22),
        ("    any: ['{EU}', EU]\n", 19),
        ("    query: '\"EU summit\" OR {EU} OR EU'\n", 36),
    ],
)
def test_a_warning_stands_at_the_term_and_not_at_one_that_holds_it(
    folder: Folder, lines: str, column: int
) -> None:
    """A phrase or an exact term with the same letters is another term."""
    place = next(warning for warning in warnings(folder, lines) if "two letters" in warning.message)
    assert (place.line, place.column) == (3, column)


def test_a_warning_whose_term_cannot_be_found_stands_at_the_key(folder: Folder) -> None:
    """An escape hides it."""
    (warning,) = warnings(folder, '    query: "foo OR \\x45U"\n')
    assert (pointed(warning), warning.message[:4]) == ('"foo OR \\x45U"', "'EU'")
    (warning,) = warnings(folder, "    query: foo NOT ( foo )\n")
    assert pointed(warning) == "a"


def test_of_a_watch_that_is_switched_off_nothing_is_said(folder: Folder) -> None:
    """Nor of its scope."""
    assert not warnings(folder, "    any: [EU]\n    enabled: false\n    sources: {tags: [nowhere]}\n")


@pytest.mark.parametrize(
    ("scope", "part", "message", "hint"),
    [
        ("sources: {tags: [space, defense]}", "defense", "no source has the tag 'defense'",
         "did you mean 'defence'?"),
        ("sources: {tags: [xyz]}", "xyz", "no source has the tag 'xyz'", "tags of sources: defence, japan, space"),
        ("sources: {tags: [space], tiers: [official]}", "sources", "no source is in the scope of the watch",
         "no source that is switched on has the tag space and the tier official"),
        ("sources: {tiers: [aggregator, general]}", "sources", "no source is in the scope of the watch",
         "has the tier aggregator or general"),
        ("sources: [off]", "sources", "no source is in the scope of the watch", "has the key off"),
        ("languages: [ja, de]", "languages", "no source in the scope of the watch is declared to be in one",
         "they are declared as: en, fr"),
        ("languages: [fr]\n    sources: [one]", "languages", "no source in the scope", "declared as: en"),
    ],
)  # fmt: skip
def test_a_watch_that_no_source_can_satisfy_is_a_warning(
    folder: Folder, scope: str, part: str, message: str, hint: str
) -> None:
    """It would wait for ever."""
    (warning,) = warnings(folder, f"    any: [AsterX]\n    {scope}\n")
    assert pointed(warning) == part
    assert warning.message.startswith(message)
    assert hint in warning.hint


@pytest.mark.parametrize(
    "scope",
    ["languages: [fr]", "sources: {tags: [space, defence]}", "sources: [one, off]", "languages: [en]"],
)
def test_a_scope_that_a_source_satisfies_is_fine(folder: Folder, scope: str) -> None:
    """One is enough."""
    assert not warnings(folder, f"    any: [AsterX]\n    {scope}\n")


def test_a_source_of_unknown_language_may_satisfy_every_watch(folder: Folder) -> None:
    """What its articles are written in shows later."""
    assert not warnings(
        folder, "    any: [AsterX]\n    languages: [ja]\n", sources="sources:\n  - https://one.example\n"
    )


def test_without_sources_no_scope_is_blamed(folder: Folder) -> None:
    """That nothing is read is said already."""
    (warning,) = folder.load(
        newsbot="contact: a@b.org\n",
        watchlists="watches:\n  a: {any: [foo], sources: {tags: [x]}, languages: [en]}\n",
        sources="sources: []\n",
    ).warnings
    assert warning.message == "no sources: nothing will be read"


def test_a_source_that_is_faulty_itself_may_be_named(folder: Folder) -> None:
    """Its own fault is told, and not that it is missing."""
    faults = folder.faults(
        watchlists="watches:\n  a: {any: [foo], sources: [one, two, three, https-two-example]}\n",
        sources="sources:\n  - {id: one, feed: nowhere}\n  - {name: Two, feeed: x}\n"
        "  - {id: three, feed: 'https://three.example', tier: x}\n",
    )
    assert [fault.message for fault in faults if fault.file.endswith("watchlists.yaml")] == [
        "there is no source 'https-two-example'"
    ]


def test_sources_that_cannot_be_read_blame_no_watch(folder: Folder) -> None:
    """Whether a key exists is not known then."""
    faults = folder.faults(watchlists="watches:\n  a: {any: [foo], sources: [one]}\n", sources="sources: [\n")
    assert {fault.file.rsplit("/", 1)[1] for fault in faults} == {"sources.yaml"}
