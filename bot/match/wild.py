"""Words with letters left open: ``defen?e``, ``organi?ation*``.

The automaton finds the longest piece between two ``?``; whether the rest is there is read from the
word itself, letter by letter with the marks on it, so that ``?`` stands for one letter of the
original however folding writes it. Pure.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.match.fold import Folded, fold
from bot.match.fold_tables import IGNORABLE, is_spaceless

#: a longer word is not looked at
_LONGEST_WORD = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Openings:
    """A word with letters left open, as it is looked for."""

    #: what the automaton looks for, boundaries as spaces
    pattern: str
    left: int
    right: int
    #: the whole word folded, ``?`` where a letter is open
    letters: str
    #: how many folded characters stand before the piece that is looked for, each ``?`` as one
    before: int
    #: whether the word may go on
    open_end: bool
    #: whether it is written in a script without spaces, and so may begin and end within a run
    spaceless: bool


@lru_cache(maxsize=65_536)
def openings(text: str) -> Openings:
    """Return how a word with ``?`` is looked for; its pieces are of one script each."""
    stem = text.removesuffix("*")
    pieces = [fold(piece).text.strip() if piece else "" for piece in stem.split("?")]
    longest = max(range(len(pieces)), key=lambda number: len(pieces[number]))
    core = pieces[longest]
    spaceless = is_spaceless(core[0])
    at_start, at_end = longest == 0, longest == len(pieces) - 1
    left = int(at_start and not spaceless)
    right = int(at_end and stem == text and not spaceless)
    return Openings(
        pattern=" " * left + core + " " * right,
        left=left,
        right=right,
        letters="?".join(pieces),
        before=sum(len(piece) for piece in pieces[:longest]) + longest,
        open_end=stem != text,
        spaceless=spaceless,
    )


def place_of(wild: Openings, folded: Folded, first: int, after: int) -> tuple[int, int, int] | None:
    """Return where the word stands whose piece was found; None where it is another word.

    ``first`` and ``after`` bound the piece in the folded text. Returns field number, start and end in
    that field.
    """
    if wild.spaceless:
        first -= wild.before
        after = first + len(wild.letters)
        if first < 0 or not _shape(wild).fullmatch(folded.text, first, after):
            return None
        return folded.origin(first, after)
    first = folded.text.rfind(" ", 0, first + 1) + 1
    after = folded.text.find(" ", after - 1)
    if after - first > _LONGEST_WORD:
        return None
    number, start, end = folded.origin(first, after)
    if folded.ends is None and folded.text[first:after].isascii():
        fits = _shape(wild).fullmatch(folded.text, first, after) is not None
    else:
        fits = _fits(wild, folded.fields[number][start:end])
    return (number, start, end) if fits else None


@lru_cache(maxsize=65_536)
def _shape(wild: Openings) -> re.Pattern[str]:
    """Return the folded word as an expression, for text in which one letter is one character."""
    pieces = (re.escape(piece) for piece in wild.letters.split("?"))
    # digits are no letters
    return re.compile(r"[^\W\d_]".join(pieces) + (r"\S*" if wild.open_end else ""))


def _fits(wild: Openings, word: str) -> bool:
    """Compare a word of the original, letter by letter."""
    at = 0
    for letter in _letters(word):
        if at == len(wild.letters):
            return wild.open_end
        written = fold(letter).text.strip()
        if wild.letters[at] == "?":
            if not any(char.isalpha() for char in letter):
                return False
            at += 1
        elif wild.letters.startswith(written, at):
            at += len(written)
        else:
            # the beginning of a letter that unfolds into several, where the word may go on
            return wild.open_end and written.startswith(wild.letters[at:]) and "?" not in wild.letters[at:]
    return at == len(wild.letters)


def _letters(word: str) -> list[str]:
    """Return the letters of a word, each with the marks on it; what is ignorable is left out."""
    letters: list[str] = []
    for char in word:
        if char in IGNORABLE:
            continue
        if letters and unicodedata.category(char)[0] == "M":
            letters[-1] += char
        else:
            letters.append(char)
    return letters
