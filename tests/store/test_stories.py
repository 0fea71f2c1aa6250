"""Stories: articles that carry one text, found as each comes; the first seen leads."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.model import TextFrom
from bot.parse import sketch
from bot.parse.identity import copy_hash
from bot.store import Store, articles, stories
from bot.store.tables import articles as article_table
from bot.store.tables import sketches, story_marks
from bot.store.tables import stories as story_table
from tests.store.build import MINUTE, NOW, a_source, add_article, add_revision, add_sources, rows
from tests.texts import Texts


@pytest.fixture
def texts() -> Texts:
    return Texts(3)


def add(store: Store, name: str, text: str, *, host: str | None = None, now: datetime = NOW, **values) -> int:
    number = add_sources(store, a_source())["orbit"]
    return add_article(
        store,
        number,
        name,
        now=now,
        url=f"https://{host or name + '.example'}/{name}",
        site=values.pop("site", name.title()),
        text=text,
        sketch=sketch.of(text),
        copy_hash=copy_hash(text),
        **values,
    )


def story_of(store: Store, article_id: int) -> int | None:
    found = store.read(articles.get, article_id)
    assert found is not None
    return found.story_id


def story(store: Store, number: int) -> dict:
    return store.read(rows, sa.select(story_table).where(story_table.c.id == number))[0]


def test_wire_copy_with_other_headlines_cuts_and_additions_is_one_story(store: Store, texts):
    text = texts.article(8)
    told = (text, texts.edited(text, 0.2), texts.cut(text, 0.6), texts.with_more(text, 0.4))
    numbers = [
        add(store, f"outlet{place}", copy, title=f"Headline {place}", now=NOW + place * MINUTE)
        for place, copy in enumerate(told)
    ]
    found = {story_of(store, number) for number in numbers}
    assert len(found) == 1
    made = story(store, found.pop())
    assert (made["outlets"], made["first_article_id"], made["title"]) == (4, numbers[0], "Headline 0")
    carried = store.read(stories.members, made["id"])
    assert [member.article_id for member in carried] == numbers
    assert (carried[1].site, carried[1].url) == ("Outlet1", "https://outlet1.example/outlet1")


def test_different_texts_are_different_stories_under_one_headline(store: Store, texts):
    numbers = [add(store, f"outlet{place}", texts.article(), title="The same") for place in range(6)]
    assert len({story_of(store, number) for number in numbers}) == 6


def test_pages_of_one_site_that_differ_by_a_few_words_are_stories_of_their_own(store: Store, texts):
    text = texts.article(4)
    one = add(store, "monday", text, host="weather.example")
    other = add(store, "tuesday", texts.edited(text, 0.15), host="www.weather.example")
    elsewhere = add(store, "copy", texts.edited(text, 0.15), host="other.example")
    assert story_of(store, one) != story_of(store, other)
    assert story_of(store, elsewhere) in {story_of(store, one), story_of(store, other)}


def test_a_round_up_does_not_make_one_story_of_its_briefs(store: Store, texts):
    briefs = [texts.paragraph(70) for _ in range(3)]
    first = add(store, "brief0", briefs[0])
    round_up = add(store, "roundup", "\n\n".join(briefs))
    others = [add(store, f"brief{place}", briefs[place]) for place in (1, 2)]
    assert story_of(store, round_up) == story_of(store, first)
    assert len({story_of(store, number) for number in (first, *others)}) == 3


def test_the_first_seen_leads_also_where_it_was_stored_later(store: Store, texts):
    text = texts.article()
    late = add(store, "late", text, title="Late", now=NOW + timedelta(hours=2))
    early = add(store, "early", texts.edited(text, 0.1), title="Early", now=NOW)
    made = story(store, story_of(store, late) or 0)
    assert (made["first_article_id"], made["title"], made["first_seen_at"]) == (early, "Early", NOW)


def test_a_replaced_text_looks_for_its_story_anew(store: Store, texts):
    told, other = texts.article(), texts.article()
    first = add(store, "first", told)
    alone = add(store, "alone", other, text_from=TextFrom.SUMMARY)
    before = story_of(store, alone)
    copy = texts.edited(told, 0.1)
    add_revision(store, alone, copy, sketch=sketch.of(copy), text_from=TextFrom.PAGE)
    assert story_of(store, alone) == story_of(store, first)
    assert store.read(rows, sa.select(story_table).where(story_table.c.id == before)) == []
    late = add(store, "late", texts.edited(other, 0.1))
    assert story_of(store, late) != story_of(store, first)


def test_one_of_several_stays_in_its_story_when_its_text_changes(store: Store, texts):
    text = texts.article()
    first, second = add(store, "first", text), add(store, "second", text)
    new = texts.article()
    add_revision(store, second, new, sketch=sketch.of(new))
    assert story_of(store, second) == story_of(store, first)


def test_a_text_that_is_too_short_has_no_story_unless_it_is_long_enough_to_be_equal(store: Store, texts):
    assert story_of(store, add(store, "short", "A few words only.")) is None
    words = "one of the " * 20
    assert story_of(store, add(store, "one", words)) == story_of(store, add(store, "two", words))


def test_what_is_older_is_forgotten_and_no_more_looked_for(store: Store, texts):
    text = texts.article()
    old = add(store, "old", text)
    young = add(store, "young", texts.article(), now=NOW + timedelta(days=2))
    assert store.write(stories.prune_sketches, before=NOW + timedelta(days=1), limit=10) == 1
    assert [row["article_id"] for row in store.read(rows, sa.select(sketches))] == [young]
    left = {row["article_id"] for row in store.read(rows, sa.select(story_marks))}
    assert left == {young}
    assert story_of(store, add(store, "copy", texts.edited(text, 0.1))) != story_of(store, old)
    assert store.write(stories.prune_sketches, before=NOW, limit=10) == 0


def test_a_phrase_that_everybody_uses_keeps_few_rows(store: Store, texts):
    text = texts.article()
    numbers = [add(store, f"copy{place}", texts.edited(text, 0.02)) for place in range(40)]
    assert len({story_of(store, number) for number in numbers}) == 1
    of_marks = sa.select(sa.func.count().label("held")).select_from(story_marks).group_by(story_marks.c.mark)
    assert max(row["held"] for row in store.read(rows, of_marks)) <= 16
    assert store.read(rows, sa.select(sa.func.count().label("all")).select_from(article_table)) == [
        {"all": 40}
    ]
