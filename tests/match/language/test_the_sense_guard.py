"""The sense guard: the article itself is asked what the acronym means."""

from dataclasses import replace

import pytest

from bot.match.sense import Guard
from bot.model import Article, Sense, Watch
from tests.match.language.reading import an_article, mention_of, words

CSPO = Watch(
    key="cspo",
    query="CSpO",
    long_forms=("Combined Space Operations", "連合宇宙作戦"),
    rivals=("Certified Scrum Product Owner", "certified sustainable palm oil"),
    context=("space*", "satellit*", "orbit*", "defen?e", '"missile warning"'),
)


def sense_of(article: Article, watch: Watch = CSPO) -> Sense | None:
    """Return the sense of the mention, which the evidence gives, too."""
    mention = mention_of(watch, article)
    assert mention is not None
    if mention.sense is not None:
        assert Guard(watch).evidence(article, mention.spans).verdict is mention.sense
    return mention.sense


def sense(text: str, *, title: str = "", watch: Watch = CSPO) -> str | None:
    found = sense_of(an_article(text, title=title), watch)
    return None if found is None else found.value


# The rule: "For a watch with `long_forms`, `rivals` or `context`"


def test_a_watch_without_a_guard_asks_for_no_sense() -> None:
    assert sense("CSpO", watch=Watch(key="cspo", query="CSpO")) is None


@pytest.mark.parametrize(
    ("part", "text", "verdict"),
    [
        ("long_forms", "Combined Space Operations (CSpO)", "confirmed"),
        ("rivals", "Certified Scrum Product Owner (CSPO)", "contradicted"),
        ("context", "CSpO in orbit", "likely"),
    ],
)
def test_each_of_the_three_lists_alone_makes_a_guard(part: str, text: str, verdict: str) -> None:
    watch = replace(Watch(key="cspo", query="CSpO"), **{part: getattr(CSPO, part)})
    assert sense(text, watch=watch) == verdict
    assert sense("CSpO met", watch=watch) == "unknown"


# 1. definition pairs: `long form (ACR)`, `ACR (long form)`, `long form, known as ACR`

PAIRS = [
    "{long} ({acronym})",
    "{acronym} ({long})",
    "{long}, known as {acronym},",
    "{long} (“{acronym}”)",
    "{long}（{acronym}）",
]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("where", ["title", "text"])
def test_a_definition_pair_in_title_or_text_decides(pair: str, where: str) -> None:
    for long_form, verdict in (
        ("Combined Allied Space Operations", "confirmed"),
        ("Certified Fast Scrum Product Owner", "contradicted"),
    ):
        said = f"The {pair.format(long=long_form, acronym='CSpO')} met."
        assert (
            sense(**({"text": said} if where == "text" else {"text": "CSpO met.", "title": said})) == verdict
        )


def test_a_definition_of_another_acronym_says_nothing() -> None:
    assert (
        sense("Combined Allied Space Exercises (CASE) began; CSpO watched.", watch=replace(CSPO, context=()))
        == "unknown"
    )
    assert (
        sense(
            "The Certified Fast Scrum Product Owner (CFSPO) greets the CSpO.", watch=replace(CSPO, context=())
        )
        == "unknown"
    )


def test_pairs_are_found_in_any_letter_case_of_the_acronym_and_in_its_plural() -> None:
    exact = replace(CSPO, query="{CSpO}")
    assert sense("CSpO: Combined Allied Space Operations (CSPO) began.", watch=exact) == "confirmed"
    assert sense("CSpO. Combined Allied Space Operations cells (CSpOs) met.") == "confirmed"


# 2. "an expected long form, compared as *contains its words in order*, gives confirmed; a rival one
# contradicted"


@pytest.mark.parametrize(
    ("pair", "verdict"),
    [
        ("Combined Space Operations (CSpO)", "confirmed"),
        ("COMBINED SPACE OPERATIONS (CSPO)", "confirmed"),
        ("Combined Allied Space Exploration Operations (CSpO)", "confirmed"),
        ("連合宇宙作戦（CSpO）", "confirmed"),
        ("Certified Scrum Product Owner® (CSPO)", "contradicted"),
        ("certified, sustainable and traceable palm oil (CSPO)", "contradicted"),
        ("Combined Operations (CSpO)", "unknown"),
        ("Space Operations Combined (CSpO)", "unknown"),
        ("Owner of a Certified Product, Scrum (CSpO)", "unknown"),
    ],
)
def test_a_long_form_is_compared_by_its_words_in_order(pair: str, verdict: str) -> None:
    assert sense(f"{pair} …", watch=replace(CSPO, context=())) == verdict


