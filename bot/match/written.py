"""One term as it is written: a word, a beginning, a phrase, exact case, a regular expression.

Says what is wrong with a single term, at its character; how terms are joined is read in
``bot.match.query``. Pure.

Source: "Grammar" in the watch language.
"""

import re
import unicodedata
from typing import Final

from bot.match.fold import fold
from bot.match.fold_tables import is_spaceless
from bot.match.regex import MOST_CHARACTERS as MOST_REGEX_CHARACTERS
from bot.match.regex import RegexRefused, compiled
from bot.match.syntax import Refusal
from bot.match.tree import DELIMITERS, FOREIGN_SIGNS, Exact, Phrase, Prefix, Regex, Term, Wild, Word

_PREFIX_LETTERS: Final = 3


def read_word(text: str, at: int) -> Term:
    """Read a bare word: a whole word, the beginning of one, or one with letters left open."""
    for sign, place in ((text[0], at), (text[-1], at + len(text) - 1)):
        if sign in ",;":
            raise Refusal(f'a "{sign}" does not separate terms', place, hint="write OR or AND between them")
    for place, char in enumerate(text, start=at):
        if (meant := FOREIGN_SIGNS.get(char)) is not None:
            raise Refusal(
                f'"{char}" is no sign of the language', place, hint=f"write {meant}, or leave it out"
            )
    if "?" in text:
        return _wild(text, at)
    if "*" in text:
        return _prefix(text, at)
    _require_letters(text, at)
    return Word(text)


def read_quoted(inner: str, at: int, *, where: str = "quotes") -> Term:
    """Read what stands between quotation marks, or a phrase without them."""
    if "?" in inner:
        hint = 'write it as a word of its own: defen?e ONEAR/1 "…", or the spellings with OR'
        raise Refusal(f"the wildcard ? means nothing inside {where}", at + inner.index("?"), hint=hint)
    words = inner.split()
    if "*" in inner.strip():
        return _open_phrase(inner, at)
    _require_letters(inner, at)
    return Word(words[0]) if len(words) == 1 else Phrase(" ".join(words))


def read_exact(inner: str, at: int) -> Exact:
    """Read what stands between braces."""
    found = re.search(r"[*?]", inner)
    if found:
        hint = "leave it out, or write the word with its wildcard as a term of its own"
        raise Refusal(f"the wildcard {found[0]} means nothing inside braces", at + found.start(), hint=hint)
    _require_letters(inner, at)
    return Exact(" ".join(inner.split()))


def read_regex(token: str, at: int) -> Regex:
    """Read a whole ``re:/…/``."""
    start = len("re:/")
    written = token[start:-1]
    pattern = re.sub(r"\\(.)", lambda found: "/" if found[1] == "/" else found[0], written, flags=re.DOTALL)
    if len(pattern) > MOST_REGEX_CHARACTERS:
        message = f"the regular expression is longer than {MOST_REGEX_CHARACTERS:,} characters"
        raise Refusal(message, at + start + MOST_REGEX_CHARACTERS)
    try:
        compiled(pattern)
    except RegexRefused as refused:
        place = at + start + refused.at + _escapes_before(written, refused.at)
        raise Refusal(refused.message, place, width=refused.width, hint=refused.hint) from None
    return Regex(pattern)


def _escapes_before(written: str, at: int) -> int:
    """Return how many backslashes before slashes stand before a place of the pattern."""
    escaped = seen = 0
    for found in re.finditer(r"\\.|.", written, re.DOTALL):
        if seen >= at:
            break
        is_slash = found[0] == r"\/"
        escaped += is_slash
        seen += 1 if is_slash else len(found[0])
    return escaped


def _prefix(text: str, at: int) -> Prefix:
    star = text.index("*")
    if star == 0:
        raise _leading(at, "*")
    if star < len(text) - 1:
        raise Refusal("the wildcard * stands only at the end of a word", at + star)
    _require_stem(text[:-1], at)
    return Prefix(text[:-1])


def _leading(at: int, sign: str) -> Refusal:
    hint = f"the * comes after {_PREFIX_LETTERS} letters or more, the ? within a word"
    return Refusal("a word cannot begin with a wildcard", at, hint=hint if sign == "*" else "")


def _require_stem(stem: str, at: int) -> None:
    """Refuse what is too short, or no letter, before a ``*``; ``stem`` begins at ``at``."""
    if len(fold(stem).text.replace(" ", "")) < _PREFIX_LETTERS:
        hint = f"write {_PREFIX_LETTERS} letters or more before it, or the words themselves with OR"
        raise Refusal("too few letters before the wildcard *", at + len(stem), hint=hint)
    if unicodedata.category(stem[-1])[0] not in "LNM":
        raise Refusal("the wildcard * stands directly after a letter", at + len(stem))


def _open_phrase(inner: str, at: int) -> Prefix:
    """Read a phrase whose last word goes on after a ``*``."""
    star = inner.index("*")
    if inner[star + 1 :].strip():
        hint = "put the words in order with ONEAR: satellit* ONEAR/1 launch"
        raise Refusal("the wildcard * stands only at the end of a phrase", at + star, hint=hint)
    words = inner[:star].split()
    if not words or inner[star - 1 : star].isspace():
        raise Refusal("the wildcard * stands directly after a letter", at + star)
    _require_stem(words[-1], at + star - len(words[-1]))
    return Prefix(" ".join(words))


def _wild(text: str, at: int) -> Wild:
    """Read a word with ``?`` in it; a ``*`` may stand at its end."""
    if text[0] in "?*":
        raise _leading(at, text[0])
    stem = text.removesuffix("*")
    if "*" in stem:
        raise Refusal("the wildcard * stands only at the end of a word", at + stem.index("*"))
    for place, char in enumerate(stem):
        if char != "?" and unicodedata.category(char)[0] not in "LNM":
            hint = "write the spellings with OR"
            raise Refusal(
                f'a word with ? is made of letters and digits, not of "{char}"', at + place, hint=hint
            )
    pieces = [fold(piece).text.split() for piece in stem.split("?") if piece]
    if any(len(piece) != 1 for piece in pieces) or len({is_spaceless(piece[0][0]) for piece in pieces}) > 1:
        raise Refusal("a word with ? is written in one script", at, width=len(text))
    if stem != text and len(stem) < _PREFIX_LETTERS:
        hint = f"write {_PREFIX_LETTERS} letters or more before it"
        raise Refusal("too few letters before the wildcard *", at + len(stem), hint=hint)
    return Wild(text)


def _require_letters(text: str, at: int) -> None:
    # most terms have a plain letter; only folding knows about the rest
    plainly = any(unicodedata.category(char) in {"Lu", "Ll", "Nd"} for char in text)
    if not plainly and not fold(text).text.strip():
        hint = "between terms write AND, OR or NOT" if re.fullmatch(rf"[^{DELIMITERS}]+", text) else ""
        raise Refusal("a term needs a letter or a digit", at, width=max(1, len(text)), hint=hint)
