"""How fast stored articles are found: the token index, and new watches over 100,000 and 1,000,000 articles.

    python benchmarks/backfill.py [--quick | --full] [--dir FOLDER] [--postgresql ADDRESS]

A real database of newsbot is filled with generated articles of about 3 kB in nine languages and scripts
(see ``generated.py``). A few hold planted terms as newspapers write them: AsterX with hyphens,
possessives and full-width letters, within Japanese and Thai, beside look-alikes. Then it measures

- the index: how long to put an article in, and its size beside the text;
- candidates: the first 500 articles that may hold a term, the same far back in the archive, and how many
  there are altogether;
- new watches, through the step that `newsbot run` takes: saved mentions with spans and excerpts;
- what an article costs that the index leaves, beside one of a pass over all of them;
- beside: a plain LIKE over the texts, and a full-text table of SQLite's own (FTS5, unicode61).

Right is what the matcher finds in each article as it comes in: *recall* is the share of that which is found,
*precision* the share of what is found that is right. The usual run takes 100,000 articles, ``--quick`` 10,000;
``--full`` adds 1,000,000 (7 GB below ``--dir`` and some 20 minutes). With ``--postgresql`` a database is
made on that server for the time of the run. Only ratios within one run mean anything: machines differ.
"""

import argparse
import asyncio
import json
import logging
import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from generated import SHARES, SOURCES, Archive, database, fill, languages
from matching import Language
from matching import watches as some_watches

from bot import log
from bot.app import opened, settings_from, synchronise
from bot.clock import SystemClock
from bot.config import Settings
from bot.match import matcher
from bot.match.query import parse
from bot.model import TokenQuery, Watch
from bot.pipeline import Deps, backfill
from bot.pipeline.archive import forwards, narrowed
from bot.store import Store, mentions, search

#: candidates that are asked for
ASKED = 500


def index_bytes(store: Store) -> int:
    if store.dialect == "postgresql":
        statement = "SELECT pg_total_relation_size('article_tokens')"
    else:
        # where this SQLite cannot tell pages, the pages are nearly full of these
        statement = "SELECT sum(length(block)) FROM article_tokens_data"
        with suppress(Exception):
            store.read(lambda tx: tx.execute(sa.text("SELECT 1 FROM dbstat LIMIT 1")).scalar())
            statement = (
                "SELECT sum(pgsize) FROM dbstat WHERE name IN ('article_tokens_data', 'article_tokens_idx')"
            )
    return int(store.read(lambda tx: tx.execute(sa.text(statement)).scalar()) or 0)


def said(name: str, *figures: str) -> None:
    print(f"  {name:<42}" + "   ".join(figures), flush=True)


