r"""Regular expressions as slowly and plainly as it can be said, on Python's own engine.

Before every character, and at the end, stands a mark that says whether a word begins or ends there. So ``\b`` is
"the next mark says so", and a character is "any mark, then the character".
"""

import re
import unicodedata

from bot.match.fold_tables import IGNORABLE, is_spaceless

END_OF_WORD, INSIDE = "\ue000", "\ue001"
MARK = f"[{END_OF_WORD}{INSIDE}]"
PLACES = {
    r"\b": f"(?={END_OF_WORD})",
    r"\B": f"(?={INSIDE})",
    r"\A": r"\A",
    "^": r"\A",
    r"\z": rf"(?={MARK}\Z)",
    "$": rf"(?={MARK}\Z)",
    "(?m:^)": r"(?:\A|(?<=\n))",
    "(?m:$)": rf"(?={MARK}(?:\n|\Z))",
}


def is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"


def is_word_character(char: str) -> bool:
    return is_letter(char) or is_mark(char) or char == "_"


def word_ends(text: str) -> list[bool]:
    """Tell of every place, the two ends included, whether a word begins or ends there."""
    clusters: list[str] = []
    for char in text:
        if char in IGNORABLE:
            continue
        if is_mark(char) and clusters and is_letter(clusters[-1][0]):
            clusters[-1] += char
        else:
            clusters.append(char)
    kinds = [
        ("spaceless" if is_spaceless(cluster[0]) else "letter") if is_letter(cluster[0]) else "other"
        for cluster in clusters
    ]
    around = ["other", *kinds, "other"]
    ends: list[bool] = []
    for left, right, cluster in zip(around, around[1:], [*clusters, "\n"], strict=False):
        ends += [left != right or left == "spaceless"] + [False] * (len(cluster) - 1)
    seen = 0
    places = [ends[0]]
    for char in text:
        seen += char not in IGNORABLE
        places.append(ends[seen])
    return places


def find(pattern: str, text: str) -> list[tuple[int, int]]:
    """Find a pattern that is written on marks; see ``one_of`` and ``PLACES``."""
    marks = [END_OF_WORD if ends else INSIDE for ends in word_ends(text)]
    shadow = "".join(mark + char for mark, char in zip(marks, text, strict=False)) + marks[-1]
    compiled = re.compile(pattern)
    found: list[tuple[int, int]] = []
    at = 0
    while at <= len(shadow) and (match := compiled.search(shadow, at)):
        start, end = match.span()
        if start < end:
            found.append((start // 2, end // 2))
            at = end
        else:
            at = (start // 2 + 1) * 2
    return found


def one_of(chars: list[str]) -> str:
    """Write one of some characters on marks."""
    return rf"(?:{MARK}[{re.escape(''.join(chars))}])" if chars else "(?!)"
