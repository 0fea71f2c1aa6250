"""Terms: the forms in which one can stand in a folded text, and the look at the original that decides.

A form is a pattern for the automaton, boundaries written as spaces, with what folding lost and the
original has to show: what stands between the words of a phrase, symbols, letter case, the dots of an
acronym. A form with nothing to show is decided by its pattern alone. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Final

from bot.match.fold import Folded, fold
from bot.match.fold_tables import IGNORABLE, PLAIN, is_spaceless
from bot.match.tree import Exact, Prefix, Term, Wild
from bot.match.wild import Openings, openings, place_of

#: field number in the folded text, start, end (in that field, half-open), found only because all is capitals
Place = tuple[int, int, int, bool]

TITLE: Final = 0
#: more acronyms than this in a phrase are dotted all together or not at all
_MOST_DOTTED: Final = 2
#: capitals beside the word itself that make a title one of capitals
_PROOF_OF_CAPITALS: Final = 4
#: small letters that stand in lines of capitals: ß, which had no capital, and those of 2ª and Nº
_SMALL_AMONG_CAPITALS: Final = "ßªº"
_BLANKS: Final = re.compile(r"[\s\-]+")
_IGNORED: Final = str.maketrans(dict.fromkeys(IGNORABLE, ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One way in which a term can stand in a folded text."""

    #: what the automaton looks for
    pattern: str
    #: how many characters at the pattern's ends are boundaries
    left: int
    right: int
    #: what may stand between its words on the original, each as ``plain`` gives it
    gaps: tuple[frozenset[str], ...] = ()
    #: symbols that belong to the term and stand directly before and after its letters
    before: str = ""
    after: str = ""
    #: the term without blanks, where letter case and diacritics count
    exact: str | None = None
    #: whether its first and last word are acronyms written with dots
    dots_first: bool = False
    dots_last: bool = False
    #: whether the word goes on after the pattern
    open_end: bool = False
    #: letters that are left open
    wild: Openings | None = None
    #: whether the pattern alone says that the term is there
    decided: bool = True


def plain(text: str) -> str:
    """Return text as one types it: width folded, dashes and quotes plain, blanks and hyphens one space."""
    # before, too: an acute accent that stands for an apostrophe would come apart
    typed = unicodedata.normalize("NFKC", text.translate(_IGNORED).translate(PLAIN)).translate(PLAIN)
    return _BLANKS.sub(" ", typed)


@lru_cache(maxsize=524_288)
def forms(term: Term) -> tuple[Form, ...]:
    """Return the forms in which a term can be found; at least one.

    The first is the term as it is written; acronyms of two to four capitals add their dotted form.
    """
    if isinstance(term, Wild):
        wild = openings(term.text)
        return (Form(pattern=wild.pattern, left=wild.left, right=wild.right, wild=wild, decided=False),)
    text = term.text
    folded = fold(text)
    words = folded.text.split()
    cuts = [match.start() for match in re.finditer(r"(?<=\S) (?=\S)", folded.text)]
    sides = [1, *(side for cut in cuts for side in (cut, cut + 1)), len(folded.text) - 1]
    places = [folded.origin(sides[at], sides[at + 1])[1:] for at in range(0, len(sides), 2)]
    written = [text[start:end] for start, end in places]
    form = Form(
        pattern="",
        left=0,
        right=0,
        gaps=tuple(frozenset({_between(folded.gap(cut))}) for cut in cuts),
        before=plain(text[: places[0][0]]).strip(),
        after=plain(text[places[-1][1] :]).strip(),
        exact=_letters(text) if isinstance(term, Exact) else None,
        open_end=isinstance(term, Prefix),
    )
    return tuple(_dotted(form, words, dots) for dots in _dottings(form, words, written))


def _between(text: str) -> str:
    # where only the script changes, a blank between the two means nothing
    return plain(text) or " "


def _letters(text: str) -> str:
    return plain(text).replace(" ", "").strip()


def _dottings(form: Form, words: list[str], written: list[str]) -> Iterator[tuple[bool, ...]]:
    """Yield which words are written with dots, in each way that counts; first none."""
    able = [
        _is_acronym(original) and len(word) == len(original)
        for word, original in zip(words, written, strict=True)
    ]
    if form.open_end or (able[-1] and form.after) or (able[0] and form.before):
        able = [False] * len(able)
    if sum(able) <= _MOST_DOTTED:
        yield from product(*((False, True) if dots else (False,) for dots in able))
    else:
        yield (False,) * len(able)
        yield tuple(able)


def _is_acronym(word: str) -> bool:
    return 2 <= len(word) <= 4 and word.isalpha() and word.isupper()