def ms(job: Callable[[], object], times: int = 5) -> float:
    """Return the shortest duration, in ms: other programs make the others longer."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        job()
        spent.append(time.perf_counter() - began)
    return min(spent) * 1e3


def asked(archive: Archive) -> dict[str, str]:
    """Return the queries whose candidates are asked for, by what they stand for."""
    english, japanese = archive.languages["english"], archive.languages["japanese"]
    words = [word for word in english.words if len(word) > 3]
    stems: Counter[str] = Counter()
    for rank, word in enumerate(english.words):
        stems[word[:3]] += int(1e6 / (rank + 3))
    stem = next(stem for stem, _ in stems.most_common() if len(stem) == 3)
    characters: Counter[str] = Counter()
    for rank, word in enumerate(japanese.words):
        characters.update({character: int(1e6 / (rank + 3)) for character in word})
    # of those that are written alone
    frequent = next(
        character for character, _ in characters.most_common() if "\u4e00" <= character <= "\u9fff"
    )
    pair = next(word for word in japanese.words[200:] if len(word) == 2 and min(word) >= "\u4e00")
    return {
        "a word in most articles": "Dateline",
        "the most frequent word of a language": words[0],
        "a middling word": words[500],
        "a rare word": words[-100],
        f"a prefix, {stem}*": f"{stem}*",
        f"a rarer prefix, {words[5_000][:5]}*": f"{words[5_000][:5]}*",
        f"a Han character, {frequent}": frequent,
        f"a Japanese word, {pair}": pair,
        "a Japanese term, planted": "連合宇宙作戦",
        "two frequent words, AND": f"{words[0]} AND {words[1]}",
        "a frequent and a rare one, AND": f"{words[0]} AND {words[-100]}",
        "a frequent phrase": f'"{words[0]} {words[1]}"',
        "50 rare words, OR": " OR ".join(words[-150:-100]),
        "AsterX, planted": "AsterX",
    }  # fmt: skip


def measure_candidates(archive: Archive) -> None:
    store = archive.store
    print(f"  {'candidates':<42}  first {ASKED}  last tenth  newest {ASKED}   count     in all of them")
    for name, query in asked(archive).items():
        wanted = narrowed([parse(query)])
        assert wanted is not None

        def ask(after: int, wanted: TokenQuery = wanted) -> list[int]:
            return store.read(search.candidates, wanted, after=after, limit=ASKED)

        def ask_newest(wanted: TokenQuery = wanted) -> list[int]:
            return store.read(search.newest, wanted, limit=ASKED)

        def count(wanted: TokenQuery = wanted) -> int:
            return store.read(search.count, wanted, most=10**9)

        assert ask(0) == sorted(ask(0))
        first, back, newest = ms(lambda: ask(0)), ms(lambda: ask(archive.size * 9 // 10)), ms(ask_newest)
        print(
            f"    {name:<40}{first:>8.1f} ms{back:>9.1f} ms{newest:>9.1f} ms{ms(count, 3):>9.1f} ms{count():>11,}",
            flush=True,
        )
    for term, right in archive.truth.items():
        wanted = narrowed([parse(term)])
        assert wanted is not None
        found = set(store.read(search.candidates, wanted, limit=10**6))
        assert right <= found, (term, right - found)


def configured(folder: Path, watches: list[Watch]) -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "newsbot.yaml").write_text("contact: mailto:bench@example.org\n")
    listed = (
        f'  - {{name: s{n}, feed: "https://s{n}.example/feed", tags: [a, b]}}\n' for n in range(SOURCES)
    )
    (folder / "sources.yaml").write_text("sources:\n" + "".join(listed))
    quoted = (
        f"  {watch.key}: {{query: {json.dumps(watch.query, ensure_ascii=False)}}}\n" for watch in watches
    )
    (folder / "watchlists.yaml").write_text("watches:\n" + "".join(quoted) + ("" if watches else "  {}\n"))
    return settings_from(folder, environ={})


def new_watches(archive: Archive) -> list[Watch]:
    words = [word for word in archive.languages["english"].words if len(word) > 3]
    made = [Watch(key=f"rare-{nth}", query="AsterX") for nth in range(3)]
    made += [
        Watch(key="phrase", query='"space domain awareness"'),
        Watch(key="japanese", query="連合宇宙作戦"),
        Watch(key="eu", query="EU"),
        Watch(key="regex", query=r"re:/AsterX\d\d/"),
        Watch(key="common", query=words[0]),
        Watch(key="everywhere", query="Dateline"),
    ]
    made += [Watch(key=f"few-{nth}", query=" OR ".join(words[-200 - nth * 3 :][:3])) for nth in range(50)]
    for prefix in ("one", "all"):
        kinds = some_watches(50, list(archive.languages.values()), random.Random(50))
        made += [replace(watch, key=f"{prefix}-{nth}") for nth, watch in enumerate(kinds)]
    return made


async def one_backfill(
    deps: Deps, archive: Archive, name: str, *keys: str, right: set[int] | None = None
) -> None:
    """Let new watches be matched against the archive, and check what was found."""
    began, before = time.perf_counter(), time.process_time()
    done = await backfill(deps, only=keys)
    spent, cpu = time.perf_counter() - began, time.process_time() - before
    if right is not None:
        assert {found.article_id for found in done.mentions} == right, name
        rows = archive.store.read(mentions.list_mentions, watch=keys[0])
        assert all(row.spans and row.marks for row in rows)
    said(
        name,
        f"{spent * 1e3:>9,.0f} ms, {cpu * 1e3:>9,.0f} of it CPU",
        f"{len(done.mentions):>8,} mentions of {done.articles:>9,} articles looked at",
        f"{cpu * 1e6 / max(1, done.articles):>5,.0f} µs each",
    )


async def measure_watches(archive: Archive, folder: Path) -> None:
    chosen = new_watches(archive)
    settings = configured(folder / "config", chosen)
    synchronise(archive.store, settings, clock=SystemClock())
    async with opened(settings, store=archive.store, reading=False) as deps:
        for nth in range(3):
            await one_backfill(
                deps, archive, f"a rare watch, {nth + 1}", f"rare-{nth}", right=archive.truth["AsterX"]
            )
        await one_backfill(
            deps, archive, "a phrase", "phrase", right=archive.truth['"space domain awareness"']
        )
        await one_backfill(deps, archive, "a Japanese term", "japanese", right=archive.truth["連合宇宙作戦"])
        await one_backfill(deps, archive, "an acronym", "eu", right=archive.truth["EU"])
        await one_backfill(deps, archive, "50 watches of 3 rare words", *numbered("few"))
        await one_backfill(deps, archive, "50 watches of all kinds, together", *numbered("all"))
        if archive.size <= 100_000:
            began, before = time.perf_counter(), time.process_time()
            for key in numbered("one"):
                await backfill(deps, only=[key])
            spent, cpu = time.perf_counter() - began, time.process_time() - before
            said("  the same, each for itself", f"{spent * 1e3:>9,.0f} ms, {cpu * 1e3:>9,.0f} of it CPU")
            await one_backfill(deps, archive, "a watch of most articles", "everywhere")
        await one_backfill(deps, archive, "a common watch, a ninth of all", "common")
        await one_backfill(deps, archive, "a regular expression: all are looked at", "regex")


def numbered(prefix: str) -> list[str]:
    return [f"{prefix}-{nth}" for nth in range(50)]


async def looked_at(
    archive: Archive, wanted: TokenQuery | None, engine: matcher.Matcher
) -> tuple[int, float]:
    """Return how many articles were loaded and matched, and the seconds of CPU that took."""
    began, count = time.process_time(), 0
    async for batch in forwards(archive.store, wanted):
        for row in batch.rows:
            engine.find(row.article)
        count += len(batch.rows)
    return count, time.process_time() - began


async def measure_share(archive: Archive) -> None:
    """Measure what an article costs that the index leaves, and one of a pass over all."""
    engine = matcher.compile([Watch(key="w", query="nothing_that_is_there")])
    count, whole = await looked_at(archive, None, engine)
    said("a pass over all articles", f"{whole:>9.2f} s", f"{whole * 1e6 / count:>5.0f} µs each")
    for word, every in SHARES.items():
        count, spent = await looked_at(archive, narrowed([parse(word)]), engine)
        said(
            f"  by the index, 1 in {every:g}", f"{spent:>9.2f} s", f"{spent * 1e6 / count:>5.0f} µs each",
            f"{whole / spent:.1f} × as fast as the pass",
        )  # fmt: skip


def compared(name: str, job: Callable[[], set[int]], right: set[int], times: int) -> None:
    found = job()
    hit = len(found & right)
    recall, precision = hit / len(right), hit / len(found) if found else 1.0
    said(f"  {name}", f"{ms(job, times):>9,.1f} ms   recall {recall:>4.0%}   precision {precision:>4.0%}")


def beside(archive: Archive, folder: Path, *, with_fts5: bool) -> None:
    """Find the planted terms by the index, before the matcher decides, and by other means."""
    is_sqlite = archive.store.dialect == "sqlite"
    side = build_fts5(archive, folder) if with_fts5 and is_sqlite else None
    like = "title LIKE :term OR text LIKE :term" if is_sqlite else "title ILIKE :term OR text ILIKE :term"
    scan = sa.text(f"SELECT article_id FROM revisions WHERE {like}")
    for term, right in archive.truth.items():
        plain, wanted = term.strip('"'), narrowed([parse(term)])
        assert wanted is not None

        def by_tokens(wanted: TokenQuery = wanted) -> set[int]:
            return set(archive.store.read(search.candidates, wanted, limit=10**6))

        def by_fts5(plain: str = plain) -> set[int]:
            return {
                row[0] for row in side.execute("SELECT rowid FROM doc WHERE doc MATCH ?", (f'"{plain}"',))
            }

        def by_like(plain: str = plain) -> set[int]:
            return set(
                archive.store.read(lambda tx: tx.execute(scan, {"term": f"%{plain}%"}).scalars().all())
            )

        print(f"  {term}, in {len(right):,} articles")
        compared("token index, candidates", by_tokens, right, 5)
        if side is not None:
            compared("FTS5 unicode61", by_fts5, right, 5)
        compared("LIKE over the texts", by_like, right, 1)
    if side is not None:
        side.close()


def build_fts5(archive: Archive, folder: Path) -> sqlite3.Connection:
    """Return a database with a full-text table over the same articles."""
    side = sqlite3.connect(folder / "fts5.db")
    side.execute(
        "CREATE VIRTUAL TABLE doc USING fts5(title, text, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    side.execute("ATTACH ? AS newsbot", (archive.store.url.removeprefix("sqlite:///"),))
    with side:
        side.execute(
            "INSERT INTO doc (rowid, title, text) SELECT article_id, title, text FROM newsbot.revisions"
        )
    size = (folder / "fts5.db").stat().st_size / archive.text_bytes
    said("FTS5 unicode61 of the same articles", f"{size:.1%} of the text")
    return side


def run(count: int, spoken: dict[str, Language], options: argparse.Namespace) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="newsbot-bench-", dir=options.dir) as name,
        database(Path(name), options.postgresql) as url,
    ):
        folder = Path(name)
        store = Store.open(url, clock_now=SystemClock().now())
        print(f"\n{count:,} articles on {store.dialect}")
        try:
            synchronise(store, configured(folder / "config", []), clock=SystemClock())
            archive = fill(store, count, spoken)
            said("filled", f"{count / archive.fill_s:,.0f} articles/s, the making of them included")
            said("to put an article into the index", f"{archive.put_s * 1e3 / count:.2f} ms")
            size = index_bytes(store)
            said(
                "the index",
                f"{size / 1e6:,.0f} MB",
                f"{size / archive.text_bytes:.1%} of {archive.text_bytes / 1e6:,.0f} MB of text",
            )
            measure_candidates(archive)
            asyncio.run(measure_watches(archive, folder))
            asyncio.run(measure_share(archive))
            beside(archive, folder, with_fts5=count <= 100_000)
        finally:
            store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10,000 articles")
    parser.add_argument("--full", action="store_true", help="1,000,000 articles, too")
    parser.add_argument(
        "--dir", help="where the database is made, in a folder of its own (default: where temporary files go)"
    )
    parser.add_argument(
        "--postgresql", metavar="ADDRESS", help="on PostgreSQL: postgresql://user@host/database to connect to"
    )
    options = parser.parse_args()
    sizes = [10_000] if options.quick else [100_000, *([1_000_000] if options.full else [])]
    free = shutil.disk_usage(options.dir or tempfile.gettempdir()).free
    if free < (needed := max(sizes) * 10_000) and options.postgresql is None:
        parser.error(
            f"{needed / 1e9:.0f} GB are needed, {free / 1e9:.0f} GB are free: name another place with --dir"
        )
    log.configure(level=logging.ERROR)
    spoken = languages(random.Random(7))
    for count in sizes:
        run(count, spoken, options)


if __name__ == "__main__":
    main()
