"""Stories: which articles carry one text, found as each article comes.

Upper rooms reach this through ``bot.store.articles``. Equal texts are one story whatever their age. Copies
that were edited are found by the marks of their sketches (``bot.model.copies``) and verified by how much
of the shorter text stands in the other. What an article costs does not grow with the archive: of each
mark at most 16 articles are kept, which a phrase that everybody uses has soon, and at most 8
candidates are looked at.

A text that is like two stories joins the one that it is most like; stories are never merged, for what two
articles share with a third they need not share with each other. For the same reason a text must be
like the first of the story, too, not only like one of its copies.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import site_of
from bot.model.copies import MARKS, are_copies, likeness, marks
from bot.store.base import Tx
from bot.store.statements import AnyRow, Many, any_of, chunks, on_both, param
from bot.store.tables import articles, sketches, stories, story_marks


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """An article's text, as far as it says which story it tells."""

    article_id: int
    url: str
    title: str
    #: over the folded words; None for a short text
    copy_hash: bytes | None
    #: b"" for a text too short to tell
    sketch: bytes
    #: when the article was first listed
    seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """An article that carries a story."""

    article_id: int
    url: str
    title: str
    #: the outlet's name
    site: str
    first_seen_at: datetime


#: Articles that are kept for one mark: more have it only where it is a phrase that everybody uses, or
#: where all of them are copies, and then each leads to the same story.
_HOLDERS = 16
_CANDIDATES = 8
#: Marks in common that make a candidate; one may be a coincidence, and is where there are others.
_LEAST_MARKS = 2
#: How much of the shorter text the first of a story and a further copy of it have in common at least.
_LIKE_THE_FIRST = 0.15

_BY_HASH = (
    sa.select(articles.c.story_id)
    .where(articles.c.copy_hash == param("is_copy", articles.c.copy_hash), articles.c.story_id.is_not(None))
    .order_by(articles.c.id)
    .limit(1)
)
_HELD_BY = sa.union_all(
    *(
        sa.select(
            sa.select(story_marks.c.mark, story_marks.c.article_id)
            .where(story_marks.c.mark == param(f"mark_{number}", story_marks.c.mark))
            .order_by(story_marks.c.article_id.desc())
            .limit(_HOLDERS)
            .subquery()
        )
        for number in range(MARKS)
    )
)
_CANDIDATE = (
    sa.select(articles.c.id, articles.c.url, articles.c.story_id, sketches.c.data)
    .join(sketches, sketches.c.article_id == articles.c.id)
    .where(any_of(articles.c.id, "ids"), articles.c.story_id.is_not(None))
)
_FIRST = (
    sa.select(articles.c.url, sketches.c.data)
    .join(stories, stories.c.first_article_id == articles.c.id)
    .join(sketches, sketches.c.article_id == articles.c.id)
    .where(stories.c.id == param("of", stories.c.id))
)
_ADD_SKETCH = Many(
    on_both(
        lambda insert: (row := insert(sketches)).on_conflict_do_update(
            index_elements=["article_id"], set_={"data": row.excluded.data}
        )
    ),
    columns=("article_id", "data"),
)
_ADD_MARKS = Many(
    on_both(lambda insert: insert(story_marks).on_conflict_do_nothing()), columns=("mark", "article_id")
)
_DROP_MARKS = Many(
    sa.delete(story_marks).where(
        story_marks.c.mark == param("of_mark", story_marks.c.mark),
        story_marks.c.article_id == param("of_article", story_marks.c.article_id),
    )
)
_SKETCHES = sa.select(sketches.c.article_id, sketches.c.data).where(any_of(sketches.c.article_id, "ids"))
_DROP_SKETCHES = sa.delete(sketches).where(any_of(sketches.c.article_id, "ids"))
_OLD = (
    sa.select(sketches.c.article_id)
    .join(articles, articles.c.id == sketches.c.article_id)
    .where(articles.c.first_seen_at < param("before", articles.c.first_seen_at))
    .order_by(sketches.c.article_id)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)

