"""When are two the same: addresses, entries of a listing, texts.

Stands between a listing and the store: link churn, GUID churn, edited titles and a new order announce
nothing twice, and a new story is never taken for an old one. Pure arithmetic on values; remembers nothing.

An entry is known when one of these holds (``new_entries``):

- its address is known;
- its own identifier is known, and the title or the publication time agrees;
- its title and publication time together are known; without a time the title must have 25 characters.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Entry
from bot.parse.address import canonical_url

__all__ = (
    "KEY_SIZE",
    "EntryKeys",
    "KnownEntry",
    "canonical_url",
    "copy_hash",
    "entry_keys",
    "new_entries",
    "text_hash",
    "url_key",
)

#: Bytes of each key.
KEY_SIZE = 16
#: Shorter titles ("Morning briefing") return with other stories under them.
_TELLING_TITLE = 25
#: A copy of fewer words than this is a coincidence: a caption, a notice.
_COPY_WORDS = 50
#: Items under one address from which on the address says nothing (a home page, a live page).
_SHARED_LINK = 3
_HALF = 8
_ALONE = b"\0" * _HALF
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryKeys:
    """What an entry can be recognised by; each key is 16 bytes, or None where there is none to be trusted."""

    #: unique in its source, hexadecimal
    key: str
    url_key: bytes | None
    id_key: bytes | None
    #: 8 bytes of the title, then 8 of title and publication time, or zeros where these may not stand alone
    title_key: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownEntry:
    """An entry that the store has, with its keys."""

    entry_id: int
    url_key: bytes | None
    id_key: bytes | None
    title_key: bytes | None
    published_at: datetime | None


def url_key(url: str) -> bytes:
    """Return 16 bytes for an address; http and https, with and without ``www.``, give the same."""
    return _url_key(canonical_url(url))


def _url_key(canonical: str) -> bytes:
    scheme, separator, rest = canonical.partition("://")
    if separator and scheme in ("http", "https"):
        canonical = f"https://{rest.removeprefix('www.')}"
    return _digest(canonical)


def entry_keys(entries: Sequence[Entry]) -> list[EntryKeys]:
    """Return the keys of a whole listing, in its order.

    The listing is judged as a whole: an identifier that items with different addresses share is not trusted,
    nor is an address that items with different titles and fragments share, or that three of them share.
    Entries that are the same (``new_entries`` collapses them) may share their ``key``.
    """
    folded = [fold(entry.title) if entry.title else "" for entry in entries]
    canonical = [canonical_url(entry.link) if entry.link else None for entry in entries]
    own_ids = [_own_id(entry.id) if entry.id else "" for entry in entries]
    untrusted_ids = _untrusted_ids(own_ids, canonical, folded)
    untrusted_links = _untrusted_links(entries, canonical, folded)
    found = []
    for entry, title, address, own in zip(entries, folded, canonical, own_ids, strict=True):
        link = None if address is None or address in untrusted_links else _url_key(address)
        own_key = None if not own or own in untrusted_ids else _digest(f"id\0{own}")
        alone = link is None and own_key is None
        found.append(
            EntryKeys(
                key=_key(entry, title, link, own_key),
                url_key=link,
                id_key=own_key,
                title_key=_title_key(title or _said(entry), entry.published_at, alone=alone),
            )
        )
    return found


def new_entries(
    listed: Sequence[tuple[Entry, EntryKeys]], known: Sequence[KnownEntry]
) -> tuple[list[int], list[int]]:
    """Split a listing into the new and the known.

    Returns the indexes in ``listed`` of the new entries, each story once, and the ``entry_id`` of the known
    ones that are listed again.
    """
    index = _Index()
    for stored in known:
        index.add(stored.entry_id, stored, stored.published_at)
    new: list[int] = []
    seen: dict[int, None] = {}
    for place, (entry, keys) in enumerate(listed):
        match = index.find(keys, entry.published_at)
        if match is None:
            new.append(place)
            # What this listing already gave is known to its later items; negative, for it has no number yet.
            index.add(-1 - place, keys, entry.published_at)
        elif match >= 0:
            seen[match] = None
            # The same story again further down, under the link it has today.
            index.add(match, keys, entry.published_at)
    return new, list(seen)


def text_hash(title: str, text: str) -> bytes:
    """Return 16 bytes that change when a title or text does."""
    return _digest(f"{title}\0{text}")


def copy_hash(text: str) -> bytes | None:
    """Return 16 bytes that copies of one text share, whatever their spacing, case and punctuation.

    None under 50 words: too little to call two texts copies.
    """
    words = _WORD.findall(fold(text))
    return _digest(" ".join(words)) if len(words) >= _COPY_WORDS else None


def fold(text: str) -> str:
    """Return a text without differences of case, width, accents' spelling and spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class _Index:
    """The numbers of known entries by each of their keys."""

    def __init__(self) -> None:
        self._by_url: dict[bytes, int] = {}
        #: with what an identifier must agree in: title key and publication time
        self._by_id: dict[bytes, list[tuple[int, bytes | None, datetime | None]]] = {}
        self._by_title: dict[bytes, int] = {}

    def add(self, number: int, keys: EntryKeys | KnownEntry, published_at: datetime | None) -> None:
        if keys.url_key is not None:
            self._by_url.setdefault(keys.url_key, number)
        if keys.id_key is not None:
            self._by_id.setdefault(keys.id_key, []).append((number, keys.title_key, published_at))
        if keys.title_key is not None and not keys.title_key.endswith(_ALONE):
            self._by_title.setdefault(keys.title_key, number)

    def find(self, keys: EntryKeys, published_at: datetime | None) -> int | None:
        if keys.url_key is not None and (found := self._by_url.get(keys.url_key)) is not None:
            return found
        if keys.id_key is not None:
            for number, title_key, published in self._by_id.get(keys.id_key, ()):
                if (published_at is not None and published_at == published) or _same_title(
                    keys.title_key, title_key
                ):
                    return number
        return self._by_title.get(keys.title_key) if keys.title_key is not None else None


