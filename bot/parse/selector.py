"""Write the CSS selector that selects given links of a page and no others: short, and likely to last.

Used by ``structure``, so that a user can keep what it chose. Prefers what names things (headings, articles,
classes) to what merely counts boxes; leaves out names that machines made up.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import soupsieve
from bs4 import BeautifulSoup, Tag

#: How far above a link its page is looked at.
_MAX_ABOVE = 12
#: Kinds of elements that a selector can name.
_KIND = re.compile(r"[a-z][a-z0-9-]*")
#: Names that may stand in a selector as they are, and that no build tool will change tomorrow.
_NAME = re.compile(r"-?[A-Za-z_][A-Za-z_-]{1,40}")
_STATE = re.compile(
    r"(?:is-|has-)?(?:active|current|first|last|odd|even|hidden|sticky|open|selected|visible|clearfix|container|wrapper|row"
    r"|col|css|sc)(?:-.*)?",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: What a part of a selector costs: the least telling most.
_COSTS = dict.fromkeys(("h1", "h2", "h3", "h4", "article", "main"), 1.0) | dict.fromkeys(
    ("li", "td", "dd", "dt", "tr", "section", "table", "ul", "ol", "dl", "h5", "h6"), 1.6
)
_CLASS_COST, _ID_COST, _PLAIN_COST = 1.2, 1.4, 2.6
#: What the addresses of links have in common, where links stand among their like, and what they hold.
_ADDRESS_COST, _PLACE_COST, _HOLDS_COST, _COLUMN_COST = 2.6, 2.6, 1.8, 2.0
_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,40}")
#: For each element between it and the link: what is far away holds other things, too.
_FAR = 0.15
#: How many selectors are tried on the page itself, and how many names are combined.
_MAX_TRIED, _MAX_NAMES = 24, 40


@dataclass(frozen=True, slots=True)
class _Form:
    """A selector, what it costs, and the links that it should select, as bits."""

    cost: float
    text: str
    mask: int


class Links:
    """The links of one page, as bits of whole numbers: what any part of a selector selects is one of them."""

    def __init__(self, soup: BeautifulSoup, links: Sequence[tuple[Tag, str]]) -> None:
        """``links`` are all links of the page with their addresses, in its order."""
        self._soup = soup
        self._addresses = [address for _, address in links]
        self._place = {id(tag): place for place, (tag, _) in enumerate(links)}
        self._own: dict[str, int] = {}
        self._parent: dict[str, int] = {}
        self._above: dict[str, int] = {}
        #: of each link, the names above it and how high each first stands, the nearest first
        self._names: list[dict[str, int]] = []
        for place, (tag, _) in enumerate(links):
            self._add(tag, 1 << place)

    def _add(self, tag: Tag, bit: int) -> None:
        for name in _own_names(tag):
            self._own[name] = self._own.get(name, 0) | bit
        names: dict[str, int] = {}
        for height, parent in enumerate(islice(tag.parents, _MAX_ABOVE)):
            if parent.name in ("body", "html", "[document]"):
                break
            for name in _names(parent):
                names.setdefault(name, height)
                self._above[name] = self._above.get(name, 0) | bit
                if height == 0:
                    self._parent[name] = self._parent.get(name, 0) | bit
        self._names.append(names)

    def selector(self, groups: Sequence[Sequence[Tag]]) -> str:
        """Return a selector of all links that lead where the links of ``groups`` do.

        One part where one will do, else one for each group, else the path from the page's root to each group:
        what that selects besides is then part of the choice.
        """
        everything = [tag for group in groups for tag in group]
        wanted = self._leading_where(everything)
        if (whole := self._exact(everything, wanted)) is not None:
            return whole
        parts: dict[str, None] = {}
        for group in groups:
            parts[self._exact(group, wanted) or _path(group)] = None
        return ", ".join(parts)

    def _leading_where(self, tags: Iterable[Tag]) -> int:
        """Return all links, as bits, that lead to the same addresses as these."""
        addresses = {self._addresses[self._place[id(tag)]] for tag in tags}
        return _bits(place for place, address in enumerate(self._addresses) if address in addresses)

    def _exact(self, tags: Sequence[Tag], wanted: int) -> str | None:
        """Return the cheapest selector that reaches each address of ``tags`` and nothing unwanted."""
        places = [self._place[id(tag)] for tag in tags]
        needed = {self._addresses[place] for place in places}
        forms = sorted(self._forms(tags, places), key=lambda form: form.cost)
        covering = [form for form in forms if self._reached(form.mask) >= needed]
        clean = [form for form in covering if not form.mask & ~wanted]
        narrowed = [] if clean else list(self._narrowed(covering, places, wanted))
        for form in islice([*clean, *narrowed], _MAX_TRIED):
            if self._selects(form.text, needed, wanted):
                return form.text
        return None

    def _forms(self, tags: Sequence[Tag], places: Sequence[int]) -> Iterator[_Form]:
        target = _bits(places)
        own = [name for name in _own_names(tags[0]) if self._own[name] & target == target]
        heights = self._names[places[0]]
        above = [name for name in heights if self._above[name] & target == target][:_MAX_NAMES]
        costs = {name: _cost(name) + _FAR * heights[name] for name in above}
        ends = [
            (name if name == "a" else f"a{name}", self._own[name], 0 if name == "a" else _cost(name))
            for name in own
        ]
        for end, mask, cost in ends:
            if cost:
                yield _Form(cost, end, mask)
            if cost > _PLAIN_COST:
                continue
            for name in above:
                yield _Form(cost + costs[name] + 0.5, f"{name} {end}", mask & self._above[name])
                parents = self._parent.get(name, 0)
                if parents & target == target:
                    yield _Form(cost + costs[name] + 0.6, f"{name} > {end}", mask & parents)
            for inner, outer in combinations(above, 2):
                both = mask & self._above[inner] & self._above[outer]
                price = cost + costs[inner] + costs[outer] + 1
                yield _Form(price, f"{outer} {inner} {end}", both)
                parents = self._parent.get(inner, 0)
                if parents & target == target:
                    yield _Form(price + 0.1, f"{outer} {inner} > {end}", both & parents)

    def _narrowed(self, forms: Sequence[_Form], places: Sequence[int], wanted: int) -> Iterator[_Form]:
        """Yield selectors without what one name holds that none of the wanted links stands in."""
        target = _bits(places)
        for form in forms[:_MAX_TRIED]:
            extra = form.mask & ~wanted
            first = (extra & -extra).bit_length() - 1
            for name in self._names[first]:
                if self._above[name] & extra == extra and not self._above[name] & target:
                    yield _Form(form.cost + 2, f"{form.text}:not({name} a)", form.mask & ~self._above[name])
                    break

    def _reached(self, mask: int) -> set[str]:
        return {self._addresses[place] for place in _places(mask)}

    def _selects(self, text: str, needed: set[str], wanted: int) -> bool:
        """Ask the page itself: names that are above a link in another order than ours select nothing."""
        selected = {self._place.get(id(tag)) for tag in soupsieve.select(text, self._soup)}
        mask = _bits(place for place in selected if place is not None)
        return not mask & ~wanted and self._reached(mask) >= needed


def _names(tag: Tag) -> list[str]:
    """Return what a selector may call an element: its own kind, its classes, its id."""
    classes = tag.get("class")
    given = classes if isinstance(classes, list) else str(classes or "").split()
    found = [_kind(tag), *(f".{name}" for name in given[:12] if _lasts(name))]
    if tag.name in ("td", "th"):
        # The columns of a table are as good as names.
        found.append(f"{tag.name}:nth-of-type({len(tag.find_previous_siblings(tag.name)) + 1})")
    own = tag.get("id")
    return [*found, f"#{own}"] if isinstance(own, str) and _lasts(own) else found


def _kind(tag: Tag) -> str:
    """Return what a selector calls the kind of an element; damaged pages have kinds that it cannot name."""
    return tag.name if _KIND.fullmatch(tag.name) else "*"


def _own_names(tag: Tag) -> list[str]:
    """Return what a selector may call a link itself."""
    heading = tag.find(list(_HEADINGS))
    held = [f":has({heading.name})"] if isinstance(heading, Tag) else []
    place = ":first-of-type" if tag.find_previous_sibling(tag.name) is None else ":not(:first-of-type)"
    return [*_names(tag), *held, *_of_address(tag), place]


def _of_address(tag: Tag) -> list[str]:
    """Return what a selector may ask of a link's address: one of its folders, or a parameter's name."""
    href = str(tag.get("href") or "")[:500].partition("#")[0]
    path, _, query = href.partition("?")
    host, _, rest = path.partition("://")[2].partition("/")
    first, *folders = (f"{host}/{rest}" if host else path).split("/")[:-1] or [""]
    asked = [f'[href*="/{folder}/"]' for folder in folders if _SEGMENT.fullmatch(folder)]
    if not host and _SEGMENT.fullmatch(first):
        asked.append(f'[href^="{first}/"]')
    names = [pair.partition("=")[0] for pair in query.split("&")]
    return [*asked, *(f'[href*="{name}="]' for name in names if _SEGMENT.fullmatch(name))]


def _lasts(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and _STATE.fullmatch(name) is None


def _cost(name: str) -> float:
    if name.startswith("."):
        return _CLASS_COST
    if name.startswith(("[", ":")):
        return _HOLDS_COST if name.startswith(":has") else _PLACE_COST if name[0] == ":" else _ADDRESS_COST
    if ":" in name:
        return _COLUMN_COST
    return _ID_COST if name.startswith("#") else _COSTS.get(name, _PLAIN_COST)


def _path(tags: Sequence[Tag]) -> str:
    """Return the selector of what stands where these links do, in the same box of the page."""
    above = [list(tag.parents) for tag in (tags[0], tags[-1])]
    shared = {id(parent) for parent in above[0]} & {id(parent) for parent in above[1]}
    parts = ["a"]
    for parent in above[0]:
        if parent.name in ("html", "[document]"):
            break
        name = next((name for name in _names(parent) if name.startswith(".")), "")
        if not name and id(parent) in shared and parent.name != "body":
            like = parent.find_previous_siblings(parent.name)
            if like or parent.find_next_sibling(parent.name) is not None:
                name = f":nth-of-type({len(like) + 1})"
        parts.append(f"{_kind(parent)}{name}")
    return " > ".join(reversed(parts))


def _bits(places: Iterable[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _places(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1
        mask ^= bit
