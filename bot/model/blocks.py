"""The blocks of a text: its paragraphs, and the keys by which a site's own are known.

A block that three or more articles of one site share belongs to the site: a "related stories" box, a notice,
a line about the author. What tells one from another is folded, so that case, spacing and signs do not
hide that they are the same, nor does the number in a short one: "12 comments".
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

#: Blocks that are looked at: a longer text has its furniture at its beginning, too.
_MOST_BLOCKS = 1_000
#: In a longer block numbers are what it says.
_SHORT = 60
_BREAK = re.compile(r"\n[ \t]*\n\s*")
_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each of a text's paragraphs stands: (start, end), half-open, without blanks at its ends."""
    start = 0
    for number, found in enumerate(_BREAK.finditer(text)):
        if number >= _MOST_BLOCKS - 1:
            return
        if found.start() > start:
            yield start, found.start()
        start = found.end()
    if start < len(text):
        yield start, len(text)


def block_keys(site: str, text: str) -> list[tuple[tuple[int, int], int]]:
    """Return each block with its key: a number of 63 bits, the same for the same block of the same site.

    Blocks without a letter or digit have none.
    """
    found = []
    for start, end in blocks(text):
        folded = _folded(text[start:end])
        if folded:
            found.append(((start, end), _key(site, folded)))
    return found


def masked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text of the same length in which these spans, in order and apart, are blank lines."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], "\n" * (end - start)]
        at = end
    return "".join((*parts, text[at:]))


def _folded(block: str) -> str:
    folded = _SIGNS.sub(" ", unicodedata.normalize("NFKC", block).casefold()).strip()
    return _DIGITS.sub("0", folded) if len(folded) <= _SHORT else folded


def _key(site: str, folded: str) -> int:
    digest = hashlib.blake2b(f"{site}\0{folded}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
