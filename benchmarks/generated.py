"""A database of newsbot full of generated articles, for ``backfill.py``.

The articles are those of ``matching.py``, with a Japanese of its own. A few hold planted terms as newspapers
write them, others only look alike; what the matcher finds in each as it is made is what a backfill has to find.
"""

import os
import random
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

import sqlalchemy as sa
from matching import MANY, SCRIPTS, VOCABULARY, Language

from bot.match import INDEX_VERSION, matcher, tokens
from bot.model import TextFrom, Watch
from bot.store import Store, Tx, search
from bot.store.search import Indexed
from bot.store.statements import Many
from bot.store.tables import articles, entries, index_queue, revisions, sources

#: the planted terms, and how newspapers write them; some only look alike
PLANTED: dict[str, tuple[tuple[str, str], ...]] = {
    "AsterX": (
        ("english", "AsterX"),
        ("english", "the AsterX-led exercise"),
        ("english", "AsterX's third edition"),
        ("english", "\u201cASTERX\u201d"),
        ("english", "Aster\u00adX"),
        ("french", "d\u2019AsterX"),
        ("french", "l\u2019exercice AsterX\u201124"),
        ("german", "AsterX-Übung"),
        ("russian", "учения «AsterX»"),
        ("korean", "한국은AsterX에"),
        ("japanese", "日本がAsterXに参加"),
        ("japanese", "ＡｓｔｅｒＸ演習"),
        ("thai", "การฝึกAsterXครั้ง"),
        ("english", "AsterX24"),
        ("english", "Asterix"),
    ),
    '"space domain awareness"': (
        ("english", "space domain awareness"),
        ("english", "Space-Domain\u00a0Awareness"),
        ("english", "SPACE DOMAIN\nAWARENESS"),
        ("french", "«\u00a0space domain awareness\u00a0»"),
        ("japanese", "英語でSpace Domain Awarenessと"),
        ("english", "space, domain awareness"),
    ),
    "連合宇宙作戦": (
        ("japanese", "連合宇宙作戦"),
        ("japanese", "米国の連合宇宙作戦（CSpO）イニシアチブに"),
        ("korean", "일본은 連合宇宙作戦을"),
        ("english", "the 連合宇宙作戦 talks"),
        ("japanese", "連合の宇宙作戦"),
    ),
    "EU": (
        ("english", "the EU said"),
        ("english", "E.U. officials"),
        ("german", "EU-Gipfel"),
        ("french", "de l\u2019EU"),
        ("japanese", "日本とＥＵは"),
        ("english", "a European museum"),
        ("german", "Euro und Leute"),
        ("french", "heureux"),
    ),
}
#: each spelling stands once in so many articles
EVERY = 20_000
#: words that stand in one article of so many; the first is more frequent than any word of a language
SHARES = {"Dateline": 1.6, "Onein4": 4.0, "Onein8": 8.0, "Onein16": 16.0, "Onein32": 32.0}
#: articles made at once, and put into the index at once, as the step does
MADE, PUT = 1_000, 200
SOURCES = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A generated article."""

    number: int
    language: str
    title: str
    text: str
    tokens: str
    #: the planted terms that the matcher finds in it
    found: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Archive:
    """A filled database."""

    store: Store
    size: int
    languages: dict[str, Language]
    text_bytes: int = 0
    fill_s: float = 0.0
    put_s: float = 0.0
    #: of each planted term the articles that hold it
    truth: dict[str, set[int]] = field(default_factory=lambda: {term: set() for term in PLANTED})


class Japanese(Language):
    """Japanese in which some characters are frequent.

    Where each is as frequent as any other, nearly every pair of characters is a new one: in 950 characters of
    ``matching.py`` 810 different ones, in as much of real reports 620. Here it is 720: still on the safe side.
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__("japanese", rng)
        characters = [*SCRIPTS["japanese"][1].split(), *map(chr, range(*MANY["japanese"]))]
        sums = list(accumulate(1 / rank for rank in range(1, len(characters) + 1)))
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            length = rng.choice((1, 2, 2, 3, 3, 4)) + (1 if len(words) > 100 else 0)
            words["".join(rng.choices(characters, cum_weights=sums, k=length))] = None
        self.words = list(words)


def languages(rng: random.Random) -> dict[str, Language]:
    """Return the languages by name; of the same numbers the same ones."""
    return {name: Japanese(rng) if name == "japanese" else Language(name, rng) for name in SCRIPTS}


