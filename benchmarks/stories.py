"""Stories among articles of which three in ten are copies: what is found, and what an article costs.

    python benchmarks/stories.py [ARTICLES] [--peer]

An archive is generated (100,000 articles by default): texts of a made-up language with the word frequencies of a
real one, 30 % of them copies of an earlier one, with up to 30 % of their words edited, cut, added or moved; among
the others are pages by template, background paragraphs in common and round-ups. Every article goes through
``sketch.of`` and the store's ``save_reads`` on SQLite. Precision and recall are of pairs of articles. ``--peer``
does the same sketching and looking up with datasketch (``pip install datasketch``), in memory, without a store.
"""

import argparse
import hashlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import sqlalchemy as sa

from bot.model import Article, Source, SourceKind
from bot.parse import sketch
from bot.parse.identity import copy_hash, text_hash, url_key
from bot.store import Store, articles, sources
from bot.store.articles import ReadSave
from bot.store.sources import NewEntry, RefreshSave
from bot.store.tables import articles as article_table
from bot.store.tables import entries, story_marks
from tests.store.build import a_save
from tests.texts import Texts

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 8
_COPIES = 0.3


def archive(size: int, texts: Texts) -> Iterator[tuple[int, str, str]]:
    """Yield (which story, host, text) of each article."""
    chance = texts.random
    templates = [texts.words(150) for _ in range(20)]
    background = [texts.paragraph(60) for _ in range(50)]
    told: list[tuple[int, str]] = []
    for number in range(size):
        host = f"site{chance.randrange(2000)}.example"
        if told and chance.random() < _COPIES:
            story, text = told[-1 - min(int(chance.expovariate(1 / 300)), len(told) - 1)]
            yield story, host, texts.syndicated(text, chance.uniform(0, 0.3))
            continue
        kind = chance.random()
        if kind < 0.05:
            which = chance.randrange(len(templates))
            host = f"template{which}.example"
            text = " ".join(texts.words(1)[0] if chance.random() < 0.1 else word for word in templates[which])
        else:
            text = texts.article()
            if kind < 0.2:
                text += f"\n\n{chance.choice(background)}"
        told.append((number, text))
        yield number, host, text


def _stored(
    size: int, folder: Path, *, telling: bool = True
) -> tuple[list[int], list[int | None], dict[str, float]]:
    store = Store.open(f"sqlite:///{folder}/stories.db", clock_now=_NOW)
    store.write(
        sources.sync,
        [Source(key="all", name="All", kind=SourceKind.FEED, url="https://all.example/feed")],
        now=_NOW,
    )
    truth: list[int] = []
    cpu = Counter[str]()
    batch: list[tuple[str, str]] = []
    marks: list[tuple[int, float]] = []
    for number, (story, host, text) in enumerate(archive(size, Texts(1))):
        truth.append(story)
        batch.append((f"https://{host}/{number}", text))
        if len(batch) == _BATCH or number == size - 1:
            _save(store, batch, number, cpu, telling=telling)
            batch = []
        if (number + 1) % max(size // 10, 1) == 0:
            marks.append((number + 1, cpu["sketch"] + cpu["save"]))
            print(f"  {number + 1:>9,} articles  {_slope(marks):.3f} ms an article", flush=True)
    found = store.read(
        lambda tx: (
            tx.execute(sa.select(article_table.c.story_id).order_by(article_table.c.id)).scalars().all()
        )
    )
    rows = store.read(lambda tx: tx.execute(sa.select(sa.func.count()).select_from(story_marks)).scalar())
    print(f"  marks: {rows / size:.1f} an article; database {_size(folder) / size:,.0f} bytes an article")
    store.close()
    return truth, list(found), dict(cpu)


def _slope(marks: list[tuple[int, float]]) -> float:
    (before, spent) = marks[-2] if len(marks) > 1 else (0, 0.0)
    return (marks[-1][1] - spent) / (marks[-1][0] - before) * 1e3


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _save(
    store: Store, batch: list[tuple[str, str]], number: int, cpu: "Counter[str]", *, telling: bool
) -> None:
    now = _NOW + timedelta(seconds=number)
    new = [_entry(url, now) for url, _ in batch]
    save: RefreshSave = a_save(1, new=new)
    store.write(sources.save_refreshes, [save], now=now)
    ids = store.read(
        lambda tx: tx.execute(
            sa.select(entries.c.url, entries.c.id).where(entries.c.url.in_([url for url, _ in batch]))
        ).all()
    )
    numbers = {row.url: row.id for row in ids}
    started = time.process_time()
    sketches = [sketch.of(text) if telling else b"" for _, text in batch]
    cpu["sketch"] += time.process_time() - started
    reads = [
        ReadSave(
            entry_id=numbers[url],
            article=Article(url=url, title=url, text=text, site=url, sketch=made),
            url_key=url_key(url),
            text_hash=text_hash(url, text),
            copy_hash=copy_hash(text),
            state="read",
            next_read_at=None,
            error=None,
            kind=None,
        )
        for (url, text), made in zip(batch, sketches, strict=True)
    ]
    started = time.process_time()
    store.write(articles.save_reads, reads, now=now)
    cpu["save"] += time.process_time() - started


def _entry(url: str, now: datetime) -> NewEntry:
    key = hashlib.sha256(url.encode()).digest()[:16]
    return NewEntry(
        key=key.hex(), url=url, host="all.example", url_key=key, id_key=None, title_key=None, title="",
        published_at=now, updated_at=None, authors=(), summary="", content="", language=None, baseline=False,
        next_read_at=now,
    )  # fmt: skip


def quality(truth: list[int], found: list[int | None]) -> tuple[float, float]:
    """Return precision and recall of the pairs of articles that share a story."""
    pairs = _pairs(
        Counter(found[place] if found[place] is not None else -1 - place for place in range(len(found)))
    )
    wanted = _pairs(Counter(truth))
    right = _pairs(
        Counter((story, found[place]) for place, story in enumerate(truth) if found[place] is not None)
    )
    return (right / pairs if pairs else 1.0), (right / wanted if wanted else 1.0)


def _pairs(counts: "Counter[object]") -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _peer(size: int) -> None:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.3, num_perm=128)
    truth, found = [], []
    spent = 0.0
    for number, (story, _, text) in enumerate(archive(size, Texts(1))):
        truth.append(story)
        started = time.process_time()
        words = text.lower().split()
        made = MinHash(num_perm=128)
        made.update_batch([" ".join(words[at : at + 3]).encode() for at in range(max(len(words) - 2, 1))])
        like = index.query(made)
        found.append(found[min(like)] if like else number)
        index.insert(number, made)
        spent += time.process_time() - started
    precision, recall = quality(truth, list(found))
    print(
        f"datasketch: {spent / size * 1e3:.3f} ms an article; precision {precision:.4f}, recall {recall:.4f}"
    )


def main() -> None:
    """Print what was found and what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", nargs="?", type=int, default=100_000)
    parser.add_argument("--peer", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("articles stored, sketches and stories included:")
        truth, found, cpu = _stored(asked.articles, Path(folder))
    few = min(asked.articles, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        print("the same without:")
        _, _, without = _stored(few, Path(folder), telling=False)
    precision, recall = quality(truth, found)
    sketched, saved = (cpu[name] / asked.articles * 1e3 for name in ("sketch", "save"))
    stories = saved - without["save"] / few * 1e3
    print(f"newsbot: sketch {sketched:.3f} ms, finding and keeping stories {stories:.3f} ms an article")
    print(f"precision {precision:.4f}, recall {recall:.4f}")
    if asked.peer:
        _peer(asked.articles)


if __name__ == "__main__":
    main()
