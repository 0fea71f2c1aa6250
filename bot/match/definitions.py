"""Definitions: where a text says itself what an acronym stands for.

``Combined Space Operations (CSpO)``, ``CSpO (Combined Space Operations)``, ``Combined Space Operations,
known as CSpO``, ``CSpO stands for …``. The long forms that a watch knows are told by their words, in
any language; another one by its letters, as Schwartz and Hearst do. Only what stands around the given
acronyms is read, so that the time is linear in their number, whatever the text. Pure.

Source: A. Schwartz, M. Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", PSB 2003.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.match.fold import Folded, fold
from bot.match.fold_tables import is_spaceless
from bot.model import Sense

#: how far from an acronym its long form is looked for, in characters
_REACH: Final = 240
#: words that are no part of a known long form, but stand within it or between it and the acronym
_OTHER_WORDS: Final = 8
#: brackets around an acronym that are looked at, the inner ones first
_MOST_BRACKETS: Final = 3
#: what may lead up to an acronym in a bracket of its own: ``in English:``, ``hereinafter the``, ``以下「``
_LEAD_WORDS: Final = 3
_LEAD_LENGTH: Final = 30
#: letters of a long form of one word for each letter of the acronym. Source: Bundesnachrichtendienst, BND
_LONG_WORD: Final = 4

_OPENING: Final = "([{（［｛〔【「『"
_CLOSING: Final = ")]}）］｝〕】」』"
_BRACKET: Final = re.compile(f"[{re.escape(_OPENING + _CLOSING)}]")
#: blanks, quotation marks and signs around a name
_TRIM: Final = " \t\r\n\u00a0\u202f\u3000\"“”„'‘’‚«»‹›®™©*:："
_SEPARATORS: Final = ",;/–—-=、，；"
#: the end of a sentence or paragraph; a full stop ends none after a single letter or before a bracket
_STOP: Final = re.compile(
    r"[.!?…。！？｡؟।\n](?:(?<=[。！？｡؟।])|(?<=\n)[^\S\n]{0,9}\n|(?<=[!?…])[\"”»’)\]]{0,2}\s"
    r"|(?<=\.)(?<!\W\w.)[\"”»’)\]]{0,2}\s{1,9}(?=[^\s(\[（]))"
)
#: a bracket after an acronym, its plural or genitive and at most two more words
_THEN_BRACKET: Final = re.compile(
    rf"(?:['’]s\b)?[{re.escape(_TRIM)}]{{0,4}}(?P<words>(?:[\s\-]{{0,3}}+[^\W_]{{1,30}}+){{0,2}})"
    rf"[{re.escape(_TRIM)}]{{0,4}}[{re.escape(_OPENING)}]"
)
#: what stands between a long form and the acronym that it is known by
_NAMED: Final = (
    "known as", "called", "dubbed", "abbreviated", "abbreviated as", "abbreviated to", "referred to as",
    "hereafter", "hereinafter", "aka", "bekannt als", "genannt", "abgekürzt", "kurz",
    "sous le nom de", "sous le sigle", "sous l'acronyme", "sous l’acronyme", "appelé", "appelée",
    "dit", "dite", "dits", "dites", "abrégé", "abrégée", "en abrégé", "abrégé en", "abrégée en",
    "conocido como", "conocida como", "conocidos como", "conocidas como", "por sus siglas en inglés",
    "conhecido como", "conhecida como", "noto come", "nota come", "bekend als", "afgekort", "kortweg",
    "известный как", "известная как", "известное как", "известные как", "сокращённо", "сокращенно",
)  # fmt: skip
_NAMED_OR: Final = ("or", "ou", "oder", "o", "of", "или")
_ARTICLES: Final = ("the", "das", "die", "der", "la", "le", "el", "il", "de", "het")
_NAMED_ENDS: Final = tuple({f" {named.split()[-1]}" for named in (*_NAMED, *_NAMED_OR)})
_NAMED_REACH: Final = 60
_NAMED_AFTER: Final = re.compile(
    rf"(?:,\s{{1,3}}(?:{'|'.join(_NAMED_OR)})|[\s,]{{1,3}}"
    r"(?:(?:which|that|is|are|was|also|better|commonly|auch|ist|est|sont|aussi|plus|connue?s?|que|se|es|también|más"
    rf"|è|anche|ook|также)\s{{1,3}}){{0,3}}(?:{'|'.join(sorted(_NAMED, key=len, reverse=True))}))"
    rf"(?:\s{{1,3}}(?:{'|'.join(_ARTICLES)}))?[{re.escape(_TRIM)}]{{0,4}}\Z",
    re.IGNORECASE,
)
#: what stands between an acronym and the long form that it is short for
_SHORT_FOR: Final = re.compile(
    r"[\W_]{1,4}(?:(?:which|that|is|was|the|an?|ist|die|eine|est|une?|le|la|qui|es|el|una?|è|een|de)\s{1,3}"
    r"|l['’]){0,3}(?:stands?\ for|standing\ for|stood\ for|short\ for|means|shorthand\ for"
    r"|(?:acronym|abbreviation|initialism)\ (?:for|of)|(?:steht|kurz|Abkürzung|Kurzform)\ für|Abkürzung\ von"
    r"|signifie|veut\ dire|(?:acronyme|sigle|abréviation)\ (?:de\ la|des|de|du|d['’])"
    r"|significa|(?:siglas?|acrónimo|acrônimo|abreviatura)\ (?:de\ la|del|de|da|do)|sta\ per"
    r"|(?:acronimo|sigla)\ di|staat\ voor|afkorting\ van|расшифровывается\ как|означает|сокращение\ от)\b",
    re.IGNORECASE,
)
#: the s of a plural, after three letters or more
_PLURAL: Final = re.compile(r"(?<=[^\W\d_]{3})s(?= )")
_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """A place where an article says what an acronym stands for."""

    #: as it is written there
    acronym: str
    #: as it is written there, every run of blanks as one space
    long_form: str
    #: ``title`` or ``body``
    field: str
    #: of the whole pair: code-point offsets, half-open, into the stored title or text
    start: int
    end: int
    #: confirmed or contradicted; None for a meaning that the watch does not know
    sense: Sense | None


class Meanings:
    """The long forms that a watch knows, ready to be looked for beside an acronym."""

    def __init__(self, *, expected: Iterable[str], rivals: Iterable[str]) -> None:
        """Takes plain phrases; one without letters is never found."""
        self._known = [
            (sense, pieces)
            for sense, phrases in ((Sense.CONFIRMED, expected), (Sense.CONTRADICTED, rivals))
            for phrase in phrases
            if (pieces := _pieces(phrase))
        ]

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, folded: Folded, *, leads: bool) -> tuple[Sense, int, int] | None:
        """Return the sense of the long form in a stretch, and where it stands in the folded text.

        The words of a long form stand there in their order, with a few others between them. ``leads``:
        the acronym follows the stretch, otherwise it stands before it. Of several long forms the one
        nearest to the acronym counts, then the longest. None where there is none.
        """
        text = _PLURAL.sub(" ", folded.text)
        nearest: tuple[Sense, int, int] | None = None
        for sense, pieces in self._known:
            found = _last(text, pieces) if leads else _first(text, pieces)
            if found is None:
                continue
            first, after = found
            around = text[first:] if leads else text[:after]
            if len(around.split()) > len(pieces) + _OTHER_WORDS:
                continue
            # with the s of its plural
            place = first, after + folded.text.startswith("s", after)
            if nearest is None or _is_nearer(place, nearest[1:], leads=leads):
                nearest = sense, *place
        return nearest


def _is_nearer(one: tuple[int, int], other: tuple[int, int], *, leads: bool) -> bool:
    """Tell whether one stretch is nearer to the acronym than another, or as near and longer."""
    if leads:
        return (one[1], -one[0]) > (other[1], -other[0])
    return (one[0], -one[1]) < (other[0], -other[1])


def _pieces(phrase: str) -> list[str]:
    """Return the words of a long form as they stand in a folded text whose plurals are blanked."""
    words = _PLURAL.sub(" ", fold(phrase).text).split()
    return [word if is_spaceless(word[0]) else f" {word} " for word in words]


def _first(text: str, pieces: Sequence[str]) -> tuple[int, int] | None:
    """Return the first stretch that holds the pieces in order, as short as it can be."""
    after = _forward(text, pieces, 0)
    if after is None:
        return None
    first = _backward(text, pieces, after + pieces[-1].endswith(" "))
    return None if first is None else (first, after)


def _last(text: str, pieces: Sequence[str]) -> tuple[int, int] | None:
    """Return the last stretch that holds the pieces in order, as short as it can be."""
    first = _backward(text, pieces, len(text))
    if first is None:
        return None
    after = _forward(text, pieces, first - pieces[0].startswith(" "))
    return None if after is None else (first, after)


def _forward(text: str, pieces: Sequence[str], at: int) -> int | None:
    """Return where the last piece ends, each looked for after the one before it."""
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return None
        # two words share the blank between them
        at += len(piece) - piece.endswith(" ")
    return at


def _backward(text: str, pieces: Sequence[str], end: int) -> int | None:
    """Return where the first piece begins, each looked for before the one after it."""
    for piece in reversed(pieces):
        end = text.rfind(piece, 0, end)
        if end < 0:
            return None
        end += piece.startswith(" ")
    return end


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Where the long form of an acronym may stand."""

    low: int
    high: int
    #: whether the acronym follows it
    leads: bool
    #: where the pair ends, if its long form does not end later
    end: int
    #: whether it is written as definitions are, so that an unknown long form is told by its letters
    plain: bool


