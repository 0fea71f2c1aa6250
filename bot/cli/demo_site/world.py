"""The invented outlets and their articles, as their files under ``outlets/`` tell them.

An outlet here has no address yet; times are hours before the moment of the demo.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from bot.model import SourceKind, Tier

_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "ja": ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
# The order in which the outlets are shown and get their addresses.
_KEYS = (
    "orbital-ledger",
    "defense-hebdo",
    "toulouse-matin",
    "space-policy-wire",
    "wellington-post",
    "uchu-boei-shimpo",
    "agile-trades-weekly",
    "kiosque-bd",
    "nordlicht-zeitung",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One invented article."""

    slug: str
    path: str
    title: str
    authors: tuple[str, ...]
    section: str
    summary: str
    #: paragraphs and, marked by a leading ``## ``, headings between them
    paragraphs: tuple[str, ...]
    #: aware, in the outlet's zone, to the minute
    published_at: datetime
    #: the batch it belongs to: 1 or 2
    day: int
    #: what its page answers; the source lists it all the same
    status: int
    #: why it is no mention although it looks like one; "" where it does not
    lookalike: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """An invented outlet with all its articles, newest first."""

    key: str
    name: str
    motto: str
    about: str
    language: str
    tier: Tier
    tags: tuple[str, ...]
    kind: SourceKind
    #: ``rss``, ``rdf``, ``atom``, ``json``; "" where the source is no feed
    format: str
    #: path of what lists its articles
    listing: str
    links: str | None
    title_selector: str | None
    date_selector: str | None
    #: what its feed appends to every link, as feeds of newsrooms do
    tracking: str
    layout: str
    metadata: str
    #: what its pictures show
    motif: str
    sections: tuple[str, ...]
    disallow: tuple[str, ...]
    colours: dict[str, str]
    comments: tuple[dict[str, str], ...]
    pieces: tuple[Piece, ...]


def papers(now: datetime) -> tuple[Paper, ...]:
    """Return all outlets as they stand at ``now`` (aware), in the order in which they are shown."""
    folder = files("bot.cli.demo_site") / "outlets"
    raw = {key: tomllib.loads((folder / f"{key}.toml").read_text(encoding="utf-8")) for key in _KEYS}
    bodies = {
        f"{key}/{article['slug']}": _paragraphs(
            article["body"], _published(article, outlet, now), outlet["language"]
        )
        for key, outlet in raw.items()
        for article in outlet["articles"]
        if "body" in article
    }
    return tuple(_paper(raw[key], bodies, now) for key in _KEYS)


def words(language: str) -> dict[str, str]:
    """Return the furniture of a page in a language: menu, newsletter, cookie notice, footer."""
    text = (files("bot.cli.demo_site") / "words.toml").read_text(encoding="utf-8")
    phrases: dict[str, str] = tomllib.loads(text)[language]
    return phrases


def long_date(moment: datetime, language: str) -> str:
    """Write a moment as newsrooms of the language print it, in the moment's own zone."""
    if language == "ja":
        return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
    month = _MONTHS[language].split()[moment.month - 1]
    if language == "fr":
        day = "1er" if moment.day == 1 else moment.day
        return f"{day} {month} {moment.year} à {moment:%H h %M}"
    if language == "de":
        return f"{moment.day}. {month} {moment.year}, {moment:%H:%M} Uhr"
    return f"{moment.day} {month} {moment.year}, {moment:%H:%M}"


def _paper(outlet: dict[str, Any], bodies: dict[str, tuple[str, ...]], now: datetime) -> Paper:
    pieces = tuple(_piece(article, outlet, bodies, now) for article in outlet["articles"])
    return Paper(
        key=outlet["key"],
        name=outlet["name"],
        motto=outlet["motto"],
        about=outlet["about"],
        language=outlet["language"],
        tier=Tier(outlet["tier"]),
        tags=tuple(outlet["tags"]),
        kind=SourceKind(outlet["kind"]),
        format=outlet.get("format", ""),
        listing=outlet["listing"],
        links=outlet.get("links"),
        title_selector=outlet.get("title_selector"),
        date_selector=outlet.get("date_selector"),
        tracking=outlet.get("tracking", ""),
        layout=outlet["layout"],
        metadata=outlet["metadata"],
        motif=outlet["motif"],
        sections=tuple(outlet["sections"]),
        disallow=tuple(outlet["disallow"]),
        colours=outlet["colours"],
        comments=tuple(outlet["comments"]),
        pieces=tuple(sorted(pieces, key=lambda piece: piece.published_at, reverse=True)),
    )


def _piece(
    article: dict[str, Any], outlet: dict[str, Any], bodies: dict[str, tuple[str, ...]], now: datetime
) -> Piece:
    # A syndicated copy is word for word the same, so it is not written down twice.
    body_of = article.get("copy_of") or f"{outlet['key']}/{article['slug']}"
    return Piece(
        slug=article["slug"],
        path=article.get("path") or outlet["path"].format(slug=article["slug"]),
        title=article["title"],
        authors=tuple(article["authors"]),
        section=article["section"],
        summary=article["summary"],
        paragraphs=bodies[body_of],
        published_at=_published(article, outlet, now),
        day=article["day"],
        status=article.get("status", 200),
        lookalike=article.get("lookalike", ""),
    )


def _published(article: dict[str, Any], outlet: dict[str, Any], now: datetime) -> datetime:
    moment = now - timedelta(hours=article["hours_ago"])
    return moment.astimezone(ZoneInfo(outlet["zone"])).replace(second=0, microsecond=0)


def _paragraphs(body: str, published_at: datetime, language: str) -> tuple[str, ...]:
    """Split a body at its blank lines and write in the day and the years it speaks of."""
    text = Template(body).substitute(
        weekday=_WEEKDAYS[language][published_at.weekday()],
        year=published_at.year,
        next_year=published_at.year + 1,
    )
    return tuple(" ".join(part.split()) for part in text.strip().split("\n\n"))
