"""Reading articles beside its peers: fetch, extract, store and match; articles for each CPU second.

    python benchmarks/articles.py [--articles 2000] [--hosts 100] [--peers newsbot,newspaper4k,newsplease]

Pages of about 90 kB, as the usual news site sends them (navigation, scripts, metadata, related stories, 15
paragraphs), are served from loopback addresses by another process. Each contender runs in a process of its own;
counted is the CPU of its whole process tree, without its start-up. Newsbot asks politely (robots.txt, one at a
time for each host), extracts in worker processes, stores each article with its stories and its index, and matches
100 watches; newspaper4k and news-please fetch and extract, and store nothing. Read the ratios.
"""

import argparse
import asyncio
import importlib.util
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from poll_world import WORDS, addresses, start, tree_cpu_s

PARAGRAPHS = 15
AT_ONCE = 16
WATCHES = 100


def page(number: int) -> bytes:
    """Return a news page of about 90 kB, a different one for each number."""
    chance = random.Random(number)

    def words(count: int) -> str:
        return " ".join(
            chance.choice(WORDS) + chance.choice(("", "s", " of the", " and", " in")) for _ in range(count)
        )

    paragraphs = "".join(
        f'<p>{words(45).capitalize()}, <a href="/topic/{at}">{words(2)}</a> said on Monday. {words(20).capitalize()}.</p>'
        for at in range(PARAGRAPHS)
    )
    cards = "".join(
        f'<li class="card card--{at % 5}"><a href="/news/{number * 31 + at}"><img src="/img/{at}.jpg" alt="{words(5)}">'
        f'<h3>{words(8).capitalize()}</h3><span class="date">23 Nov 2026</span></a></li>'
        for at in range(60)
    )
    menu = "".join(
        f'<li class="nav__item"><a class="nav__link" href="/{at}">{words(1)}</a></li>' for at in range(80)
    )
    script = "".join(f"window.d{at}={{v:'{words(12)}',n:{at}}};" for at in range(250))
    title = f"{words(9).capitalize()} {number}"
    facts = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": title,
            "datePublished": "2026-11-23T08:00:00Z",
            "author": {"@type": "Person", "name": "Ada Orbit"},
            "publisher": {"@type": "Organization", "name": "Bench Ledger"},
        }
    )
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title} | Bench Ledger</title>"
        f"<meta property='og:title' content='{title}'><meta property='og:site_name' content='Bench Ledger'>"
        f"<script type='application/ld+json'>{facts}</script><script>{script}</script>"
        f"<style>{'.card{margin:0}' * 300}</style></head><body><header><nav><ul>{menu}</ul></nav></header>"
        f"<main><article><h1>{title}</h1><p class='byline'>By Ada Orbit</p><time datetime='2026-11-23T08:00:00Z'>"
        f"23 November 2026</time>{paragraphs}</article><aside><h2>Related</h2><ul>{cards}</ul></aside></main>"
        f"<footer><ul>{menu}</ul></footer></body></html>"
    ).encode()


def answer(path: str) -> tuple[str, bytes]:
    """Return the type and the content of a path."""
    if path.startswith("/robots"):
        return "text/plain", b"User-agent: *\nDisallow: /private\n"
    number = int(re.sub(r"\D", "", path) or 0)
    if path.startswith("/list/"):
        first, count = divmod(number, 10_000)
        items = "".join(
            f"<item><title>Story {n}</title><link>/news/{n}</link></item>"
            for n in range(first, first + count)
        )
        return (
            "application/rss+xml",
            f"<rss version='2.0'><channel><title>L</title>{items}</channel></rss>".encode(),
        )
    return "text/html; charset=utf-8", page(number)


def places(articles: int, hosts: int, port: int) -> list[str]:
    """Return the addresses of the pages, host by host."""
    share = articles // hosts
    roots = [url.partition("/feed/")[0] for url in addresses(hosts, hosts, port)]
    return [f"{root}/news/{at * share + n}" for at, root in enumerate(roots) for n in range(share)]