def define(
    meanings: Meanings, field: str, text: str, start: int, end: int, *, unknown: bool
) -> Definition | None:
    """Return what the text says that the acronym from ``start`` to ``end`` stands for.

    Of several long forms an expected one is taken, then a rival one, then, only where ``unknown`` asks
    for it, one that the watch does not know. None where the text says nothing.
    """
    rival = other = None
    for stretch in _stretches(text, start, end):
        folded = fold(text[stretch.low : stretch.high])
        known = meanings.find(folded, leads=stretch.leads)
        place = known[1:] if known else None
        if known is None and unknown and stretch.plain and other is None:
            place = _aligned(text[start:end], folded, leads=stretch.leads)
        if place is None:
            continue
        _, low, high = folded.origin(*place)
        found = Definition(
            acronym=text[start:end],
            long_form=" ".join(folded.fields[0][low:high].split()),
            field=field,
            start=min(start, stretch.low + low),
            end=max(stretch.end, stretch.low + high),
            sense=known[0] if known else None,
        )
        if found.sense is Sense.CONFIRMED:
            return found
        if found.sense is None:
            other = found
        else:
            rival = rival or found
    return rival or other


def _stretches(text: str, start: int, end: int) -> Iterator[_Stretch]:
    """Yield where the long form of an acronym may stand, the most usual places first."""
    opened = _opened(text, start)
    if opened:
        yield from _around(text, start, end, opened)
    bracket = _THEN_BRACKET.match(text, end)
    closed = next(_closed(text, bracket.end()), None) if bracket else None
    if bracket and closed is not None:
        yield _Stretch(bracket.end(), closed, leads=False, end=closed + 1, plain=not bracket["words"])
    named = _named(text, start)
    if named is not None:
        yield _Stretch(_clause_start(text, named), named, leads=True, end=end, plain=True)
    short = _SHORT_FOR.match(text, end)
    if short:
        yield _Stretch(short.end(), _clause_end(text, short.end()), leads=False, end=end, plain=True)


