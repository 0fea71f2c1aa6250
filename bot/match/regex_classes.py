r"""Classes and escapes of regular expressions: ``[^a-z]``, ``\d``, ``\p{Greek}``, ``\x{20AC}``.

Each is read into the set of characters it holds, or refused with what to write instead. Groups, places and
repetitions are read in ``bot.match.regex_syntax``. Pure.
"""

import re
from difflib import get_close_matches
from typing import Final

from bot.match.regex_sets import (
    END,
    POSIX_NAMES,
    Chars,
    any_case,
    in_perl,
    in_posix,
    in_unicode,
    one,
    others,
    union,
)

_CONTROLS: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: escapes that hold more than one character
_CLASS_LETTERS: Final = "dDpPsSwW"
_OCTAL: Final = re.compile(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})")
_HEX: Final = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})")
_PROPERTY: Final = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|([^{]))", re.DOTALL)
_JAVASCRIPT: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]+)\}|U([0-9A-Fa-f]{8}))")
#: what other engines have behind a backslash, and what stands for it here
_FOREIGN: Final = {
    "A": r"\A is a place between characters; it cannot stand inside [ ]",
    "B": r"\B is a place between characters; it cannot stand inside [ ]",
    "C": "write . for any character",
    "E": r"\E only ends what \Q begins",
    "G": r"write \A for the beginning of the text",
    "H": r"write [^\t\p{Zs}]",
    "K": "leave it out; the whole match is what counts",
    "N": r"write the character itself, or \x{…} with its number",
    "Q": r"\Q cannot stand inside [ ]",
    "R": r"write (?:\r\n|\n)",
    "X": r"write \PM\pM* for a letter with its marks",
    "Z": r"write \z for the end of the text",
    "b": r"\b is a place between characters; it cannot stand inside [ ]",
    "c": r"write \x01 to \x1F",
    "e": r"write \x1B",
    "h": r"write [\t\p{Zs}]",
    "z": r"\z is a place between characters; it cannot stand inside [ ]",
}
#: what categories are called elsewhere
_CATEGORIES: Final = {
    "alnum": "L", "alpha": "L", "alphabetic": "L", "letter": "L", "l&": "L", "lc": "L", "lower": "Ll",
    "lowercase": "Ll", "lowercaseletter": "Ll", "upper": "Lu", "uppercase": "Lu", "uppercaseletter": "Lu",
    "digit": "Nd", "decimalnumber": "Nd", "number": "N", "mark": "M", "punct": "P", "punctuation": "P",
    "symbol": "S", "currencysymbol": "Sc", "mathsymbol": "Sm", "emoji": "So", "separator": "Z", "space": "Zs",
    "whitespace": "Zs", "control": "Cc", "other": "C", "format": "Cf",
}  # fmt: skip


class RegexRefused(Exception):  # noqa: N818 - a refusal, like those of the watch language
    """A regular expression that cannot be used: what is wrong, where, and what to write instead."""

    def __init__(self, message: str, *, at: int, width: int = 1, hint: str = "") -> None:
        super().__init__(message)
        #: one line, no trailing stop
        self.message = message
        #: the 0-based character of the pattern that it stumbled over
        self.at = at
        #: how many characters it is about; at least 1
        self.width = width
        #: what to write instead; empty where nothing is near
        self.hint = hint


def escaped(pattern: str, at: int, *, folds: bool) -> tuple[Chars, int]:
    """Read what a backslash begins, outside or inside brackets.

    With ``folds`` letter case does not count. Returns the characters that it holds, and its width.
    Raises RegexRefused.
    """
    letter = pattern[at + 1 : at + 2]
    if letter and letter in "pP":
        chars, negated, width = _property(pattern, at)
    elif letter and letter in _CLASS_LETTERS:
        chars, negated, width = in_perl(letter.lower()), letter.isupper(), 2
    else:
        char, width = _character(pattern, at)
        return one(char), width
    return _signed(chars, negated=negated, folds=folds), width


def _signed(chars: Chars, *, negated: bool, folds: bool) -> Chars:
    """Return a class, or all that is in it in neither case."""
    if not negated:
        return chars
    return others(any_case(chars) if folds else chars)


def bracketed(pattern: str, at: int, *, folds: bool) -> tuple[Chars, int]:
    """Read what stands between ``[`` and ``]``; see ``escaped``."""
    negated = pattern.startswith("^", at + 1)
    place = first = at + 1 + negated
    sets: list[Chars] = []
    # right behind the bracket, ] is a character like any other
    while place == first or not pattern.startswith("]", place):
        if place >= len(pattern):
            hint = r"close it with ], or write \[ for the bracket itself"
            if len(sets) == 1 and pattern[first] == "]":
                hint = r"right behind [ the ] is a character; write [\]]"
            raise RegexRefused("the bracket [ is never closed", at=at, hint=hint)
        chars, width = _item(pattern, place, folds=folds)
        sets.append(chars)
        place += width
    width = place + 1 - at
    chars = union(*sets)
    chars = any_case(chars) if folds else chars
    chars = others(chars) if negated else chars
    if not chars:
        raise RegexRefused("this class holds no character at all", at=at, width=width)
    return chars, width


