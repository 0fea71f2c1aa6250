"""What a match yields: a mention with its spans, an excerpt, and the tree with true and false."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match import Explained, Explainer, watch_version
from bot.match.excerpt import AFTER, BEFORE
from bot.match.matcher import compile as compile_watches
from bot.model import Mention, Watch
from tests.match.language.reading import an_article, found, mention_of, words

FILLER = "Ministers met again on Friday and agreed on very little of substance. "


def mention(query: str, text: str = "", *, title: str = "") -> Mention:
    """Return the mention of an article that has to be one."""
    made = mention_of(query, an_article(text, title=title))
    assert made is not None
    return made


def marked(made: Mention) -> list[str]:
    """Return what is marked in the excerpt."""
    return [made.excerpt[start:end] for start, end in made.marks]


# The rule: "A mention: watch, article, revision, query version (hash)"


def test_a_mention_names_the_watch_its_version_and_the_revision_of_the_article() -> None:
    """Which article it was, whoever asked knows; the store writes it down."""
    watch = Watch(key="asterx", query="AsterX")
    (made,) = compile_watches([watch]).find(an_article("AsterX", revision=3))
    assert (made.watch, made.watch_version, made.revision) == ("asterx", watch_version(watch), 3)
    assert re.fullmatch("[0-9a-f]{12}", made.watch_version)


def test_an_article_has_one_mention_of_a_watch_however_often_it_matches() -> None:
    watches = [Watch(key="a", query="AsterX OR Toulouse"), Watch(key="b", query="Toulouse")]
    made = compile_watches(watches).find(an_article("AsterX in Toulouse, Toulouse", title="AsterX"))
    assert [(one.watch, one.total) for one in made] == [("a", 4), ("b", 2)]


# The rule: "spans [field, start, end, term] (the first 200, and the total)"


def test_a_span_says_its_field_its_place_and_its_term_as_people_read_it() -> None:
    made = mention(
        '"Space Domain" {CSpO} cooperat* defen?e re:/F-?35/',
        "space-domain, CSpO cooperation on defence, F35",
        title="CSpO",
    )
    assert [(span.field, span.start, span.end, span.term) for span in made.spans] == [
        ("title", 0, 4, "CSpO"),
        ("body", 0, 12, "Space Domain"),
        ("body", 14, 18, "CSpO"),
        ("body", 19, 30, "cooperat*"),
        ("body", 34, 41, "defen?e"),
        ("body", 43, 46, "re:/F-?35/"),
    ]


def test_spans_come_in_the_order_of_the_text_those_of_the_title_first() -> None:
    assert found("c OR b OR a", "b a c", title="c a") == ["c", "a", "b", "a", "c"]


@pytest.mark.parametrize("count", [1, 199, 200, 201, 500])
def test_a_mention_has_the_first_200_spans_and_the_total(count: int) -> None:
    text = words(count, "AsterX")
    made = mention("AsterX", text)
    assert made.total == count
    assert [span.start for span in made.spans] == [7 * number for number in range(min(count, 200))]


def test_the_first_200_are_those_of_all_terms_together() -> None:
    made = mention("a OR b", f"{words(150, 'a')} {words(150, 'b')}", title="b")
    assert (made.total, len(made.spans)) == (301, 200)
    assert [span.term for span in made.spans] == ["b", *["a"] * 150, *["b"] * 49]


def test_of_one_term_the_first_1000_places_of_an_article_count() -> None:
    """More than that no article is about: a bound for texts that are made to cost time."""
    made = mention("AsterX", words(1_500, "AsterX"))
    assert (made.total, len(made.spans)) == (1_000, 200)
    assert mention("atleast1000(AsterX)", words(1_000, "AsterX")).total == 1_000
    # what folds alike but is verified to be something else takes no place away
    assert mention("{AsterX} OR C++", f"{words(1_500, 'ASTERX C')} AsterX C++").total == 2


def test_a_place_that_several_terms_find_is_one_span() -> None:
    made = mention("AsterX OR Aster* OR {AsterX}", "AsterX")
    assert ([span.term for span in made.spans], made.total) == (["AsterX"], 1)


# The rule: "Only positive terms give spans."


@pytest.mark.parametrize(
    ("query", "stretches"),
    [
        ("a -x", ["a", "a"]),
        ("a OR b", ["a", "b", "a"]),
        ("a NOT (x NOT y)", ["a", "a"]),
        ("(a AND x) OR b", ["b"]),
        ("(a -b) OR (b -x)", ["b"]),
        ("a NEAR/1 b", ["a", "b"]),
        ("a NOT NEAR/1 b", ["a"]),
        ("atleast2(a)", ["a", "a"]),
        ("atleast3(a) OR b", ["b"]),
        ("title:a OR b", ["b"]),
        ("lang:en a", ["a", "a"]),
        ("lang:en", []),
    ],
)
def test_only_positive_terms_that_make_it_hold_give_spans(query: str, stretches: list[str]) -> None:
    made = mention_of(query, an_article(f"a b {words(9)} a", language="en"))
    assert made is not None
    assert found(query, f"a b {words(9)} a", language="en") == stretches
    assert made.total == len(stretches)


# The rule: "an excerpt of at most 300 characters cut at sentence or word ends with the spans in it"


def test_a_text_of_300_characters_is_its_own_excerpt() -> None:
    text = f"AsterX {'x' * 293}"
    assert (mention("AsterX", text).excerpt, len(text)) == (text, 300)
    longer = mention("AsterX", f"{text} y")
    assert len(longer.excerpt) <= 300
    assert longer.excerpt != f"{text} y"


def test_an_excerpt_is_cut_at_sentence_ends() -> None:
    made = mention("AsterX", f"{FILLER * 9}The AsterX exercise began. {FILLER * 9}")
    assert made.excerpt == f"The AsterX exercise began. {FILLER * 3}".strip()
    assert marked(made) == ["AsterX"]


def test_where_no_sentence_ends_it_is_cut_at_word_ends_and_says_so() -> None:
    made = mention("AsterX", f"{words(200)} AsterX {words(200)}")
    assert made.excerpt.startswith(f"{BEFORE}word ")
    assert made.excerpt.endswith(f" word{AFTER}")
    assert marked(made) == ["AsterX"]


def test_the_spans_stand_in_the_excerpt_as_many_different_ones_as_can() -> None:
    text = f"{FILLER * 5}AsterX opened. {FILLER * 5}Later AsterX came to Toulouse with CSpO. {FILLER * 5}"
    made = mention("AsterX AND Toulouse AND CSpO", text)
    assert made.excerpt.startswith("Later AsterX came to Toulouse")
    assert marked(made) == ["AsterX", "Toulouse", "CSpO"]


def test_an_excerpt_is_one_line_and_marks_follow_it() -> None:
    made = mention('"space domain" OR AsterX', "The  space\n\ndomain\u00a0of\t AsterX")
    assert made.excerpt == "The space domain of AsterX"
    assert marked(made) == ["space domain", "AsterX"]


def test_a_mention_through_the_title_or_through_fields_shows_the_beginning_of_the_text() -> None:
    for query in ("title:AsterX", "lang:en"):
        made = mention_of(query, an_article(FILLER * 9, title="AsterX", language="en"))
        assert made is not None
        assert made.excerpt == (FILLER * 4).strip()
        assert made.marks == ()
    assert mention("AsterX", title="AsterX opened").excerpt == "AsterX opened"


SENTENCES = st.lists(
    st.sampled_from(
        [
            FILLER,
            "AsterX opened. ",
            "What of AsterX? ",
            f"{words(30)} AsterX {words(30)}. ",
            "So they said, in Toulouse! ",
        ]
    ),
    min_size=1,
    max_size=30,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(SENTENCES, st.integers(0, 900))
def test_any_excerpt_is_a_stretch_of_the_text_between_ends_of_words(text: str, at: int) -> None:
    """At most 300 characters, a marked term in it, and each mark the term itself."""
    blank = text.find(" ", at % len(text))
    text = f"{text[:blank]} AsterX{text[blank:]}"
    made = mention("AsterX", text)
    assert len(made.excerpt) <= 300
    assert set(marked(made)) == {"AsterX"}
    whole = f" {' '.join(text.split())} "
    stretch = made.excerpt.removeprefix(BEFORE).removesuffix(AFTER)
    assert f" {stretch} " in whole


# The rule: "the tree of the query with true/false at each node, which `newsbot explain` prints"


def outline(node: Explained) -> object:
    """Return a tree as its texts and truths."""
    return [f"{node.kind} {node.text}: {node.matched}", *map(outline, node.parts)] if node.parts else (
        f"{node.kind} {node.text}: {node.matched}"
    )  # fmt: skip


def test_the_tree_says_true_or_false_at_each_node() -> None:
    watch = Watch(
        key="w", query="(AsterX OR missing) AND NOT (missile AND x) AND a NEAR/2 b AND title:AsterX"
    )
    tree = Explainer(watch).explain(an_article(f"AsterX missile a {words(5)} b", title="AsterX"))
    assert outline(tree) == [
        f"and {watch.query}: False",
        ["or AsterX OR missing: True", "word AsterX: True", "word missing: False"],
        [
            "not NOT (missile AND x): True",
            ["and missile AND x: False", "word missile: True", "word x: False"],
        ],
        ["near a NEAR/2 b: False", "word a: True", "word b: True"],
        ["field title:AsterX: True", "word AsterX: True"],
    ]


def test_the_tree_says_where_each_term_stands_and_what_a_field_holds() -> None:
    watch = Watch(key="w", query="AsterX OR lang:ja OR atleast3(a) OR a NOT NEAR/1 b")
    tree = Explainer(watch).explain(an_article("AsterX a b a", title="AsterX", language="en"))
    word, language, counted, alone = tree.parts
    assert [(span.field, span.start) for span in word.spans] == [("title", 0), ("body", 0)]
    assert language.parts[0].held == ("en",)
    assert (counted.matched, counted.spans) == (False, ())
    assert [span.start for span in counted.parts[0].spans] == [7, 11]
    assert (alone.matched, alone.spans) == (False, ())
