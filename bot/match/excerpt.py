"""The excerpt of a mention: the stretch of the article that shows best why it is one.

At most 300 characters, cut at sentence or word ends, with the places of the terms in it. One
``Excerpter`` serves all mentions of an article. Pure.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from bot.model import Article, Span

LONGEST: Final = 300
#: what stands where an excerpt begins or ends inside a sentence
BEFORE: Final = "… "
AFTER: Final = "…"
#: how many characters fit between the two
_ROOM: Final = LONGEST - len(BEFORE) - len(AFTER)
#: how far before a span an excerpt begins that cannot begin with its sentence
_LEAD: Final = 80
#: where no blank is found within this many characters, the script has none
_LONG_WORD: Final = 40
#: spans that an excerpt may begin with
_MOST_TRIED: Final = 40
#: spans that are counted and marked
_MOST_SPANS: Final = 200
#: the end of a sentence or line; a full stop after a single letter (an initial, U.S.) ends none
_SENTENCE_END: Final = re.compile(
    r"[.!?…。！？｡؟۔।\n](?:(?<=[。！？｡])[」』）”]*|(?<=[؟۔।\n])|(?<!\W\w\.)[\"'”’»)\]]*(?=\s))"
)
_BLANKS: Final = re.compile(r"\s+")
_Marks = tuple[tuple[int, int], ...]


class Excerpter:
    """Makes the excerpts of one article."""

    def __init__(self, article: Article) -> None:
        self._title = _Field(article.title)
        self._text = _Field(article.text)
        self._made: dict[tuple[tuple[int, int, str], ...], tuple[str, _Marks]] = {}

    def make(self, spans: Sequence[Span]) -> tuple[str, _Marks]:
        """Return the excerpt for these spans, and the places in it where they stand, in order and apart.

        The text is preferred. Where only the title holds spans, the excerpt is the beginning of the
        text, without marks, or the title where there is no text.
        """
        field, wanted = self._text, spans
        if len(spans) != 1 or spans[0].field != "body":
            wanted = [span for span in spans if span.field == "body"][:_MOST_SPANS]
        if not wanted and self._text.is_blank:
            field, wanted = self._title, list(spans[:_MOST_SPANS])
        key = tuple([(span.start, span.end, span.term) for span in wanted])
        made = self._made.get(key)
        if made is None:
            start = field.best_start(wanted) if wanted else 0
            made = self._made[key] = field.cut(start, wanted)
        return made


class _Field:
    """A title or text that excerpts are cut from."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._length = len(text.rstrip())

    @property
    def is_blank(self) -> bool:
        return self._length == 0

    @cached_property
    def _sentences(self) -> list[int]:
        """Where sentences end and the next begin, blanks included."""
        return [0, *[match.end() for match in _SENTENCE_END.finditer(self._text)]]

    def best_start(self, spans: Sequence[Span]) -> int:
        """Return where an excerpt begins that holds the most different terms; of equals the first."""
        if self._length <= LONGEST:
            return 0
        if len(spans) == 1:
            return self._start_for(spans[0])
        best, most = spans[0].start, 0
        for start in dict.fromkeys(self._start_for(span) for span in spans[:_MOST_TRIED]):
            found = {span.term for span in spans if span.start >= start and span.end <= start + _ROOM}
            if len(found) > most:
                best, most = start, len(found)
        return best

    def _start_for(self, span: Span) -> int:
        """Return where the excerpt begins that shows this span: its sentence, or a word shortly before it."""
        sentence = self._sentences[bisect_right(self._sentences, span.start) - 1]
        text = self._text
        while text[sentence].isspace():
            sentence += 1
        if span.end - sentence <= _ROOM:
            return sentence
        start = max(sentence, span.start - max(0, min(_LEAD, _ROOM - (span.end - span.start))))
        blank = _BLANKS.search(text, start, min(span.start, start + _LONG_WORD))
        return blank.end() if blank else _whole(text, start)

    def cut(self, start: int, spans: Sequence[Span]) -> tuple[str, _Marks]:
        """Cut from ``start`` as much as fits, to the end of a sentence or a word."""
        text, length = self._text, self._length
        while start < length and text[start].isspace():
            start += 1
        ends = self._sentences
        sentence = ends[bisect_right(ends, start) - 1]
        lead = BEFORE if sentence < start and not text[sentence:start].isspace() else ""
        end, tail = length, ""
        if length - start + len(lead) > LONGEST:
            limit = start + LONGEST - len(lead) - len(AFTER)
            least = start
            for span in spans:
                if span.start >= start and least < span.end <= limit:
                    least = span.end
            end, tail = self._end(start, least, limit)
        places = [(span.start, min(span.end, end)) for span in spans if start <= span.start < end]
        return _assembled(text, start, end, places, lead, tail)

    def _end(self, start: int, least: int, limit: int) -> tuple[int, str]:
        """Return where an excerpt ends between two places, and what shows that it is cut."""
        text = self._text
        ends = self._sentences
        sentence = ends[bisect_right(ends, limit) - 1]
        if sentence > start and sentence >= least:
            return _without_blanks(text, start, sentence), ""
        end = limit
        rest = text[max(least, start, limit - _LONG_WORD) : limit]
        if not text[limit].isspace() and not rest[-1:].isspace():
            words = rest.split()
            if len(words) > 1 or (words and rest[0].isspace()):
                end = limit - len(words[-1])
            else:
                end = _whole(text, limit)
        return _without_blanks(text, start, end), AFTER


def _without_blanks(text: str, start: int, end: int) -> int:
    """Return the end of a stretch without the blanks there."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _whole(text: str, at: int) -> int:
    """Return the place at or before ``at`` that parts no letter from its marks."""
    while at > 0 and (text[at] in "\u200d\ufe0f" or unicodedata.category(text[at])[0] == "M"):
        at -= 1
    return at


def _assembled(
    text: str, start: int, end: int, places: list[tuple[int, int]], lead: str, tail: str
) -> tuple[str, _Marks]:
    """Write the excerpt with every run of blanks as one space, and follow the marks through it."""
    if len(places) > 1:
        places = _apart(places)
    stretch = text[start:end]
    # printable: without any blank but the plain one
    if (stretch.isprintable() and "  " not in stretch) or " ".join(stretch.split()) == stretch:
        shift = len(lead) - start
        return f"{lead}{stretch}{tail}", tuple([(low + shift, high + shift) for low, high in places])
    pieces = [lead]
    length = len(lead)
    marks: list[tuple[int, int]] = []
    at = start
    for low, high in places:
        before, marked = _BLANKS.sub(" ", text[at:low]), _BLANKS.sub(" ", text[low:high])
        length += len(before)
        marks.append((length, length + len(marked)))
        length += len(marked)
        pieces += (before, marked)
        at = high
    pieces += (_BLANKS.sub(" ", text[at:end]), tail)
    return "".join(pieces), tuple(marks)


def _apart(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge places that overlap."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(places):
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
