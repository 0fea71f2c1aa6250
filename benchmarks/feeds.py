"""Speed of reading feeds: CPU time a feed beside feedparser and fastfeedparser, in one run.

    python benchmarks/feeds.py [--feeds DIR] [--seconds 2]

Without ``--feeds`` the feeds are made here, as newsrooms write them, in several formats and sizes. Each
library does what it must to hand over titles, links, dates and texts; only ours also makes plain text. The
last line says how our speed compares with feedparser's over all that are well-formed, each weighing the same.
"""

import argparse
import io
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fastfeedparser
import feedparser

from bot.parse import feed, identity

TEXT = (
    "the agency said on Monday that its council of space operators would meet in Brussels to discuss rules"
    " for traffic in orbit after two satellites had passed within metres of each other over the Pacific while"
    " the ministers of nine countries asked for a common catalogue and a date"
)
WORDS = TEXT.split()


def prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def rss(rng: random.Random, entries: int = 40) -> bytes:
    items = []
    for number in range(entries):
        paragraphs = "".join(
            f'<p>{prose(rng, 45)} <a href="https://example.org/{number}">more</a></p>\n' for _ in range(2)
        )
        items.append(
            f"<item><title>{prose(rng, 9)[:-1]} &amp; more</title><link>https://example.org/news/2026/{number}</link>"
            f'<guid isPermaLink="false">tag:example.org,2026:{number}</guid>'
            f"<pubDate>Mon, 23 Nov 2026 {number % 24:02}:05:00 +0100</pubDate>"
            "<dc:creator>Jane Doe</dc:creator>"
            f"<category>Space</category><description>{prose(rng, 40)}</description>"
            f"<content:encoded><![CDATA[{paragraphs}]]></content:encoded></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Example</title>'
        f"<link>https://example.org/</link>{''.join(items)}</channel></rss>"
    ).encode()


def atom(rng: random.Random, entries: int = 40) -> bytes:
    items = []
    for number in range(entries):
        paragraphs = "".join(f"&lt;p&gt;{prose(rng, 45)}&lt;/p&gt;" for _ in range(2))
        items.append(
            f'<entry><title>{prose(rng, 9)}</title><link rel="alternate" href="https://example.org/news/{number}"/>'
            f"<id>tag:example.org,2026:{number}</id>"
            f"<published>2026-11-23T{number % 24:02}:05:00+01:00</published>"
            f"<updated>2026-11-23T{number % 24:02}:15:00Z</updated><author><name>Jane Doe</name></author>"
            f'<summary>{prose(rng, 40)}</summary><content type="html">{paragraphs}</content></entry>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Example</title>'
        f'<link href="https://example.org/"/>{"".join(items)}</feed>'
    ).encode()


def headlines(rng: random.Random, entries: int) -> bytes:
    items = "".join(
        f"<item><title>{prose(rng, 9)}</title><link>https://example.org/news/{number}</link>"
        f"<guid>https://example.org/news/{number}</guid><pubDate>Mon, 23 Nov 2026 {number % 24:02}:05:00 GMT</pubDate>"
        f"<description>{prose(rng, 25)}</description></item>\n"
        for number in range(entries)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Example</title>'
        f"<link>https://example.org/</link>{items}</channel></rss>"
    ).encode()


def xhtml(rng: random.Random, entries: int = 20) -> bytes:
    items = "".join(
        f'<entry><title>{prose(rng, 9)}</title><link href="https://example.org/news/{number}"/><id>tag:{number}</id>'
        f'<updated>2026-11-23T{number % 24:02}:15:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/'
        f'1999/xhtml"><p>{prose(rng, 60)}</p><p>{prose(rng, 60)} <a href="/x">more</a></p></div></content></entry>'
        for number in range(entries)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Example</title>{items}</feed>'.encode()


def rdf(rng: random.Random, entries: int = 15) -> bytes:
    items = "".join(
        f'<item rdf:about="https://example.org/{number}"><title>{prose(rng, 9)}</title>'
        f"<link>https://example.org/{number}</link><description>{prose(rng, 30)}</description>"
        f"<dc:date>2026-11-23T{number % 24:02}:05:00+09:00</dc:date><dc:creator>Jane Doe</dc:creator></item>"
        for number in range(entries)
    )
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="https://example.org/"><title>Example</title></channel>{items}</rdf:RDF>'
    ).encode()


def damaged(data: bytes) -> bytes:
    """A stray ampersand in the middle: not well-formed any more."""
    half = len(data) // 2
    place = data.index(b" ", half)
    return data[:place] + b" R & D " + data[place:]


def read_ours(data: bytes) -> object:
    return feed.parse(data, {}, "https://example.org/feed")


def read_ours_with_keys(data: bytes) -> object:
    return identity.entry_keys(feed.parse(data, {}, "https://example.org/feed").entries)


def read_feedparser(data: bytes) -> object:
    return feedparser.parse(io.BytesIO(data))


def read_feedparser_bare(data: bytes) -> object:
    return feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)


READERS: dict[str, Callable[[bytes], object]] = {
    "bot.parse.feed": read_ours,
    "  and entry keys": read_ours_with_keys,
    "fastfeedparser": fastfeedparser.parse,
    "feedparser, bare": read_feedparser_bare,
    "feedparser": read_feedparser,
}


def cpu_per_feed(reader: Callable[[bytes], object], feeds: list[bytes], seconds: float) -> float | None:
    """Milliseconds of CPU a feed; None where the reader raises."""
    spent, count = 0.0, 0
    while spent < seconds:
        for data in feeds:
            before = time.process_time()
            try:
                reader(data)
            except Exception:
                return None
            spent += time.process_time() - before
            count += 1
    return spent / count * 1000


def samples(folder: Path | None) -> Iterator[tuple[str, list[bytes]]]:
    if folder is not None:
        yield folder.name, [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
        return
    rng = random.Random(7)
    made = [rss(rng) for _ in range(10)]
    yield "RSS with texts", made
    yield "RSS with texts, few items", [rss(rng, 5) for _ in range(20)]
    yield "RSS, headlines", [headlines(rng, 25) for _ in range(20)]
    yield "RSS, many headlines", [headlines(rng, 400) for _ in range(3)]
    yield "Atom with texts", [atom(rng) for _ in range(10)]
    yield "Atom with XHTML", [xhtml(rng) for _ in range(10)]
    yield "RDF", [rdf(rng) for _ in range(20)]
    yield "RSS, damaged", [damaged(data) for data in made]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--feeds", type=Path)
    options.add_argument("--seconds", type=float, default=2.0)
    given = options.parse_args()
    ratios: dict[str, float] = {}
    for name, feeds in samples(given.feeds):
        mean = sum(map(len, feeds)) / len(feeds) / 1000
        print(f"\n{name}: {len(feeds)} feeds of {mean:.0f} kB on average; Python {sys.version.split()[0]}")
        base = cpu_per_feed(read_feedparser, feeds, given.seconds)
        for reader, read in READERS.items():
            spent = base if read is read_feedparser else cpu_per_feed(read, feeds, given.seconds)
            if spent is None:
                print(f"  {reader:20s} raises")
            else:
                times = (base or 0) / spent
                if read is read_ours:
                    ratios[name] = times
                print(f"  {reader:20s} {spent:8.3f} ms CPU a feed  {times:6.1f} × feedparser's speed")
    whole = [times for name, times in ratios.items() if "damaged" not in name]
    print(f"\nours over all well-formed: {statistics.geometric_mean(whole):.1f} × feedparser's speed")


if __name__ == "__main__":
    main()