def test_a_definition_decides_against_any_context() -> None:
    assert sense("Certified Scrum Product Owner (CSPO) training on satellites in orbit") == "contradicted"
    assert sense("Chief Scrum met. CSpO in orbit is Certified Scrum Product Owner (CSPO)") == "contradicted"


def test_if_a_text_holds_both_senses_confirmed_wins() -> None:
    text = "Certified Scrum Product Owner (CSPO) is no Combined Space Operations (CSpO)."
    assert sense(text) == "confirmed"


def test_an_expected_long_form_confirms_wherever_the_article_gives_it() -> None:
    assert sense(f"CSpO met. {words(300)} Combined Space Operations go on.") == "confirmed"
    assert sense("CSpO met.", title="Combined Space Operations in Ottawa") == "confirmed"


def test_a_rival_long_form_that_defines_nothing_yields_to_context() -> None:
    """An article may well speak of both."""
    assert sense("Certified Scrum Product Owners earn more. The CSPO costs less.") == "contradicted"
    assert sense("Certified Scrum Product Owners met. CSpO partners spoke of satellites.") == "likely"


# 3. "no definition: a context term within 50 words of a span gives likely; otherwise unknown"


@pytest.mark.parametrize(("between", "verdict"), [(0, "likely"), (50, "likely"), (51, "unknown")])
def test_a_context_term_within_50_words_of_a_span_gives_likely(between: int, verdict: str) -> None:
    assert sense(f"CSpO {words(between)} orbit") == verdict
    assert sense(f"orbit {words(between)} CSpO") == verdict
    assert (
        sense(f"orbit {words(51)} CSpO {words(between)} {words(9)} CSpO {words(between)} satellites")
        == verdict
    )


@pytest.mark.parametrize(
    "term", ["spacecraft", "Satelliten", "defence", "Défense", "missile warning", "missile-warning"]
)
def test_context_terms_are_words_phrases_and_beginnings_folded(term: str) -> None:
    assert sense(f"CSpO and {term}") == "likely"
    assert sense("CSpO and a missile, warning") == "unknown"


@pytest.mark.parametrize(("between", "verdict"), [(50, "likely"), (51, "unknown")])
def test_each_character_of_a_spaceless_run_is_a_word_for_context(between: int, verdict: str) -> None:
    assert sense(f"CSpO{'あ' * between}orbit") == verdict


@pytest.mark.parametrize(("between", "verdict"), [(49, "likely"), (50, "unknown")])
def test_for_context_the_text_goes_on_after_the_title(between: int, verdict: str) -> None:
    """A headline is explained by the first words of its text; NEAR, in contrast, stays in a field."""
    assert sense(f"{words(between)} orbit", title="CSpO met") == verdict
    assert sense(f"{words(between)} CSpO", title="Orbit met") == verdict


def test_otherwise_the_sense_is_unknown() -> None:
    assert sense("The CSPO certificate is in demand.") == "unknown"
    assert sense("Get your (CSPO) now.") == "unknown"


def test_the_evidence_says_in_one_line_what_decided() -> None:
    article = an_article("The CSpO (Combined Space Operations) met in orbit.")
    mention = mention_of(CSPO, article)
    assert mention is not None
    evidence = Guard(CSPO).evidence(article, mention.spans)
    assert evidence.why == "“CSpO (Combined Space Operations)” gives the expected long form"
    assert [(found.acronym, found.long_form) for found in evidence.definitions] == [
        ("CSpO", "Combined Space Operations")
    ]
    assert [article.text[span.start : span.end] for span in evidence.context] == ["Space"]


def test_the_guard_takes_nothing_away_from_what_is_found() -> None:
    """It says what is meant; whether that is delivered is decided elsewhere."""
    for text in ("Certified Scrum Product Owner (CSPO)", "Combined Space Operations (CSpO)", "CSPO"):
        mention = mention_of(CSPO, an_article(text))
        assert mention is not None
        assert mention.total == 1