def _same_title(one: bytes | None, other: bytes | None) -> bool:
    if one is None or other is None:
        # Neither has a title to disagree by.
        return one is other
    return one[:_HALF] == other[:_HALF]


def _own_id(written: str) -> str:
    own = written.strip()
    if not own[:8].lower().startswith(("http://", "https://")):
        return own
    # Session parameters change; a fragment, which a page's address does without, may be all that differs.
    return f"{canonical_url(own)}#{own.partition('#')[2]}"


def _untrusted_ids(
    own_ids: Sequence[str], canonical: Sequence[str | None], folded: Sequence[str]
) -> set[str]:
    """Return the identifiers that items with different addresses (or titles, without addresses) share."""
    first: dict[str, str] = {}
    shared: set[str] = set()
    for own, address, title in zip(own_ids, canonical, folded, strict=True):
        place = address or f"\0{title}"
        if own and first.setdefault(own, place) != place:
            shared.add(own)
    return shared


def _untrusted_links(
    entries: Sequence[Entry], canonical: Sequence[str | None], folded: Sequence[str]
) -> set[str]:
    """Return the addresses that stand for more than one story of this listing."""
    if len(set(canonical)) == len(canonical):
        return set()
    titles: dict[str, set[str]] = defaultdict(set)
    fragments: dict[str, set[str]] = defaultdict(set)
    for entry, address, title in zip(entries, canonical, folded, strict=True):
        if address is not None and entry.link is not None:
            titles[address].add(title)
            fragments[address].add(entry.link.partition("#")[2])
    return {
        address
        for address, named in titles.items()
        if len(named) >= _SHARED_LINK or (len(named) > 1 and len(fragments[address]) >= len(named))
    }


def _said(entry: Entry) -> str:
    """Return what stands for the title of an entry without one, where nothing else identifies it."""
    return "" if entry.link or entry.id else fold((entry.summary or entry.content)[:2000])


def _title_key(folded: str, published_at: datetime | None, *, alone: bool) -> bytes | None:
    if not folded:
        return None
    half = _digest(f"title\0{folded}")[:_HALF]
    if published_at is None and len(folded) < _TELLING_TITLE and not alone:
        return half + _ALONE
    at = published_at.isoformat() if published_at is not None else ""
    return half + _digest(f"title\0{folded}\0{at}")[:_HALF]


def _key(entry: Entry, title: str, link: bytes | None, own: bytes | None) -> str:
    """Return what the store keeps an entry apart by: the address, else the identifier, else what it says."""
    if link is not None:
        return link.hex()
    if own is not None:
        return _digest(f"{own.hex()}\0{title}\0{entry.published_at}").hex()
    said = title or entry.summary[:2000] or entry.content[:2000] or entry.id
    return _digest(f"said\0{said}\0{entry.published_at}\0{entry.link or ''}").hex()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:KEY_SIZE]