def _item(pattern: str, at: int, *, folds: bool) -> tuple[Chars, int]:
    """Read a class, a range or a character between brackets."""
    end = pattern.find(":]", at + 2)
    if pattern.startswith("[:", at) and end >= 0:
        name = pattern[at + 2 : end]
        chars = in_posix(name.removeprefix("^"))
        width = end + 2 - at
        if chars is None:
            raise RegexRefused(f"there is no class [:{name}:]", at=at, width=width, hint=_posix_hint(name))
        return _signed(chars, negated=name.startswith("^"), folds=folds), width
    if pattern[at] == "\\" and pattern[at + 1 : at + 2] in [*_CLASS_LETTERS]:
        return escaped(pattern, at, folds=folds)
    low, width = _character(pattern, at)
    end = at + width + 1
    # a hyphen before the closing bracket is a character like any other
    if not pattern.startswith("-", end - 1) or pattern[end : end + 1] in ("", "]"):
        return one(low), width
    if pattern[end] == "\\" and pattern[end + 1 : end + 2] in [*_CLASS_LETTERS]:
        hint = "write the - first or last: [-…]"
        raise RegexRefused("a range cannot end with a class", at=at, width=width + 3, hint=hint)
    high, more = _character(pattern, end)
    width += 1 + more
    if high < low:
        written = pattern[at : at + width]
        hint = rf"write {high}-{low}, or \- for the hyphen itself" if len(written) == 3 else ""
        raise RegexRefused(f"the range {written} runs backwards", at=at, width=width, hint=hint)
    return (ord(low), ord(high) + 1), width


def _posix_hint(name: str) -> str:
    near = get_close_matches(name.lower().removeprefix("^"), POSIX_NAMES, 1)
    return f"did you mean [:{near[0]}:]?" if near else f"there are {', '.join(sorted(POSIX_NAMES))}"


def _character(pattern: str, at: int) -> tuple[str, int]:
    """Read one character, written as itself or behind a backslash."""
    if pattern[at] != "\\":
        return pattern[at], 1
    letter = pattern[at + 1 : at + 2]
    if not letter:
        hint = r"write \\ for the backslash itself"
        raise RegexRefused("the pattern ends with a backslash", at=at, hint=hint)
    if letter in _CONTROLS:
        return _CONTROLS[letter], 2
    if found := _OCTAL.match(pattern, at):
        return chr(int(found[1], 8)), len(found[0])
    if found := _HEX.match(pattern, at):
        point = int(found[1] or found[2], 16)
        if point >= END:
            hint = r"the last character is \x{10FFFF}"
            raise RegexRefused("there is no such character", at=at, width=len(found[0]), hint=hint)
        return chr(point), len(found[0])
    if letter.isascii() and not letter.isalnum():
        return letter, 2
    raise _bad_escape(pattern, at, letter)


def _bad_escape(pattern: str, at: int, letter: str) -> RegexRefused:
    if letter in "123456789gk":
        message = f"back-references (\\{letter}) are not supported"
        return RegexRefused(message, at=at, width=2, hint="write out what may be repeated")
    if letter == "x":
        hint = r"write two hexadecimal digits, \xE4, or any number in braces, \x{20AC}"
        return RegexRefused(r"\x without its digits", at=at, width=2, hint=hint)
    if found := _JAVASCRIPT.match(pattern, at):
        hint = rf"write \x{{{found[1] or found[2] or found[3]}}}"
        return RegexRefused(rf"\{letter} is not known", at=at, width=len(found[0]), hint=hint)
    hint = _FOREIGN.get(
        letter, rf"write {letter} for the character itself, or \\{letter} for a backslash before it"
    )
    return RegexRefused(rf"\{letter} means nothing here", at=at, width=2, hint=hint)


def _property(pattern: str, at: int) -> tuple[Chars, bool, int]:
    r"""Read ``\pL``, ``\p{Greek}``, ``\P{Greek}`` or ``\p{^Greek}``: the class, its sign, its width."""
    found = _PROPERTY.match(pattern, at)
    if found is None:
        hint = r"write \p{L} for letters, \p{Lu} for capitals, \p{Greek} for a script"
        raise RegexRefused(rf"\{pattern[at + 1]} without a class", at=at, width=2, hint=hint)
    name = found[3] or found[2]
    chars = in_unicode(name) if re.fullmatch(r"[A-Za-z_]+", name) else None
    if chars is None:
        message = f"there is no class {found[0]}"
        raise RegexRefused(message, at=at, width=len(found[0]), hint=_property_hint(name))
    return chars, (pattern[at + 1] == "P") != (found[1] == "^"), len(found[0])


def _property_hint(name: str) -> str:
    plain = re.sub(r"^(?:is|in|script=|sc=|general_category=|gc=)", "", name, flags=re.IGNORECASE)
    candidates = (_CATEGORIES.get(plain.lower().replace("_", "").replace(" ", ""), ""), plain, plain.title())
    for candidate in candidates:
        if re.fullmatch(r"[A-Za-z_]+", candidate) and in_unicode(candidate) is not None:
            return rf"write \p{{{candidate}}}"
    return r"\p{L} holds letters, \p{Lu} capitals, \p{N} numbers, \p{P} signs; \p{Greek}, \p{Han} … scripts"