_ADD_STORY = sa.insert(stories).returning(stories.c.id)
_JOIN = Many(
    sa.update(articles)
    .where(articles.c.id == param("of", articles.c.id))
    .values(story_id=param("story", articles.c.story_id))
)
_in_story = articles.c.story_id == stories.c.id
_outlets = sa.select(sa.func.count(articles.c.site.distinct())).where(_in_story).scalar_subquery()
_lead = (articles.c.first_seen_at, articles.c.id)
_first_id = sa.select(articles.c.id).where(_in_story).order_by(*_lead).limit(1).scalar_subquery()
_title = sa.select(articles.c.title).where(_in_story).order_by(*_lead).limit(1).scalar_subquery()
_seen = sa.select(articles.c.first_seen_at).where(_in_story).order_by(*_lead).limit(1).scalar_subquery()
_COUNT = (
    sa.update(stories)
    .where(stories.c.id == param("of", stories.c.id))
    .values(outlets=_outlets, first_article_id=_first_id, title=_title, first_seen_at=_seen)
)
_MEMBERS = (
    sa.select(articles.c.id, articles.c.url, articles.c.title, articles.c.site, articles.c.first_seen_at)
    .where(articles.c.story_id == param("of", articles.c.story_id))
    .order_by(*_lead)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_ALONE = sa.select(sa.func.count() < 2).where(articles.c.story_id == param("of", articles.c.story_id))
_DROP_STORY = sa.delete(stories).where(stories.c.id == param("of", stories.c.id))


def place(tx: Tx, text: Telling, *, copied: bool) -> None:
    """Put a new article into the story of its text; it leads a new one where nobody has told it.

    ``copied``: an article with an equal text may be stored already. A text too short to tell has no story.
    """
    story_id = _equal(tx, text) if copied else None
    held: list[AnyRow] = []
    if text.sketch:
        held = _holders(tx, text)
        story_id = story_id or _most_like(tx, text, held)
        _remember(tx, text, held)
    if story_id is not None:
        _JOIN(tx, [{"of": text.article_id, "story": story_id}])
        tx.execute(_COUNT, {"of": story_id})
    elif text.sketch or text.copy_hash is not None:
        row = {
            "title": text.title,
            "first_article_id": text.article_id,
            "first_seen_at": text.seen_at,
            "outlets": 1,
        }
        _JOIN(tx, [{"of": text.article_id, "story": tx.execute(_ADD_STORY, row).scalar_one()}])


def replace(tx: Tx, text: Telling, *, story_id: int | None) -> None:
    """Look anew for the story of an article whose text was replaced.

    One that shares its story with others stays in it: what they told is what it told.
    """
    forget(tx, [text.article_id])
    if story_id is not None:
        if not tx.execute(_ALONE, {"of": story_id}).scalar():
            if text.sketch:
                _remember(tx, text, _holders(tx, text))
            tx.execute(_COUNT, {"of": story_id})
            return
        _JOIN(tx, [{"of": text.article_id, "story": None}])
        count_anew(tx, story_id)
    place(tx, text, copied=True)


def count_anew(tx: Tx, story_id: int) -> None:
    """Count a story that lost an article; without any it goes."""
    members = sa.select(sa.func.count()).where(articles.c.story_id == story_id)
    if tx.execute(members).scalar():
        tx.execute(_COUNT, {"of": story_id})
    else:
        tx.execute(_DROP_STORY, {"of": story_id})


def members(tx: Tx, story_id: int, *, limit: int = 1000) -> list[Member]:
    """Return the articles that carry a story, the one first seen first; none for a story that is none."""
    found = tx.execute(_MEMBERS, {"of": story_id, "most": limit})
    return [
        Member(
            article_id=row.id, url=row.url, title=row.title, site=row.site, first_seen_at=row.first_seen_at
        )
        for row in found
    ]


def forget(tx: Tx, article_ids: Sequence[int]) -> None:
    """Drop sketches and marks of articles, so that no copy of them is found any more."""
    for ids in chunks(article_ids):
        found = tx.execute(_SKETCHES, {"ids": list(ids)}).all()
        gone = [{"of_mark": mark, "of_article": row.article_id} for row in found for mark in marks(row.data)]
        if gone:
            _DROP_MARKS(tx, gone)
        if found:
            tx.execute(_DROP_SKETCHES, {"ids": [row.article_id for row in found]})


def prune_sketches(tx: Tx, *, before: datetime, limit: int) -> int:
    """Forget up to ``limit`` articles first seen before this time, and return how many: of what is older
    than that no copies are looked for.
    """
    old = list(tx.execute(_OLD, {"before": before, "most": limit}).scalars())
    forget(tx, old)
    return len(old)


def _equal(tx: Tx, text: Telling) -> int | None:
    story: int | None = tx.execute(_BY_HASH, {"is_copy": text.copy_hash}).scalar()
    return story


def _holders(tx: Tx, text: Telling) -> list[AnyRow]:
    """Return who has each mark of a text: rows of mark and article, of each mark at most 16."""
    own = marks(text.sketch)
    # No mark is negative.
    asked: dict[str, Any] = {
        f"mark_{number}": own[number] if number < len(own) else -1 for number in range(MARKS)
    }
    return [row for row in tx.execute(_HELD_BY, asked) if row.article_id != text.article_id]


def _remember(tx: Tx, text: Telling, held: Sequence[AnyRow]) -> None:
    full = {mark for mark, count in Counter(row.mark for row in held).items() if count >= _HOLDERS}
    _ADD_SKETCH(tx, [{"article_id": text.article_id, "data": text.sketch}])
    rows = [{"mark": mark, "article_id": text.article_id} for mark in marks(text.sketch) if mark not in full]
    if rows:
        _ADD_MARKS(tx, rows)


def _most_like(tx: Tx, text: Telling, held: Sequence[AnyRow]) -> int | None:
    """Return the story of the article that is most like a text, None where none is a copy of it."""
    common = Counter(row.article_id for row in held)
    asked = [
        number
        for number, count in common.most_common(_CANDIDATES)
        if count >= _LEAST_MARKS or len(common) <= _CANDIDATES
    ]
    if not asked:
        return None
    alike = _alike(text, tx.execute(_CANDIDATE, {"ids": asked}).all())
    for story_id in alike:
        first = tx.execute(_FIRST, {"of": story_id}).first()
        if first is None:
            return story_id
        found = likeness(text.sketch, first.data)
        if site_of(first.url) == site_of(text.url):
            if are_copies(found, same_site=True):
                return story_id
        elif found.contained >= _LIKE_THE_FIRST:
            return story_id
    return None


def _alike(text: Telling, rows: Sequence[AnyRow]) -> list[int]:
    """Return the stories of the candidates that are copies of a text, the most alike first.

    Not those of which this site has told another text already: by way of an outlet that carries both, two
    pages made by one template would become one story.
    """
    site = site_of(text.url)
    found: dict[int, tuple[float, int]] = {}
    others: set[int] = set()
    for row in rows:
        same_site = site_of(row.url) == site
        like = likeness(text.sketch, row.data)
        if are_copies(like, same_site=same_site):
            best = (like.contained, -row.id)
            found[row.story_id] = max(found.get(row.story_id, best), best)
        elif same_site:
            others.add(row.story_id)
    return sorted(found.keys() - others, key=lambda story: found[story], reverse=True)