class Maker:
    """Makes the articles; one in each process."""

    def __init__(self) -> None:
        self.rng = random.Random(7)
        self.languages = languages(self.rng)
        self._names = list(self.languages)
        self._matcher = matcher.compile([Watch(key=f"p{n}", query=term) for n, term in enumerate(PLANTED)])
        spellings = [spelling for some in PLANTED.values() for spelling in some]
        # all within the first 10,000, so that the quick run has each of them
        self._planted = {(n + 1) * 10_000 // (len(spellings) + 1): one for n, one in enumerate(spellings)}

    def some(self, first: int) -> list[Made]:
        self.rng.seed(first)
        return [self._one(number) for number in range(first, first + MADE)]

    def _one(self, number: int) -> Made:
        planted = self._planted.get(number % EVERY)
        name = planted[0] if planted else self._names[number % len(self._names)]
        language = self.languages[name]
        article = language.article()
        extra = [word for word, every in SHARES.items() if self.rng.random() < 1 / every]
        text = f"{' '.join(extra)} {article.text}" if extra else article.text
        if planted:
            middle = text.find(" " if not language.spaceless else "。", len(text) // 2) + 1
            gap = "" if language.spaceless else " "
            text = f"{text[:middle]}{planted[1]}{gap}{text[middle:]}"
        found = self._matcher.find(replace(article, text=text))
        terms = tuple(list(PLANTED)[int(mention.watch[1:])] for mention in found)
        made = tokens(article.title, text)
        return Made(number=number, language=name, title=article.title, text=text, tokens=made, found=terms)


_maker: Maker | None = None


def _start() -> None:
    global _maker
    _maker = Maker()
    os.nice(1)


def _make(first: int) -> list[Made]:
    assert _maker is not None
    return _maker.some(first)


def made(count: int) -> Iterator[list[Made]]:
    """Yield the articles in their order, made by other processes a little ahead."""
    context = get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count() or 2, mp_context=context, initializer=_start) as pool:
        ahead: deque[Future[list[Made]]] = deque()
        for first in range(1, count + 1, MADE):
            ahead.append(pool.submit(_make, first))
            if len(ahead) > 6:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def columns(table: sa.Table, *left_out: str) -> list[str]:
    return [column.name for column in table.columns if column.name not in left_out]


ADD = {
    table: Many(sa.insert(table), columns=columns(table))
    for table in (articles, revisions, entries, index_queue)
}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def add(tx: Tx, batch: list[Made], source_ids: list[int]) -> None:
    """Store articles as reading does, each with the entry that led to it; every tenth is listed twice."""
    rows: dict[sa.Table, list[dict[str, object]]] = {table: [] for table in ADD}
    for one in batch:
        seen = LONG_AGO + timedelta(seconds=one.number)
        # in order, which random keys are not: quicker to fill, and nothing here looks by them
        key = one.number.to_bytes(16, "big")
        url = f"https://site{one.number % SOURCES}.example/2026/{one.number}/an-article-about-something"
        places = [source_ids[one.number % SOURCES]]
        if one.number % 10 == 0:
            places.append(source_ids[(one.number + 7) % SOURCES])
        facts = {
            "id": one.number, "url_key": key, "url": url, "canonical_url": url, "source_id": places[0],
            "site": f"Site {one.number % SOURCES}", "title": one.title, "authors": ("A. Writer",), "language": None,
            "published_at": seen, "modified_at": None, "first_seen_at": seen, "read_at": seen, "story_id": None,
            "copy_hash": key, "revision": 1, "text_from": TextFrom.PAGE.value, "matched_at": seen,
        }  # fmt: skip
        rows[articles].append(facts)
        rows[revisions].append(
            {"article_id": one.number, "number": 1, "seen_at": seen, "text_hash": key, "title": one.title, "text": one.text}
        )  # fmt: skip
        rows[index_queue].append({"article_id": one.number, "former": None, "too_long": False})
        for nth, place in enumerate(places):
            rows[entries].append({
                "id": one.number * 2 + nth, "source_id": place, "key": url, "url": url, "host": "site.example",
                "url_key": key, "id_key": key, "title_key": key, "title": one.title, "published_at": seen,
                "updated_at": None, "authors": ("A. Writer",), "language": None, "first_seen_at": seen,
                "last_listed_at": seen, "baseline": one.number < 1_000, "state": "read", "attempts": 1,
                "next_read_at": None, "done_at": seen, "error": None, "error_kind": None,
                "article_id": one.number, "summary": "", "content": "",
            })  # fmt: skip
    for table, statement in ADD.items():
        statement(tx, rows[table])


def fill(store: Store, count: int, spoken: dict[str, Language]) -> Archive:
    """Fill an empty database."""
    archive = Archive(store=store, size=count, languages=spoken)
    store.write(search.match_version, INDEX_VERSION)
    ids = store.read(lambda tx: list(tx.execute(sa.select(sources.c.id).order_by(sources.c.id)).scalars()))
    # the processes that make the articles take the processor from what is measured: there its own time counts
    clock = time.thread_time if store.dialect == "sqlite" else time.perf_counter
    began = time.perf_counter()
    for batch in made(count):
        store.write(add, batch, ids)
        archive.text_bytes += sum(len(f"{one.title}{one.text}".encode()) for one in batch)
        for one in batch:
            for term in one.found:
                archive.truth[term].add(one.number)
        rows = [Indexed(article_id=one.number, revision=1, tokens=one.tokens) for one in batch]
        begun = clock()
        for start in range(0, len(rows), PUT):
            store.write(search.put, rows[start : start + PUT])
        archive.put_s += clock() - begun
    if store.dialect == "postgresql":
        vacuum(store.url)
    archive.fill_s = time.perf_counter() - began
    return archive


def vacuum(url: str) -> None:
    """Do what the server does by itself in its own time."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


@contextmanager
def database(folder: Path, postgresql: str | None) -> Iterator[str]:
    """Give the address of an empty database for the time of the block."""
    if postgresql is None:
        yield f"sqlite:///{folder / 'newsbot.db'}"
        return
    import psycopg

    name = f"newsbot_bench_{os.getpid()}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield postgresql.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
