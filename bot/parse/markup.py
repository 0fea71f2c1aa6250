"""Read HTML written as a string: its text, with marks where a paragraph, a line or a cell ends.

Part of ``clean``, which turns the marks into blank lines. A scanner, not a tree: a feed holds a hundred small
documents, and building a tree of each costs four times as much. Linear in the text's length, whatever it is.

Source: the tokenization of the HTML Standard (13.2.5), as far as it decides what is text.
"""

import html
import re
from functools import lru_cache

#: What a tag leaves behind: marks that no cleaned text holds.
PARAGRAPH, LINE, HARD = "\x1d", "\x1e", "\x1c"
_BLOCKS = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody"
    " tfoot thead title tr ul"
)
_INLINE = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small source"
    " span strike strong sub sup time track tt u var wbr"
)
#: Elements whose text nobody reads.
_UNREAD = "head iframe math noscript object script select style svg template"
MARKS = {
    f"{slash}{name}": mark
    for names, mark in (
        (_BLOCKS, PARAGRAPH),
        (_INLINE, ""),
        (_UNREAD, HARD),
        ("br", LINE),
        ("td th option img video audio", " "),
    )
    for name in names.split()
    for slash in ("", "/")
}
_KNOWN = "|".join(sorted({name.lstrip("/") for name in MARKS}, key=len, reverse=True))

#: Nearly every tag: nothing in it needs a second look.
_TAG = re.compile(r"<(/?[A-Za-z][^\s<>/]*)[^<>]*>")
#: Every tag as browsers see it, and what stands in angle brackets besides. Each branch runs to the end of the
#: text where its own end is missing, so that nothing is read twice.
_CAREFUL_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|<(?:{_UNREAD.replace(' ', '|')})(?![\w:.-])[^<>]*/>"
    r"|<script(?![\w:.-]).*?(?:</script[^>]*+>?|\Z)"
    r"|<style(?![\w:.-]).*?(?:</style[^>]*+>?|\Z)"
    r"|<(/?[A-Za-z][^\s/>]*+)(?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)"
    r"|<[!?/][^>]*+(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
#: A tag that the end of the text cuts: of HTML, for "x <y" is a text.
_CUT_TAG = re.compile(rf"</?(?:{_KNOWN})(?:[\s/][^<]*)?\Z", re.IGNORECASE)
_CDATA = "<![CDATA["
#: Markup that a short text means as markup: it closes a tag, or needs no closing.
_MEANT = re.compile(
    r"</(?:a|abbr|b|big|cite|code|del|div|em|font|h[1-6]|i|ins|kbd|li|mark|p|q|s|script|small|span|strike|strong"
    r"|style|sub|sup|tt|u|ul)\s*>|<(?:br|hr|img|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
#: Figures without end make no character, and Python refuses to read them.
_REFERENCE = re.compile(
    r"&(?:#[0-9]{1,12}(?![0-9]);?|#[xX][0-9a-fA-F]{1,12}(?![0-9a-fA-F]);?|[A-Za-z][A-Za-z0-9]{1,31};?)"
)


def is_meant(text: str) -> bool:
    """Tell whether a text that may be plain holds markup that its author meant as such."""
    return _MEANT.search(text) is not None


def unwrapped(text: str) -> str:
    """Return the text without the CDATA section that a publisher wrapped around it once more than needed."""
    place = text.find(_CDATA, 0, 100)
    if place < 0 or text[:place].strip():
        return text
    return text[place + len(_CDATA) :].replace("]]>", "", 1)


def marked(markup: str) -> str:
    """Return the text of HTML with the marks that its tags leave; entities are resolved."""
    markup = unwrapped(markup)
    if ">" not in markup:
        return resolved(_CUT_TAG.sub("", markup))
    parts = _TAG.split(markup)
    marks = list(map(MARKS.get, parts[1::2]))
    if None in marks:
        marks = [MARKS.get(name.lower(), "") for name in parts[1::2]]
    parts[1::2] = marks
    text = "".join(parts)
    # Left over: a comment, a tag cut short, or one with a bracket between quotes.
    if "<" in text or HARD in text or (">" in text and ('"' in text or "'" in text)):
        text = _carefully(markup)
    return resolved(text)


def resolved(text: str) -> str:
    """Return the text with its character references as characters; unknown ones stay as written."""
    return _REFERENCE.sub(lambda found: _character(found[0]), text) if "&" in text else text


# Of the thousands that exist a feed uses a dozen, again and again.
_character = lru_cache(maxsize=4096)(html.unescape)


def _carefully(markup: str) -> str:
    parts = _CAREFUL_TAG.split(markup)
    names = [(name or "").lower() for name in parts[1::2]]
    marks = [MARKS.get(name, "") for name in names]
    if HARD in marks:
        _leave_out(parts, names, marks)
    parts[1::2] = marks
    return "".join(parts)


def _leave_out(parts: list[str], names: list[str], marks: list[str]) -> None:
    """Empty what stands between the tags of an element that nobody reads; one never closed hides nothing."""
    last_end = {name: place for place, name in enumerate(names) if name[:1] == "/"}
    until = ""
    for place, name in enumerate(names):
        if until:
            marks[place] = ""
            until = "" if name == until else until
        elif marks[place] is HARD:
            marks[place] = ""
            until = f"/{name}" if last_end.get(f"/{name}", -1) > place else ""
        if until:
            parts[2 * place + 2] = ""
