"""Put an extracted text into its final form, and take a text out of a tree without any library.

The last step of ``article.extract``, and its last resort: linear in the size of the page.
"""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from bot.parse import clean, dates

_WORD = re.compile(r"\w+")
_RULE = re.compile(r"\|?[\s|:-]*-{3}[\s|:-]*\|?")
_PROSE_CHARS = 40
#: A line before the first sentence that is this short may be a date line.
_DATE_LINE = 80
_HEAD_LINES = 4
#: What stands before a byline's names.
_WRITTEN_BY = frozenset(
    {"by", "von", "par", "por", "di", "da", "av", "af", "door", "od", "text", "words", "文"}
)
_RIGHTS_LINE = 200
#: How pages claim their rights, in the words of their footers.
_RIGHTS = re.compile(
    r"[\W_]*(?:\u00a9|\(c\)\s|copyright\b|all rights reserved|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados|tutti i diritti riservati|無断転載|版权所有|저작권)",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Return the words of a text in lower case, one blank between them: for comparing headlines."""
    return " ".join(_WORD.findall(text.casefold()))


def tidied(lines: str, *, title: str, authors: Sequence[str] = ()) -> str:
    """Return extracted lines as cleaned paragraphs split by a blank line, without what frames the text.

    That is title, byline and date on top, and the notice of rights at the end.

    Items of a list and rows of a table stay together.
    """
    kept = [line for line in map(_line, lines.split("\n")) if line]
    kept = _without_top(kept, title, authors)
    while kept and len(kept[-1]) <= _RIGHTS_LINE and _RIGHTS.match(kept[-1]) is not None:
        kept.pop()
    parts: list[str] = []
    for line in kept:
        together = bool(parts) and line[:2] in ("- ", "| ") and parts[-1].rpartition("\n")[2][:2] == line[:2]
        if together:
            parts[-1] += "\n" + line
        else:
            parts.append(line)
    return clean.clean("\n\n".join(parts))[: clean.MAX_TEXT].rstrip()


def _line(line: str) -> str:
    line = " ".join(line.split())
    # "|---|---|" is how a table's head is underlined, and says nothing.
    return "" if line.startswith("|") and _RULE.fullmatch(line) else line


def _without_top(lines: list[str], title: str, authors: Sequence[str]) -> list[str]:
    """Drop what repeats the headline, or only names the authors or dates the article, of the first lines."""
    wanted = folded(title)
    people = _WRITTEN_BY.union(*(folded(author).split() for author in authors))
    result: list[str] = []
    for place, line in enumerate(lines):
        if place < _HEAD_LINES and len(line) <= max(_DATE_LINE, 2 * len(title)):
            if wanted and folded(line) == wanted:
                continue
            if people.issuperset(folded(line).split()):
                continue
            if len(line) <= _DATE_LINE and dates.parse(line) is not None:
                continue
        result.append(line)
    return result


def fallback(root: HtmlElement) -> str:
    """Return the text of the element whose paragraphs say most, or of the whole body.

    Linear: counts each paragraph for its parent and, by half, for its grandparent.
    """
    body = root.find("body")
    best, most = body, 0.0
    weights: dict[HtmlElement, float] = {}
    for paragraph in root.iter("p", "pre", "blockquote"):
        length = len("".join(paragraph.itertext()).strip()) if len(paragraph) < 200 else 0
        holder = paragraph.getparent()
        share = 1.0
        while length > _PROSE_CHARS and holder is not None and share >= 0.5:
            weights[holder] = weights.get(holder, 0.0) + length * share
            if weights[holder] > most:
                best, most = holder, weights[holder]
            holder, share = holder.getparent(), share / 2
    return "" if best is None else clean.tree_text(best)
