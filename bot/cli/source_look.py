"""What an address turns out to be that somebody wants for a source: looked at, and chosen where unclear.

The part of ``newsbot source add`` that asks: the world first, and then whoever typed the command.
"""

import asyncio
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import typer

from bot.cli.output import clean, console_err, print_error
from bot.cli.source_known import Known
from bot.cli.source_try import address_of, offers_table
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError
from bot.model import Offer, Source, SourceKind

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.pipeline.discovery import Discovered

#: addresses that are looked at side by side
_AT_ONCE: Final = 8
_PLACE: Final = "{query}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What the user says of the source beside its address."""

    name: str | None
    key: str | None
    language: str | None
    tags: tuple[str, ...]
    tier: str | None
    #: a span, as it is written
    every: str | None
    #: CSS selector: the address is a page that lists articles
    links: str | None
    #: the page itself is the article
    page: bool
    #: of several sources the first is taken
    first: bool
    allow_private: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an address turned out to be."""

    offer: Offer
    #: how many entries it lists; None where that is not known
    entries: int | None = None
    newest_at: datetime | None = None
    #: CSS selector of a listing's links
    links: str | None = None


async def look_at_all(
    settings: "Settings", known: Known, urls: Sequence[str], wishes: Wishes
) -> "list[Found | Discovered | NewsbotError]":
    """Return what each address is: found as the wishes say, discovered, or why neither; in their order."""
    from bot.app import parts
    from bot.fetch import terms_of
    from bot.pipeline.discovery import discover
    from bot.pipeline.sample import sample

    clock = SystemClock()
    turns = asyncio.Semaphore(_AT_ONCE)

    async def look(typed: str) -> "Found | Discovered | NewsbotError":
        try:
            url = typed if _PLACE in typed else address_of(typed)
            refuse_known(known, url, typed)
            source = _as_wished(settings, url, wishes)
            access = settings.access_of(source)
            async with turns:
                if source.kind is SourceKind.AUTO:
                    return await discover(
                        fetcher,
                        sandbox,
                        url,
                        terms=terms_of(source, access),
                        now=clock.now(),
                        robots=robots,
                    )
                ready = _filled(settings, source)
                came = await sample(fetcher, robots, sandbox, ready, access=access, now=clock.now())
            return _as_found(source, came.feed.fault, came.feed.title, len(came.feed.entries))
        except NewsbotError as error:
            return _without_https(typed, error)

    async with parts(settings, clock=clock, workers=1) as (fetcher, robots, sandbox):
        return list(await asyncio.gather(*map(look, urls)))


def _without_https(typed: str, error: NewsbotError) -> NewsbotError:
    """Return the error, with a hint where only our guess of ``https://`` may be wrong."""
    guessed = "://" not in typed and error.kind in (FailureKind.CONNECT, FailureKind.TLS)
    if not guessed:
        return error
    hint = f"if the site speaks no https, write http://{typed}"
    return NewsbotError(error.message, kind=error.kind, subject=typed, hint=hint)


def _as_wished(settings: "Settings", url: str, wishes: Wishes) -> Source:
    """Return the address as a source: of the kind that the options say, else one to be discovered."""
    source = replace(settings.fetch.source(url, key="added"), allow_private=wishes.allow_private)
    if _PLACE in url:
        return replace(source, kind=SourceKind.SEARCH)
    if wishes.page:
        return replace(source, kind=SourceKind.PAGE)
    return replace(source, kind=SourceKind.LISTING, links=wishes.links) if wishes.links else source


def _filled(settings: "Settings", source: Source) -> Source:
    from bot.pipeline.searches import filled

    ready = filled([source], settings.watches)
    if not ready:
        raise NewsbotError(
            "no watch can be looked for with this search",
            kind=FailureKind.CONFIG,
            subject=source.url,
            hint="`newsbot watch add` adds one first",
        )
    return ready[0]


def _as_found(source: Source, fault: str | None, title: str, entries: int) -> Found:
    if fault is not None and not entries:
        raise NewsbotError(
            fault,
            kind=FailureKind.NOT_A_FEED,
            subject=source.url,
            hint=f"`newsbot source try {source.url}` shows what it is",
        )
    offer = Offer(kind=source.kind, url=source.url, title=title, found_by="as you say")
    return Found(offer=offer, entries=entries, links=source.links)


def refuse_known(known: Known, url: str, typed: str) -> None:
    """Raise NewsbotError where an address is a source already."""
    if (key := known.key_of(url)) is not None:
        raise NewsbotError(
            f"{'' if url == typed else f'leads to {url}, which '}is a source already: {key}",
            kind=FailureKind.CONFIG,
            subject=typed,
            hint=f"`newsbot source why {key}` says how it is doing",
        )


def chosen(typed: str, discovered: "Discovered", wishes: Wishes) -> Found:
    """Return the one source that an address leads to, asked for where it is not clear which.

    Raises typer.Exit, after it was said why, where there is none or none is chosen.
    """
    from bot.parse.offers import choose

    if not discovered.offers:
        _say_nothing_found(typed, discovered)
        raise typer.Exit(1)
    offer = choose(discovered.offers, url=discovered.tried[0].offer.url)
    if offer is None and (wishes.first or len(discovered.offers) == 1):
        offer = discovered.offers[0]
    if offer is None:
        offer = _asked(typed, discovered, wishes)
    came = discovered.of(offer)
    return Found(
        offer=offer,
        entries=came.entries if came else None,
        newest_at=came.newest_at if came else None,
        links=came.feed.chosen or None if came and came.feed and offer.kind is SourceKind.LISTING else None,
    )


def _say_nothing_found(typed: str, discovered: "Discovered") -> None:
    print_error(
        NewsbotError(
            "no feed, no sitemap and no list of articles was found there",
            kind=FailureKind.NOT_A_FEED,
            subject=typed,
            hint="name a page that lists articles, give --links, or watch the page itself with --page",
        )
    )
    for one in discovered.tried[1:]:
        console_err().print(f"  [dim]{clean(one.offer.url)}[/]  {clean(one.fault or '')}", soft_wrap=True)


def _asked(typed: str, discovered: "Discovered", wishes: Wishes) -> Offer:
    """Return which of several sources the user wants; without a terminal, say how to choose."""
    err = console_err()
    offers = discovered.offers
    err.print(f"[bold]{clean(typed)}[/] leads to {len(offers)} sources:\n")
    err.print(offers_table(offers, discovered, now=SystemClock().now()))
    err.print()
    if sys.stdin.isatty() and sys.stderr.isatty():
        answer: int = typer.prompt(f"Which one? 1-{len(offers)}, 0 for none", type=int, default=1, err=True)
        if 1 <= answer <= len(offers):
            return offers[answer - 1]
        raise typer.Exit(1)
    err.print("choose one:")
    for offer in offers:
        err.print(f"  {clean(_command(offer, wishes))}", soft_wrap=True)
    err.print("[dim]or --first for the first[/]")
    raise typer.Exit(2)


def _command(offer: Offer, wishes: Wishes) -> str:
    """Return the command that adds one of several sources, with all that was wished for."""
    words = ["newsbot", "source", "add", offer.url]
    given = (
        ("--name", wishes.name),
        ("--id", wishes.key),
        ("--tags", ",".join(wishes.tags)),
        ("--tier", wishes.tier),
        ("--language", wishes.language),
        ("--every", wishes.every),
        *(("--allow-private", network) for network in wishes.allow_private),
    )
    words += [word for name, value in given if value for word in (name, value)]
    return shlex.join(words)
