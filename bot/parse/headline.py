"""Choose an article's title among what its page calls it, and take the site's name off.

Used by ``metadata``: a page names its article up to six times, and no two agree.
"""

import re
from collections import Counter
from dataclasses import dataclass

_SEPARATOR = re.compile(r"\s+[|\-–—:·•»«/]+\s+|\s*[|»]\s*|\s+::\s+|(?<=\S)\s*[｜–—]\s*(?=\S)")
_WORD = re.compile(r"\w+")
#: A heading that agrees this well with what the page calls itself elsewhere is the headline.
_AGREES = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Headlines:
    """What a page calls its article, by where it says so."""

    headline: str = ""
    social: str = ""
    document: str = ""
    headings: tuple[str, ...] = ()
    listed: str = ""


def best_title(given: Headlines, *, site: str, host: str) -> str:
    """Return the heading that agrees best with what the page calls itself, without the site's name."""
    witnesses = [
        _stripped(text, site, host) for text in (given.headline, given.social, given.document, given.listed)
    ]
    witnesses = [text for text in witnesses if text]
    best, agreement = "", 0.0
    for heading in given.headings:
        score = max((_agreement(heading, witness) for witness in witnesses), default=0.0)
        if score > agreement:
            best, agreement = heading, score
    social = _stripped(given.social, site, host)
    if social and _agreement(best, social) < _AGREES:
        # a heading that says something else is of another part of the page, or a kicker
        return social
    if best and agreement >= _AGREES:
        return best
    if witnesses:
        return given.listed if _frames(witnesses[0], given.listed) else witnesses[0]
    return next((heading for heading in given.headings if len(heading) > 3), "")


def _frames(text: str, title: str) -> bool:
    """Tell whether a text is a title with a name before or behind it: "Orbit Weekly: Ten partners agree"."""
    before, found, after = text.partition(title) if title else ("", "", "")
    if not found or len(_squeezed(before + after)) >= len(_squeezed(title)):
        return False
    return not before.rstrip()[-1:].isalnum() and not after.lstrip()[:1].isalnum()


def site_of_title(given: Headlines, *, host: str) -> str:
    """Return the part of the document's title that names the site, as its host tells; "" where none does."""
    for part in reversed(_SEPARATOR.split(given.document)):
        if _is_host(part, host):
            return part.strip()
    return ""


def _stripped(text: str, site: str, host: str) -> str:
    """Take the site's name off the end or the beginning of a title."""
    pieces = list(_SEPARATOR.finditer(text))
    if not pieces:
        return text
    last = pieces[-1]
    if _is_site(text[last.end() :], site, host):
        return _stripped(text[: last.start()].rstrip(), site, host)
    first = pieces[0]
    if _is_site(text[: first.start()], site, host):
        return text[first.end() :].lstrip()
    return text


def _is_site(part: str, site: str, host: str) -> bool:
    part_words, site_words = _squeezed(part), _squeezed(site)
    if not part_words:
        return True
    if site_words and (part_words == site_words or (len(part_words) > 3 and part_words in site_words)):
        return True
    if len(site_words) > 3 and part_words.startswith(site_words) and len(part_words) <= 3 * len(site_words):
        return True
    return _is_host(part, host)


def _is_host(part: str, host: str) -> bool:
    squeezed = _squeezed(part)
    labels = [_squeezed(label) for label in host.split(".") if len(label) > 2 and label != "www"]
    return len(squeezed) > 2 and any(squeezed in (label, _squeezed(host)) for label in labels)


def _squeezed(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _agreement(one: str, other: str) -> float:
    first, second = Counter(_units(one)), Counter(_units(other))
    both = (first & second).total()
    return 2 * both / (first.total() + second.total()) if both else 0.0


def _units(text: str) -> list[str]:
    """Return the words of a text, or its characters where it has no blanks between words."""
    words = _WORD.findall(text.casefold())
    return (
        [letter for word in words for letter in word]
        if max(map(len, words), default=0) > 25 or (len(words) <= 3 and not text.isascii())
        else words
    )