async def newsbot(urls: list[str], folder: Path) -> float:
    from bot import log
    from bot.app import opened, settings_from, synchronise
    from bot.clock import SystemClock
    from bot.pipeline import index, match, read, refresh
    from bot.store import Store, articles, sources

    log.configure(level=logging.ERROR)
    (folder / "config").mkdir()
    lists = []
    for root in dict.fromkeys(url.partition("/news/")[0] for url in urls):
        mine = [url for url in urls if url.startswith(f"{root}/")]
        first = int(mine[0].rpartition("/")[2])
        lists.append(
            f"  - {{feed: '{root}/list/{first * 10_000 + len(mine)}', allow_private: [127.0.0.0/8]}}\n"
        )
    watches = [
        f"  w{n}: {{any: ['{WORDS[n % 12]} {WORDS[n // 12]} {WORDS[n * 7 % 12]} {WORDS[n * 5 % 11]}', unheard{n}]}}\n"
        for n in range(WATCHES)
    ]
    (folder / "config" / "newsbot.yaml").write_text(
        "contact: mailto:bench@newsbot.invalid\nfetch: {host_pause: 0 s}\n"
    )
    (folder / "config" / "sources.yaml").write_text(f"sources:\n{''.join(lists)}")
    (folder / "config" / "watchlists.yaml").write_text(f"watches:\n{''.join(watches)}")
    settings = settings_from(folder / "config", database=f"sqlite:///{folder}/bench.db")
    clock = SystemClock()
    store = Store.open(settings.database, clock_now=clock.now())
    synchronise(store, settings, clock=clock)
    async with opened(settings, store=store, host_pause=timedelta(0)) as deps:
        slots = asyncio.Semaphore(AT_ONCE)
        hosts = list(dict.fromkeys(row.host for row in store.read(sources.list_sources)))

        async def listed(host: str) -> None:
            async with slots:
                await refresh(deps, host)

        async def drained(host: str) -> None:
            async with slots:
                while (await read(deps, host)).results:
                    pass

        await asyncio.gather(*map(listed, hosts))
        before = tree_cpu_s()
        await asyncio.gather(*map(drained, hosts))
        while (await match(deps)).articles:
            pass
        while (await index(deps)).articles:
            pass
        used = tree_cpu_s() - before
    counts = store.read(articles.counts)
    assert counts["in_full"] == len(urls), counts
    store.close()
    return used


def newspaper4k(urls: list[str], _folder: Path) -> float:
    import newspaper

    before = tree_cpu_s()
    for url in urls:
        article = newspaper.Article(url)
        article.download()
        article.parse()
        assert len(article.text) > 1000
    return tree_cpu_s() - before


def newsplease(urls: list[str], _folder: Path) -> float:
    import requests
    from newsplease import NewsPlease

    session = requests.Session()
    before = tree_cpu_s()
    for url in urls:
        article = NewsPlease.from_html(session.get(url, timeout=30).text, url)
        assert len(article.maintext) > 1000
    return tree_cpu_s() - before


#: name → what does it, the module it needs, and of how many articles it reads one
CONTENDERS: dict[str, tuple[Callable[[list[str], Path], object], str, int]] = {
    "newsbot": (newsbot, "bot", 1),
    "newspaper4k": (newspaper4k, "newspaper", 10),
    "newsplease": (newsplease, "newsplease", 10),
}


def contender(name: str, articles: int, hosts: int, port: int) -> None:
    """Run one contender in this process and print its CPU seconds for each article."""
    run, _, share = CONTENDERS[name]
    urls = places(articles, hosts, port)[::share]
    with tempfile.TemporaryDirectory() as folder:
        used = run(urls, Path(folder))
        if asyncio.iscoroutine(used):
            used = asyncio.run(used)
    assert isinstance(used, float)
    print(used / len(urls))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--peers", default=",".join(CONTENDERS))
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contender(options.contender, options.articles, options.hosts, options.port)
        return
    port, server = start(answer)
    print(f"{options.articles} articles of {len(page(1)) / 1000:.0f} kB on {options.hosts} hosts\n")
    print(f"{'':12}{'CPU ms':>10}{'articles/CPU s':>16}{'ratio':>8}{'wall s':>9}")
    ours = 0.0
    for name in options.peers.split(","):
        if importlib.util.find_spec(CONTENDERS[name][1]) is None:
            print(f"{name:12}not installed")
            continue
        command = [sys.executable, __file__, "--contender", name, "--port", str(port)]
        started = time.perf_counter()
        out = subprocess.run(
            [*command, "--articles", str(options.articles), "--hosts", str(options.hosts)],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        if out.returncode:
            print(f"{name:12}failed: {out.stderr[-300:]}")
            continue
        cost = float(out.stdout.splitlines()[-1])
        ours = ours or cost
        wall = time.perf_counter() - started
        print(f"{name:12}{cost * 1000:10.2f}{1 / cost:16.0f}{cost / ours:7.1f}×{wall:9.1f}", flush=True)
    server.terminate()


if __name__ == "__main__":
    main()