def _dotted(form: Form, words: list[str], dots: tuple[bool, ...]) -> Form:
    """Return the form with these words written as letters and dots."""
    pieces: list[str] = []
    gaps: list[frozenset[str]] = []
    for number, (word, is_dotted) in enumerate(zip(words, dots, strict=True)):
        pieces.extend(word if is_dotted else [word])
        gaps.extend([frozenset({"."})] * (len(word) - 1) if is_dotted else [])
        if number < len(form.gaps):
            gap = form.gaps[number]
            gaps.append(gap | {f".{one}" for one in gap} if is_dotted else gap)
    core = " ".join(pieces)
    left = 0 if is_spaceless(core[0]) else 1
    right = 0 if form.open_end or is_spaceless(core[-1]) else 1
    return replace(
        form,
        pattern=" " * left + core + " " * right,
        left=left,
        right=right,
        gaps=tuple(gaps),
        dots_first=dots[0],
        dots_last=dots[-1],
        decided=not (gaps or form.before or form.after or form.exact is not None),
    )


def place(form: Form, folded: Folded, low: int, high: int) -> Place | None:
    """Look at the original where the pattern was found.

    Takes the pattern's place in the folded text. Returns where the term stands in its field, or None
    where the original says that it is not the term.
    """
    first, after_last = low + form.left, high - form.right
    if form.wild is not None:
        found = place_of(form.wild, folded, first, after_last)
        return None if found is None else (*found, False)
    if form.gaps and not _gaps_hold(form, folded, first, after_last):
        return None
    if form.open_end and not is_spaceless(folded.text[after_last - 1]):
        after_last = folded.text.index(" ", after_last)
    number, start, end = folded.origin(first, after_last)
    if form.decided:
        return number, start, end, False
    field = folded.fields[number]
    bounds = _with_symbols(form, field, start, end)
    if bounds is None:
        return None
    start, end = bounds
    if form.exact is None or _same_letters(form, field[start:end]):
        return number, start, end, False
    if number == TITLE and _all_capitals(field, start, end):
        return number, start, end, True
    return None


def _gaps_hold(form: Form, folded: Folded, first: int, after_last: int) -> bool:
    """Tell whether what stands between the words is what may stand there."""
    text, cut = folded.text, first
    for allowed in form.gaps:
        cut = text.index(" ", cut + 1, after_last)
        gap = folded.gap(cut)
        if gap not in allowed and _between(gap) not in allowed:
            return False
    return True


def _with_symbols(form: Form, field: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the bounds of the term with its symbols and dots, or None where they are missing."""
    if form.before:
        low = _walk(field, start - 1, -1, form.before[::-1])
        if low is None:
            return None
        start = low + 1
    if form.after:
        high = _walk(field, end, 1, form.after)
        if high is None:
            return None
        end = high
    if form.dots_first and _is_dot(field, start - 1) and field[: start - 1][-1:].isalnum():
        # the end of a longer acronym
        return None
    if form.dots_last and _is_dot(field, end):
        end += 1
        if field[end : end + 1].isalnum() and _is_dot(field, end + 1):
            return None
    return start, end


def _walk(field: str, at: int, step: int, symbols: str) -> int | None:
    """Walk over symbols from ``at``; return where they end, or None where others stand there."""
    for symbol in symbols:
        if symbol == " ":
            while 0 <= at < len(field) and _plain_at(field, at).isspace():
                at += step
            continue
        while 0 <= at < len(field) and field[at] in IGNORABLE:
            at += step
        if not 0 <= at < len(field) or _plain_at(field, at) != symbol:
            return None
        at += step
    if 0 <= at < len(field) and _plain_at(field, at) == symbols[-1]:
        # C+ is not in C++
        return None
    return at


def _is_dot(field: str, at: int) -> bool:
    return 0 <= at < len(field) and _plain_at(field, at) == "."


def _plain_at(field: str, at: int) -> str:
    return plain(field[at])


def _same_letters(form: Form, found: str) -> bool:
    letters = _letters(found)
    if form.dots_first or form.dots_last or any("." in gap for gap in form.gaps):
        return letters.replace(".", "") == (form.exact or "").replace(".", "")
    return letters == form.exact


def _all_capitals(title: str, start: int, end: int) -> bool:
    """Tell whether a title is all capitals, so that the capitals of one word in it say nothing.

    The word itself proves nothing, nor does a Latin acronym in a title of a script without case.
    """
    others = sum(char.isupper() for char in title[:start] + title[end:])
    return others >= _PROOF_OF_CAPITALS and all(
        char.isupper() or char in _SMALL_AMONG_CAPITALS or unicodedata.category(char) == "Lm"
        for char in title
        if char.isalpha()
    )
