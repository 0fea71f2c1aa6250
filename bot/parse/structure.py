"""Find the articles of a page that nobody wrote a selector for: by repeating blocks and the shape of links.

Links that stand in the same place of the same kind of block are a group; groups are judged as a whole, by
addresses, headlines and dates, and by where on the page they stand. What is chosen is said as a CSS selector
that selects the same links (``Feed.chosen``), so that a user can keep it. Pure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2
from urllib.parse import parse_qsl, urlsplit

from bs4 import Tag

from bot.model import Feed
from bot.parse import clean, columns, link_shape, listing_words
from bot.parse.address import canonical_url
from bot.parse.block_dates import attribute, text_of
from bot.parse.listing import (
    HEADINGS,
    BadPageError,
    Page,
    blocks_of,
    compiled,
    headings_of,
    open_page,
    owners_of,
)
from bot.parse.selector import Links
from bot.parse.surroundings import Surroundings

#: Links that are looked at; longer pages are lists of everything.
_MAX_LINKS = 4_000
#: Fewer of a kind are no listing.
_FEWEST = 3
#: Points that the links of a group must have on average, and the share of the best group's for others.
_ENOUGH = 2.0
_BEHIND = 0.7
#: What each of these is worth beside the address and the headline.
_HEADING, _DATED, _BESIDE = 1.5, 1.5, -6.0
#: Below this, an address is none of an article.
_FOREIGN = -3.0
#: Of its group's points, what a link must have of its own.
_WEAK = 0.15
_LIKELY = 2.0
#: Of a text, that it is at least a word: a date or a number is less.
_WORD = -1.0
_SAMPLE = 10
_MOSTLY = 0.5
_MAX_CLASSES = 12
_STATE = re.compile(
    r"active|current|first|last|odd|even|hidden|sticky|open|selected|visible|clearfix|[\w-]*\d[\w-]*",
    re.IGNORECASE,
)


@dataclass(eq=False, kw_only=True, slots=True)
class _Link:
    """A link of the page, and what speaks for it."""

    tag: Tag
    #: canonical
    address: str
    address_points: float
    points: float = 0.0
    blocks: list[Tag] = field(default_factory=list)


@dataclass(eq=False, kw_only=True, slots=True)
class _Group:
    """Links in the same place of the same kind of block."""

    links: list[_Link]
    points: float = 0.0
    #: the share of its links whose blocks have a date
    dated: float = 0.0

    def addresses(self) -> set[str]:
        return {link.address for link in self.links}


def parse(
    data: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    title: str | None = None,
    date: str | None = None,
    following: str | None = None,
) -> Feed:
    """Read the links of a page that look like articles, in the order of the page, each address once.

    ``title``, ``date`` and ``following`` are selectors as for ``listing.parse``. ``Feed.chosen`` is the CSS
    selector that stands for the choice. A page on which nothing looks like a listing gives a ``fault``.
    """
    try:
        page = open_page(data, headers, url, title=title, date=date)
        after = page.next_page(compiled(following) if following else None)
    except BadPageError as error:
        return Feed(fault=str(error))
    about = Feed(title=page.title(), link=url, language=page.language(), next_page=after)
    links = _links(page)
    groups = _chosen(_judged(links, page))
    if not groups:
        return replace(
            about,
            fault=f"nothing on this page looks like a list of articles ({len(links)} links); "
            "name its links with a CSS selector (`links:`)",
        )
    written = Links(page.soup, [(link.tag, link.address) for link in links]).selector(
        [[link.tag for link in group.links] for group in groups]
    )
    return replace(about, entries=page.entries(page.anchors(compiled(written))), chosen=written)


def _links(page: Page) -> list[_Link]:
    """Return the links to other pages, in the order of the page."""
    here = canonical_url(page.url)
    found: list[_Link] = []
    for tag in page.soup.find_all("a", href=True, limit=_MAX_LINKS):
        href = attribute(tag, "href").strip()
        link = None if href.startswith("#") else clean.link(href, page.base)
        address = canonical_url(link) if link is not None else here
        if address != here:
            points = link_shape.address_points(address, here)
            found.append(_Link(tag=tag, address=address, address_points=points))
    return found


def _judged(links: Sequence[_Link], page: Page) -> list[_Group]:
    """Return the links in groups, links and groups with their points."""
    # What an article's own tags and authors lead to does not split its block.
    articles = [link for link in links if link.address_points > _FOREIGN]
    owners = owners_of([(link.tag, link.address) for link in articles])
    alone = len(set(owners.values())) == 1
    titles: dict[str, str] = defaultdict(str)
    for link in articles:
        link.blocks = list(blocks_of(link.tag, owners, alone=alone))
        title = page.title_of(link.tag, link.blocks)
        if not listing_words.MORE.fullmatch(title):
            titles[link.address] = max(titles[link.address], title, key=len)
    worth = {address: link_shape.title_points(title) for address, title in titles.items()}
    likely = (
        link.tag for link in articles if link.address_points >= 1 and worth.get(link.address, 0) >= _LIKELY
    )
    around = Surroundings(page.soup, likely)
    for link in links:
        link.points = link.address_points + worth.get(link.address, -1.0)
        link.points += _standing(link, titles.get(link.address, "")) + _BESIDE * around.holds(link.tag)
    groups = [
        _Group(links=together)
        for together in _together(links, lambda link: page.date_of(link.blocks, "") is not None)
    ]
    for group in groups:
        _judge(group, page)
    return groups


def _standing(link: _Link, title: str) -> float:
    """Return what a link's own place is worth: as the headline, as what holds one, or beside it."""
    if any(parent.name in HEADINGS for parent in link.tag.parents) or link.tag.find(sorted(HEADINGS)):
        return _HEADING
    # Of a picture, a headline and "more", all three to one article, the headline is taken.
    said = text_of(link.tag)
    spoken = said and link_shape.title_points(said) >= _WORD and not listing_words.MORE.fullmatch(said)
    own = 0.5 if title and spoken else -0.5
    return own + (0.5 * _HEADING if next(headings_of(link.blocks[:4]), None) is not None else 0.0)


