"""What tells dismissed mentions from kept ones: terms for NOT, rivals and context."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.match.explain import Explainer
from bot.match.matcher import compile as compile_watches
from bot.match.query import compose
from bot.match.suggest import MOST, Sample, Suggested, Suggestions, suggest
from bot.model import Article, Watch
from tests.match.strategies import news_text

WATCH = Watch(key="cspo", query="CSpO")
SCRUM = [
    "The course leads to the Certified Scrum Product Owner (CSPO) badge. The Scrum Alliance counts the sprints.",
    "Our CSPO training helps you to lead the sprints, as the Scrum Alliance demands, trainers in Denver think.",
    "A CSPO earns more. The Scrum Alliance publishes a survey, and employers doubt whether sprints matter.",
]
SPACE = [
    "Japan joined CSpO, and will share what it knows of satellites and debris in orbit, ministers declared.",
    "Ministers of the CSpO nations met in Wellington to speak of satellites, orbits and a common vocabulary.",
    "At the CSpO board in Paris, generals spoke of satellites that come close to others without a warning.",
]


def samples(watch: Watch, texts: Sequence[str], title: str = "") -> list[Sample]:
    explainer = Explainer(watch)
    articles = [
        Article(url=f"https://ledger.example/{text[:9]}", title=title, text=text, id=number)
        for number, text in enumerate(texts)
    ]
    return [Sample(article=one, spans=explainer.examine(one).spans) for one in articles]


def learned(
    dismissed: Sequence[str], kept: Sequence[str], watch: Watch = WATCH, **more: object
) -> Suggestions:
    others = [Article(url="https://o.example/", text=text) for text in more.pop("others", ())]  # type: ignore[attr-defined]
    return suggest(watch, samples(watch, dismissed), samples(watch, kept), others=others)


def terms(found: Sequence[Suggested]) -> list[str]:
    return [one.term for one in found]


def test_what_dismissed_articles_share_and_kept_ones_lack_is_for_not() -> None:
    found = learned(SCRUM, SPACE)
    assert found.nots == (
        Suggested(term="Scrum Alliance", dismissed=3, kept=0),
        Suggested(term="sprints", dismissed=3, kept=0),
    )


def test_what_kept_articles_share_near_the_places_is_context() -> None:
    found = learned(SCRUM, SPACE)
    assert found.contexts[0] == Suggested(term="satellites", dismissed=0, kept=3)
    assert "ministers" in [term.lower() for term in terms(found.contexts)]


def test_what_a_dismissed_article_says_the_acronym_means_is_a_rival() -> None:
    assert terms(learned(SCRUM[:1], SPACE).rivals) == ["Certified Scrum Product Owner"]
    spelt = (
        "Twelve Certified Scrum Product Owners and a CSPO met. A Certified Scrum Product Owner is no CSPO."
    )
    assert terms(learned([spelt], SPACE).rivals) == ["Certified Scrum Product Owner"]
    assert learned(SCRUM[:1], [*SPACE, SCRUM[0]]).rivals == ()


def test_one_dismissed_article_gives_names_of_several_words_only() -> None:
    found = learned([SCRUM[1]], SPACE)
    assert terms(found.nots) == ["Scrum Alliance"]
    assert found.contexts == ()


def test_a_term_that_a_kept_article_holds_anywhere_is_none_for_not() -> None:
    """A NOT is judged with the whole article, however far from the places the term stands."""
    far = f"{SPACE[0]} {'So it went on. ' * 60}The Scrum Alliance was not there."
    assert "Scrum Alliance" not in terms(learned(SCRUM, [*SPACE, far]).nots)


def test_nothing_dismissed_teaches_nothing() -> None:
    assert not learned([], SPACE)
    assert learned([], SPACE) == Suggestions(kept=3)


def test_terms_of_the_watch_itself_are_left_out() -> None:
    watch = Watch(
        key="w", query="CSpO NOT sprints", rivals=("Scrum Alliance",), context=("satellit*", "ministers")
    )
    found = learned([text.replace("sprints", "weeks") for text in SCRUM], SPACE, watch)
    assert "weeks" in terms(found.nots)
    assert not {"Scrum Alliance", "Scrum", "sprints"} & set(terms(found.nots))
    assert "ministers" not in [term.lower() for term in terms(found.contexts)]


def test_common_words_and_numbers_are_left_out() -> None:
    dismissed = ["The CSPO is in 2026 of the 30", "With CSPO from 2026 to the 30"]
    assert learned(dismissed, SPACE).nots == ()


def test_the_longest_of_equals_is_chosen() -> None:
    dismissed = [
        "A CSPO is sustainable palm oil, they told us.",
        "No CSPO without sustainable palm oil, others told.",
    ]
    assert terms(learned(dismissed, SPACE).nots)[0] == "sustainable palm oil"


def test_words_that_stand_in_every_text_are_told_by_other_articles() -> None:
    dismissed = ["A CSPO gathering on Tuesday about scrums", "The CSPO gathering of Tuesday, with scrums"]
    everyday = [f"Number {number}: on Tuesday a gathering took place" for number in range(20)]
    assert {"Tuesday", "gathering"} <= set(terms(learned(dismissed, SPACE).nots))
    assert terms(learned(dismissed, SPACE, others=everyday).nots) == ["scrums"]


def test_scripts_without_spaces_are_cut_where_texts_agree() -> None:
    dismissed = ["認定スクラム研修（CSPO）が東京で開かれた。", "CSPOの認定スクラム研修に参加した。"]
    kept = ["日本はCSpOに参加し、宇宙作戦を協議した。", "CSpOの会合で宇宙作戦が話された。"]
    found = learned(dismissed, kept)
    assert {"スクラム", "研修", "認定"} == set(terms(found.nots))
    assert terms(found.contexts) == ["宇宙作戦"]


def test_copies_of_one_story_count_once() -> None:
    """What five outlets print alike is one opinion of one agency."""
    first, *others = samples(WATCH, [SCRUM[1], f"{SCRUM[1]} All rights reserved.", *SCRUM[:1]])
    copies = [replace(one, article=replace(one.article, story_id=7)) for one in (first, others[0])]
    found = suggest(WATCH, [*copies, others[1]], samples(WATCH, [*SPACE, SPACE[0]]))
    assert (found.dismissed, found.kept) == (2, 3)
    assert found.nots[0] == Suggested(term="Scrum Alliance", dismissed=2, kept=0)


def test_a_term_is_shown_as_it_is_written_most_often() -> None:
    dismissed = ["CSPO and SCRUM", "CSPO and Scrum", "A CSPO and Scrum"]
    assert terms(learned(dismissed, SPACE).nots) == ["Scrum"]


def test_the_title_counts_however_far_it_is() -> None:
    far = f"{'It is so. ' * 60} CSPO."
    found = suggest(WATCH, samples(WATCH, [far, f"{far}."], "Velodrome opened"), samples(WATCH, SPACE))
    assert terms(found.nots) == ["Velodrome opened"]


def test_what_is_far_from_the_places_does_not_count() -> None:
    dismissed = [f"CSPO {'so it went on ' * 30} velodrome", f"CSPO. {'so it went on ' * 30} velodrome"]
    assert "velodrome" not in terms(learned(dismissed, SPACE).nots)


def test_a_sequence_around_a_term_of_the_query_stands_in_where_its_own_words_would_cost_too_much() -> None:
    """``operas`` alone would remove what was kept; ``space operas`` does not."""
    watch = Watch(key="w", query="space")
    dismissed = ["A space operas season begins", "More space operas than ever are shown"]
    assert terms(learned(dismissed, ["The space agency met"], watch).nots) == ["operas"]
    kept = ["The space agency met beside the houses for operas"]
    assert terms(learned(dismissed, kept, watch).nots) == ["space operas"]


def test_a_query_that_does_not_parse_names_its_watch() -> None:
    with pytest.raises(QueryError) as caught:
        suggest(Watch(key="w", query="a AND"), samples(WATCH, SCRUM), [])
    assert caught.value.subject == "w"


@given(dismissed=st.lists(news_text, min_size=1, max_size=4), kept=st.lists(news_text, max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_suggested_not_removes_what_it_says_and_nothing_that_was_kept(
    dismissed: list[str], kept: list[str]
) -> None:
    """Added to the watch as it stands, each term removes the dismissed articles that it is counted in."""
    watch = Watch(key="w", query="CSpO OR space")
    found = learned(dismissed, kept, watch)
    assert len(found.nots) <= MOST and len(found.contexts) <= MOST and len(found.rivals) <= MOST
    for one in found.nots:
        holds = compile_watches([Watch(key="n", query=compose(any=[one.term], all=[], none=[]))])
        # what copies agree in proves nothing: one of each is counted
        texts = [Article(url="https://x.example/", text=text) for text in dict.fromkeys(dismissed)]
        assert sum(bool(holds.find(article)) for article in texts) == one.dismissed >= 1
        assert not any(holds.find(Article(url="https://x.example/", text=text)) for text in kept)