def _named(text: str, start: int) -> int | None:
    """Return where ``known as`` or the like begins that leads up to an acronym."""
    low = max(0, start - _NAMED_REACH)
    before = text[low:start].rstrip(_TRIM).lower()
    rest, _, last = before.rpartition(" ")
    if not (rest if last in _ARTICLES else before).endswith(_NAMED_ENDS):
        # nearly always; the expression is slow
        return None
    found = _NAMED_AFTER.search(text, low, start)
    return found.start() if found else None


def _around(text: str, start: int, end: int, opened: list[int]) -> Iterator[_Stretch]:
    """Yield where a long form may stand before the brackets that hold an acronym, and in the inner one."""
    sentence = _clause_start(text, start)
    opened = [at for at in opened if at >= sentence]
    closing = _closed(text, end)
    for number, at in enumerate(reversed(opened[-_MOST_BRACKETS:]), start=1):
        closed = next(closing, None)
        if closed is None:
            return
        lead, tail = text[at + 1 : start].strip(_TRIM), text[end:closed].strip(_TRIM)
        if len(lead) <= _LEAD_LENGTH and len(lead.split()) <= _LEAD_WORDS:
            low = max(_clause_start(text, at), opened[-number - 1] + 1 if number < len(opened) else 0)
            plain = not lead and (not tail or tail[0] in _SEPARATORS)
            yield _Stretch(low, at, leads=True, end=closed + 1, plain=plain)
        if number == 1 and lead:
            yield _Stretch(at + 1, start, leads=True, end=end, plain=lead[-1] in _SEPARATORS)
        if number == 1 and tail:
            yield _Stretch(end, closed, leads=False, end=closed, plain=tail[0] in _SEPARATORS)