def _together(links: Iterable[_Link], dated: Callable[[_Link], bool]) -> list[list[_Link]]:
    """Return the links that stand in the same place of the same kinds of boxes, each address once."""
    links = list(links)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[int] = set()
    for link in links:
        for element in (link.tag, *link.tag.parents):
            if id(element) in seen:
                break
            seen.add(id(element))
            names[element.name].update(_classes(element))
    places: dict[int, int] = {}
    numbers: dict[tuple[int, str], int] = {}
    groups: dict[tuple[int, bool], list[_Link]] = defaultdict(list)
    for link in links:
        place = _place(link.tag, names, places, numbers)
        # Of one kind of block, those beside the listing are another matter.
        groups[place, link.points <= _BESIDE / 2].append(link)
    return [_once(part) for group in groups.values() for part in columns.parted(group, dated)]


def _once(links: Iterable[_Link]) -> list[_Link]:
    """Return the first link to each address."""
    found: dict[str, _Link] = {}
    for link in links:
        found.setdefault(link.address, link)
    return list(found.values())


def _place(
    tag: Tag, names: dict[str, Counter[str]], places: dict[int, int], numbers: dict[tuple[int, str], int]
) -> int:
    """Return a number for the kinds of boxes that an element stands in, from the page's root down."""
    path: list[Tag] = []
    here = 0
    for element in (tag, *tag.parents):
        if (known := places.get(id(element))) is not None:
            here = known
            break
        path.append(element)
    for element in reversed(path):
        common = names[element.name]
        name = max(_classes(element), key=common.__getitem__, default="")
        here = numbers.setdefault((here, f"{element.name}.{name}"), len(numbers) + 1)
        places[id(element)] = here
    return here


def _classes(element: Tag) -> list[str]:
    given = attribute(element, "class").split()[:_MAX_CLASSES]
    return [name for name in given if _STATE.fullmatch(name) is None]


def _judge(group: _Group, page: Page) -> None:
    """Give a group its points: its links' on average, and more for dates and for its size."""
    links = group.links
    group.points = sum(link.points for link in links) / len(links)
    if group.points > 0:
        sample = links[:: max(1, len(links) // _SAMPLE)][:_SAMPLE]
        group.dated = sum(page.date_of(link.blocks, "") is not None for link in sample) / len(sample)
        group.points += _DATED * group.dated + 0.25 * min(4.0, log2(len(links)))


def _chosen(groups: Sequence[_Group]) -> list[_Group]:
    """Return the best group, and those that are nearly as good, in the order of the page; [] for none."""
    able = [group for group in groups if len(group.links) >= _FEWEST and group.points >= _ENOUGH]
    if not able:
        return []
    best = max(able, key=lambda group: group.points * min(len(group.links), 20) ** 0.5)
    shapes = {_shape(link.address) for link in best.links}
    taken = best.addresses()
    found: list[_Group] = []
    for group in groups:
        if group is not best:
            if group.addresses() <= taken or not _as_good(group, best, shapes):
                continue
            taken |= group.addresses()
        found.append(replace(group, links=[link for link in group.links if _belongs(link, group)]))
    return found


def _belongs(link: _Link, group: _Group) -> bool:
    """Tell whether a link is not merely standing among the group's articles: a tag, "Home", a number."""
    return link.address_points > _FOREIGN and link.points >= _WEAK * group.points


def _as_good(group: _Group, best: _Group, shapes: set[tuple[str, ...]]) -> bool:
    """Tell whether a group belongs to the listing, too: a lead story, or another section of the page."""
    if group.points < max(_ENOUGH, _BEHIND * best.points):
        return False
    alike = sum(_shape(link.address) in shapes for link in group.links) / len(group.links)
    # A few links, or undated ones beside dated ones, are articles if their addresses are made as the others'.
    if len(group.links) < _FEWEST or (best.dated > _MOSTLY and group.dated < _MOSTLY):
        return alike > _MOSTLY
    return True


def _shape(address: str) -> tuple[str, ...]:
    """Return what the addresses of one kind of page share: host, first folder, depth, parameters."""
    parts = urlsplit(address)
    folders = parts.path.strip("/").split("/")
    first = folders[0] if len(folders) > 1 else ""
    return (
        parts.hostname or "",
        first,
        str(len(folders)),
        *sorted({name for name, _ in parse_qsl(parts.query)}),
    )
