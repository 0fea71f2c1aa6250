"""Turn bylines into names: "By Jane Doe and John Roe, Science Editor" → ("Jane Doe", "John Roe").

Used by ``metadata``. Leaves out addresses, job titles and what is no name.
"""

import re
from collections.abc import Iterable

from bot.parse import clean, markup

_MAX_NAMES = 12
_MAX_CHARS = 80
_BY = re.compile(
    r"^(?:(?:written|posted|published|words|story|text|report|reporting|edited|redaktion|author|authors|autor|autores"
    r"|auteur|autore|verfasst|geschrieben|foto|fotos|photo)\s*(?:by|von|par|por|di)?\s*[:：]\s*"
    r"|(?:(?:written|posted|published|edited|reported|words|verfasst|geschrieben|publié|escrito)\s+)?"
    r"(?:by|von|par|por|di|da|av|af|door|przez|od|автор|文)(?:\s*[:：]\s*|\s+))",
    re.IGNORECASE,
)
_BY_INSIDE = re.compile(r".{0,40}\b(?:written|posted|published|text|words)\s+by\s+", re.IGNORECASE)
_JAPANESE = re.compile(r"^(?:文|記者|取材|執筆)[:：・/ ]\s*|(?:記者|編集委員|特派員)$")
_SPLIT = re.compile(
    r"\s*(?:[;|•·]|\s/\s|,\s*(?:and|und|et|y|e)\s|\s(?:and|und|et|&|och|og|en)\s|、)\s*", re.IGNORECASE
)
_EMAIL = re.compile(r"\S+@\S+")
_ADDRESS = re.compile(r"^(?:https?:|www\.|/|@)", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d{2}\b")
_DIGIT = re.compile(r"(?:^|\s)\d")
_JOB = re.compile(
    r"\b(?:editor|editors|reporter|correspondent|journalist|writer|columnist|chief|bureau|producer|staff|contributor"
    r"|contributing|senior|managing|deputy|director|professor|lecturer|fellow|analyst|redakteur(?:in)?|redaktor(?:in)?"
    r"|korrespondent(?:in)?|chefredakteur(?:in)?|volontär(?:in)?|journaliste|rédact(?:eur|rice)|correspondant(?:e)?"
    r"|redactor(?:a)?|periodista|corresponsal|giornalista|redattore|photographer|university|ph\.?d)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    {
        "admin", "administrator", "editor", "author", "webmaster", "root", "user", "guest", "unknown", "none",
        "null", "n/a", "anonymous", "redaktion", "редакция", "posted", "undefined", "false", "true",
    }
)  # fmt: skip


def names(given: Iterable[str]) -> tuple[str, ...]:
    """Return the names in bylines, in order, each once; () where there are none."""
    found: dict[str, str] = {}
    for byline in given:
        for name in _names(byline):
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:_MAX_NAMES]


def best(ways: Iterable[Iterable[str]], *, site: str) -> tuple[str, ...]:
    """Return the names of the first way that names a person, and after them what earlier ways named.

    That is an outlet that calls itself the author, or a user's short name: pages declare these and show the
    person in a byline. Where no way names a person, the first names found are all there is.
    """
    resort: tuple[str, ...] = ()
    for way in ways:
        found = names(way)
        if any(_is_person(name, site) for name in found):
            return names((*found, *resort))
        resort = resort or found
    return resort


def _is_person(name: str, site: str) -> bool:
    own, other = "".join(name.casefold().split()), "".join(site.casefold().split())
    if other and (own in other or other in own):
        return False
    return " " in name or not name.isascii()


def _names(byline: str) -> list[str]:
    text = clean.line(markup.resolved(byline), 300)
    if _ADDRESS.match(text) or "://" in text:
        return []
    text = _EMAIL.sub(" ", text)
    text = _BY.sub("", " ".join(text.split()).strip(" ,;:|–—-("))
    text = _BY_INSIDE.split(text)[-1]
    found: list[str] = []
    for part in _SPLIT.split(text):
        found += _people(part)
    return [name for name in map(_tidied, found) if _is_name(name)]


def _people(part: str) -> list[str]:
    """Split at commas: several full names, or one name and what it does."""
    pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
    if len(pieces) < 2:
        return pieces
    people = [piece for piece in pieces if not _JOB.search(piece)]
    if all(len(piece.split()) >= 2 for piece in people):
        # "Jane Doe, in Berlin": what does not begin like a name is about the one before
        return [piece for piece in people if not piece[0].islower()]
    if len(people) == 2 and len(pieces) == 2 and all(len(piece.split()) == 1 for piece in people):
        return [f"{people[1]} {people[0]}"]
    return people[:1]


def _tidied(name: str) -> str:
    name = _JAPANESE.sub("", _BY.sub("", name.strip(" ,;:|–—-/()[]·•*")))
    return re.sub(r"\s*\([^()]{0,60}\)\s*$", "", name).strip(" ,;:|–—-/[]·•*")


def _is_name(name: str) -> bool:
    if not 1 < len(name) <= _MAX_CHARS or name.casefold() in _NOBODY or _ADDRESS.match(name):
        return False
    if _DATE.search(name) or len(name.split()) > 7 or (" " in name and _DIGIT.search(name)):
        return False
    if name.casefold().endswith((" by", " von", " par", " por")):
        return False
    return any(letter.isalpha() for letter in name)