def _opened(text: str, at: int) -> list[int]:
    """Return the brackets that are open at a place, the inner one last."""
    opened: list[int] = []
    for bracket in _BRACKET.finditer(text, max(0, at - _REACH), at):
        if bracket[0] in _OPENING:
            opened.append(bracket.start())
        elif opened:
            opened.pop()
    return opened


def _closed(text: str, at: int) -> Iterator[int]:
    """Yield where the brackets that are open at a place are closed, the inner one first."""
    depth = 0
    for bracket in _BRACKET.finditer(text, at, at + _REACH):
        if bracket[0] in _OPENING:
            depth += 1
        elif depth:
            depth -= 1
        else:
            yield bracket.start()


def _clause_start(text: str, at: int) -> int:
    """Return where the sentence begins that goes on to a place, not too far from it."""
    low = max(0, at - _REACH)
    return max((stop.end() for stop in _STOP.finditer(text, low, at)), default=low)


def _clause_end(text: str, at: int) -> int:
    """Return where the clause ends that begins at a place, not too far from it."""
    high = at + _REACH
    ends = (_STOP.search(text, at, high), _BRACKET.search(text, at, high))
    return min((found.start() for found in ends if found), default=high)


def _aligned(acronym: str, folded: Folded, *, leads: bool) -> tuple[int, int] | None:
    """Return where the words stand in a folded text whose letters an acronym is made of.

    ``leads``: they end where the text does; otherwise they begin with its first or second word. Of
    several stretches the one with most letters at the beginnings of words, of equals the shortest.
    """
    letters, capitals = _letters(acronym)
    words = [match.span() for match in _WORD.finditer(folded.text)]
    most = min(len(letters) + 5, 2 * len(letters))
    if leads:
        choices = [words[-size:] for size in range(1, min(most, len(words)) + 1)]
    else:
        choices = [words[low : low + size] for size in range(1, most + 1) for low in (0, 1)]
    best: tuple[int, int] | None = None
    most_hits = 0
    for choice in filter(None, choices):
        first, after = choice[0][0], choice[-1][1]
        spelt = [folded.text[low:high] for low, high in choice]
        is_name = folded.fields[0][folded.origin(first, after)[1]].isupper()
        hits = _hits(letters, capitals, spelt, is_name=is_name)
        if hits > most_hits:
            best, most_hits = (first, after), hits
    return best


def _letters(acronym: str) -> tuple[str, str]:
    """Return the folded letters of an acronym, without the s of a plural, and those of its capitals."""
    name = acronym.replace(".", "")
    if name.endswith("s") and name[-2:-1].isupper():
        name = name[:-1]
    letters = fold(name).text.replace(" ", "")
    capitals = fold("".join(filter(str.isupper, name))).text.replace(" ", "")
    return letters, capitals or letters


def _hits(letters: str, capitals: str, words: Sequence[str], *, is_name: bool) -> int:
    """Return how many capitals of an acronym begin words that may be its long form; 0 where they may not.

    ``is_name``: the words begin with a capital, so that not every one has to count.
    """
    if not letters.startswith(words[0][0]) or letters in words:
        return 0
    rest = iter("".join(words))
    if not all(letter in rest for letter in letters):
        return 0
    if len(words) == 1:
        return int(is_name and len(words[0]) >= _LONG_WORD * len(letters))
    hits = (Counter(capitals) & Counter(word[0] for word in words)).total()
    return hits if hits == len(capitals) or (is_name and hits * 3 >= len(capitals) * 2) else 0
