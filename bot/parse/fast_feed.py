"""Read a well-formed feed: RSS 0.9x, 1.0, 2.0, RDF, Atom 0.3 and 1.0, in one walk over the tree.

The usual case and therefore the fast one. Whatever is not well-formed is made so first (``tidy``) or read by
``slow_feed``. Opens no file and no address, expands no entity. ``elements`` says what fields are read from.
"""

from datetime import datetime

from lxml import etree

from bot.model import Entry, Feed
from bot.parse import clean, dates, elements
from bot.parse.elements import Fields
from bot.parse.raw import MAX_ENTRIES, RawItem, entry, first_link

_XML = "{http://www.w3.org/XML/1998/namespace}"
_LANG, _BASE = f"{_XML}lang", f"{_XML}base"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_ROOTS = frozenset(("rss", "rdf", "feed", "atom:feed", "channel"))
_ITEMS = frozenset(("item", "entry", "atom:entry"))
# One for all documents: it keeps nothing of one for the next.
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
)


def parse_xml(data: bytes) -> "etree._Element | None":
    """Parse UTF-8 XML strictly; None where it is not well-formed."""
    try:
        return etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def read(root: "etree._Element", url: str, *, bases: bool = True) -> Feed | None:
    """Read a feed from its tree; None where the root element is no feed's.

    ``bases`` is False where the document has no ``xml:base``, which spares looking for it.
    """
    walk = _Walk(bases=bases)
    kind = walk.name(root)
    if kind not in _ROOTS:
        return None
    channels = [child for child in root if walk.name(child) in ("channel", "atom:channel")]
    channel = channels[0] if channels and kind in ("rss", "rdf") else root
    # RSS 1.0 has its items beside the channel, RSS 2.0 in it, RSS 1.1 in a list of its own.
    holders = [root, *channels]
    holders += [child for holder in holders for child in holder if walk.name(child) == "items"]
    items = [child for holder in holders for child in holder if walk.name(child) in _ITEMS]
    if kind == "channel" and not items:
        return None
    base = walk.base_of(root, url)
    base = base if channel is root else walk.base_of(channel, base)
    language = root.get(_LANG) or channel.get(_LANG)
    fields = walk.fields(channel)
    return Feed(
        title=clean.title(elements.title(fields)),
        link=first_link(
            [*elements.links(fields, ()), channel.get("HREF") or channel.get("href") or ""], base
        ),
        entries=_entries(walk, items, base, language),
        language=clean.language(elements.text_of(fields, "language", "dc:language") or language),
        ttl=elements.ttl(fields),
    )


def _entries(
    walk: "_Walk", items: "list[etree._Element]", base: str, language: str | None
) -> tuple[Entry, ...]:
    if len(items) > MAX_ENTRIES:
        # Newest first, as nearly all feeds are; some are oldest first.
        first, last = (entry(walk.item(end, base, None)) for end in (items[0], items[-1]))
        oldest_first = _date(last) > _date(first)
        items = items[-MAX_ENTRIES:] if oldest_first else items[:MAX_ENTRIES]
    return tuple([entry(walk.item(item, base, language)) for item in items])


def _date(found: Entry) -> datetime:
    return found.published_at or found.updated_at or dates.EARLIEST


class _Walk:
    """One reading of one document: remembers how its tags are called."""

    def __init__(self, *, bases: bool) -> None:
        self._bases = bases
        self._names: dict[object, str] = {}

    def name(self, element: "etree._Element") -> str:
        """Return our short name of an element: ``item``, ``atom:link``; "" where it says nothing."""
        name = self._names.get(element.tag)
        if name is None:
            name = self._names[element.tag] = elements.short_name(element.tag)
        return name

    def base_of(self, element: "etree._Element", base: str) -> str:
        """Return the address that relative links inside an element stand beside."""
        own = element.get(_BASE) if self._bases else None
        return (clean.link(own, base) or base) if own else base

    def fields(self, element: "etree._Element") -> Fields:
        """Return the children by short name, in order."""
        found: Fields = {}
        names = self._names
        for child in element:
            name = names.get(child.tag)
            if name is None:
                name = self.name(child)
            if name in found:
                found[name].append(child)
            elif name:
                found[name] = [child]
        return found

    def item(self, element: "etree._Element", base: str, language: str | None) -> RawItem:
        """Collect what an item says."""
        fields = self.fields(element)
        own_id = elements.text_of(fields, *elements.IDS) or element.get(_RDF_ABOUT) or ""
        links = elements.links(fields, fields.get("guid", ()))
        if not links and own_id and "guid" not in fields and elements.is_http(own_id):
            links = [own_id]
        base = self.base_of(element, base)
        if self._bases:
            for link in (*fields.get("link", ()), *fields.get("atom:link", ())):
                base = self.base_of(link, base)
        updated = elements.texts_of(fields, elements.UPDATED)
        if element.get("HREF") or element.get("LASTMOD"):
            # The Channel Definition Format of 1997.
            links.append(element.get("HREF") or "")
            updated.append(element.get("LASTMOD") or "")
        return RawItem(
            id=own_id,
            links=links,
            base=base,
            title=elements.title(fields),
            published=elements.texts_of(fields, elements.PUBLISHED),
            updated=updated,
            authors=elements.authors(fields, self.fields),
            summary=elements.summary(fields),
            content=elements.content(fields),
            language=element.get(_LANG) or language,
        )
