"""``newsbot source value``: what each source is worth, and which sites are missing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.context import options_of
from bot.cli.context import since as since_of
from bot.cli.output import (
    AsCsv,
    Form,
    clean,
    console,
    counted,
    form_of,
    print_json,
    print_rows,
    table,
    when,
)
from bot.cli.source_names import stored
from bot.cli.source_words import every
from bot.clock import SystemClock
from bot.model import site_of

if TYPE_CHECKING:
    from bot.store import Store
    from bot.store.sources import MentionedText, SourceValue

COLUMNS = (
    "source", "name", "enabled", "articles", "mentions", "firsts", "only_here", "median_delay_s",
)  # fmt: skip
_PAGE: Final = 500
_MOST_SITES: Final = 15
_MOST_IDLE: Final = 20
_LINK: Final = re.compile(r"https?://[^\s<>\"'()\[\]{}|\\^`]{4,300}", re.IGNORECASE)
#: what everybody links to, and nobody's newsroom
_COMMON: Final = frozenset(
    (
        "twitter.com", "x.com", "t.co", "facebook.com", "fb.me", "instagram.com", "youtube.com", "youtu.be",
        "linkedin.com", "lnkd.in", "tiktok.com", "threads.net", "bsky.app", "reddit.com", "pinterest.com",
        "whatsapp.com", "wa.me", "t.me", "google.com", "goo.gl", "bit.ly", "apple.com", "amazon.com",
        "wikipedia.org", "wikimedia.org", "archive.org", "doi.org", "github.com", "spotify.com", "vimeo.com",
        "soundcloud.com", "flickr.com", "paypal.com", "patreon.com",
        "doubleclick.net", "w3.org", "schema.org",
    )
)  # fmt: skip


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("value")(value)


def value(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option("--since", metavar="SPAN|DATE", help="Only what came since then, such as 90d.")
    ] = "90d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: AsCsv = False,
) -> None:
    """Show what came of each source: mentions, which it had first or alone, how late; and who is missing.

    Missing are the sites that mentioned articles stand on or link to, and that no source covers.
    """
    from bot.store import sources

    form = form_of(as_json=as_json, as_csv=as_csv)
    options = options_of(ctx)
    settings = options.settings()
    now = SystemClock().now()
    start = since_of(since, now=now)
    assert start is not None
    with stored(options, settings) as (store, known):
        found = store.read(sources.value, since=start)
        covered = {site_of(url) for row in known for url in (row.url, row.source.url)}
        sites = uncovered(_texts(store, start), covered)
    rows = [_row(one) for one in sorted(found, key=_worth)]
    if form is Form.CSV:
        print_rows(rows, form, columns=COLUMNS)
    elif form is Form.JSON:
        print_json({"since": start, "sources": rows, "uncovered": sites})
    else:
        _print(rows, sites, start, now=now)


def _worth(one: "SourceValue") -> tuple[int, ...]:
    return (-one.mentions, -(one.firsts + one.only_here), -one.articles)


def _row(one: "SourceValue") -> dict[str, Any]:
    delay = one.median_delay
    return {
        "source": one.source,
        "name": one.source_name,
        "enabled": one.enabled,
        "articles": one.articles,
        "mentions": one.mentions,
        "firsts": one.firsts,
        "only_here": one.only_here,
        "median_delay_s": None if delay is None else round(delay.total_seconds()),
    }


def _texts(store: "Store", start: datetime) -> "Iterator[MentionedText]":
    from bot.store import sources

    after = 0
    while page := store.read(sources.mentioned_texts, since=start, after=after, limit=_PAGE):
        yield from page
        after = page[-1].article_id


def uncovered(texts: "Iterable[MentionedText]", covered: set[str]) -> list[dict[str, Any]]:
    """Return the sites that articles stand on or link to and that are not among ``covered``, the most first.

    Sites are registrable domains; each counts once an article.
    """
    articles: Counter[str] = Counter()
    examples: defaultdict[str, str] = defaultdict(str)
    for text in texts:
        links = [text.url, *(found[0].rstrip(".,;:!?") for found in _LINK.finditer(text.text))]
        sites = {site: link for link in reversed(links) if (site := site_of(link))}
        for site, link in sites.items():
            if site not in covered and site not in _COMMON and "." in site:
                articles[site] += 1
                examples[site] = examples[site] or link
    return [
        {"site": site, "articles": count, "example": examples[site]} for site, count in articles.most_common()
    ]


def _print(
    rows: list[dict[str, Any]], sites: list[dict[str, Any]], start: datetime, *, now: datetime
) -> None:
    out = console()
    if not rows:
        out.print("No sources yet: `newsbot source add https://site.example` finds and adds one.")
        return
    busy = [row for row in rows if row["mentions"]]
    shown = table(("source", "mentions", "first", "only here", "articles", "median delay"))
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in busy:
        numbers = (f"{row[name]:,}" for name in ("mentions", "firsts", "only_here", "articles"))
        delay = "–" if row["median_delay_s"] is None else every(row["median_delay_s"])
        shown.add_row(clean(row["name"]), *numbers, delay)
    if busy:
        out.print(shown)
    idle = [row for row in rows if not row["mentions"] and row["enabled"]]
    if idle:
        names = ", ".join(clean(row["name"]) for row in idle[:_MOST_IDLE])
        more = f" and {len(idle) - _MOST_IDLE} more" if len(idle) > _MOST_IDLE else ""
        out.print(f"\n[dim]no mention since {when(start, now=now)}:[/] {names}{more}")
        out.print("[dim]what a source listed at first sight is history, and does not count[/]")
    if sites:
        out.print("\n[bold cyan]not covered[/] [dim]sites of mentioned articles, or linked from them[/]")
        missing = table(("site", "articles", "such as"))
        for site in sites[:_MOST_SITES]:
            missing.add_row(clean(site["site"]), f"{site['articles']:,}", clean(site["example"]))
        out.print(missing)
        more = f", {len(sites) - _MOST_SITES} more by --json" if len(sites) > _MOST_SITES else ""
        best = clean(sites[0]["site"])
        out.print(
            f"[dim]{counted(len(sites), 'site')}{more}; `newsbot source add {best}` covers the first[/]"
        )
