"""Furniture: blocks that three articles of one site share belong to the site; who held them is judged anew."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.model import site_of
from bot.model.blocks import block_keys, blocks, masked
from bot.parse import sketch
from bot.store import Store, articles
from bot.store import blocks as stored
from bot.store.tables import blocks as block_table
from tests.store.build import (
    NOW,
    a_source,
    add_article,
    add_mention,
    add_revision,
    add_sources,
    add_watches,
    rows,
)

BOX = "More on CSpO: ten nations meet\n\nRead more"


def add(store: Store, name: str, text: str, *, host: str = "orbit.example", **values) -> int:
    number = add_sources(store, a_source())["orbit"]
    return add_article(store, number, name, url=f"https://{host}/{name}", text=text, **values)


def own(name: str) -> str:
    return f"What only the article on {name} says.\n\nAnd a little more of {name}."


def furniture_of(store: Store, article_id: int) -> list[str]:
    article = store.read(articles.get, article_id)
    found = store.read(stored.furniture, {article_id: (article.url, article.text)})
    return [article.text[start:end] for start, end in found.get(article_id, ())]


def waiting(store: Store) -> list[int]:
    return [row.article.id for row in store.read(articles.unmatched, limit=100)]


@pytest.fixture
def two(store: Store) -> list[int]:
    """Two matched articles with the box, of which nothing can be told."""
    add_watches(store, "cspo")
    found = [add(store, name, f"{own(name)}\n\n{BOX}") for name in ("one", "two")]
    for number in found:
        add_mention(store, number)
    assert waiting(store) == []
    return found


def test_what_a_third_article_shares_is_furniture_and_the_others_are_judged_anew(
    store: Store, two: list[int]
):
    assert [furniture_of(store, number) for number in two] == [[], []]
    third = add(store, "three", f"{own('three')}\n\n{BOX}")
    assert [furniture_of(store, number) for number in (*two, third)] == [BOX.split("\n\n")] * 3
    rows_ = store.read(articles.unmatched, limit=9)
    assert [row.article.id for row in rows_] == [*two, third]
    text = rows_[0].article.text
    assert [text[start:end] for start, end in rows_[0].article.furniture] == BOX.split("\n\n")


def test_a_fourth_article_disturbs_nobody(store: Store, two: list[int]):
    numbers = [*two, add(store, "three", f"{own('three')}\n\n{BOX}")]
    add_watches(store, "asterx")
    for number in numbers:
        add_mention(store, number, "asterx")
    fourth = add(store, "four", f"{own('four')}\n\n{BOX}")
    assert waiting(store) == [fourth]
    assert furniture_of(store, fourth) == BOX.split("\n\n")


def test_another_site_has_its_own(store: Store, two: list[int]):
    other = add(store, "three", f"{own('three')}\n\n{BOX}", host="elsewhere.example")
    assert furniture_of(store, other) == []
    assert waiting(store) == [other]
    below = add(store, "four", f"{own('four')}\n\n{BOX}", host="news.orbit.example")
    assert furniture_of(store, below) == BOX.split("\n\n")


def test_revisions_of_one_article_count_once(store: Store):
    number = add(store, "one", f"{own('one')}\n\n{BOX}")
    for place in range(4):
        add_revision(store, number, f"{own('one')}\n\nChange {place} of it.\n\n{BOX}")
    assert furniture_of(store, number) == []


def test_copies_of_one_story_count_once(store: Store):
    """A site that carries a text under three addresses does not turn it into furniture."""
    text = f"{'A long report on the ten partners and what they agreed on in the capital. ' * 6}\n\n{BOX}"
    values = {"sketch": sketch.of(text), "copy_hash": b"c" * 16}
    numbers = [add(store, name, text, title=name, **values) for name in ("one", "two", "three")]
    assert [furniture_of(store, number) for number in numbers] == [[], [], []]


def test_a_text_that_lost_its_furniture_is_whole_again(store: Store, two: list[int]):
    third = add(store, "three", f"{own('three')}\n\n{BOX}")
    add_revision(store, third, own("three"))
    rows_ = {row.article.id: row for row in store.read(articles.unmatched, limit=9)}
    assert (rows_[third].furnished, rows_[third].article.furniture) == (False, ())


def test_old_blocks_that_nobody_shares_are_dropped_in_small_steps(store: Store, two: list[int]):
    add(store, "three", f"{own('three')}\n\n{BOX}")
    all_blocks = len(store.read(rows, sa.select(block_table)))
    after, dropped = -1, 0
    while True:
        step = store.write(stored.prune_blocks, before=NOW + timedelta(days=1), after=after, limit=3)
        dropped += step.dropped
        if step.reached is None:
            break
        after = step.reached
    assert dropped == all_blocks - 2
    assert [row["seen"] for row in store.read(rows, sa.select(block_table))] == [3, 3]


def test_young_blocks_stay(store: Store, two: list[int]):
    assert store.write(stored.prune_blocks, before=NOW, after=-1, limit=100).dropped == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Read more", "READ  MORE…", True),
        ("12 comments", "3 comments", True),
        ("CSpO meets", "AsterX meets", False),
        (
            "In 2026 the ten partners spent 12 million on their common work in orbit.",
            "In 2027 the ten partners spent 19 million on their common work in orbit.",
            False,
        ),
    ],
)
def test_a_block_is_known_by_its_words(one, other, same):
    (_, first), *_ = block_keys("orbit.example", one)
    (_, second), *_ = block_keys("orbit.example", other)
    assert (first == second) is same
    assert block_keys("other.example", one)[0][1] != first


def test_blocks_are_paragraphs_and_masking_keeps_every_place():
    text = "First.\n\nSecond one.\n \n\nThird."
    assert [text[start:end] for start, end in blocks(text)] == ["First.", "Second one.", "Third."]
    blank = masked(text, ((8, 19),))
    assert (len(blank), blank.replace("\n", "")) == (len(text), "First. Third.")
    assert masked(text, ()) == text
    assert list(blocks("")) == []
    assert block_keys("orbit.example", "…\n\n—") == []
    assert site_of("https://news.orbit.co.uk/a") == "orbit.co.uk"
