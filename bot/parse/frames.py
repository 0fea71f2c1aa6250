"""The form in which values cross the pipe between the program and its parsing workers.

A frame is a length and a payload: numbers, texts and raw bytes in columns, each as long as the payload says.
Nothing in it can name a class, nest, or grow: what is read takes no more memory than a few times what was
sent. (A pickle of twelve bytes makes its reader allocate gigabytes, and JSON of one ``[`` a byte nearly so.)
What the columns mean is the business of ``wire``.
"""

import struct
from array import array
from datetime import UTC, datetime, timedelta

#: Length of the payload that follows.
HEAD = struct.Struct("!I")
#: Set in a HEAD: the worker ends itself after this answer.
LAST = 1 << 31
#: More than any listing that we keep: a feed is read up to 5 MB, and a sitemap gives 2,000 addresses.
MAX_FRAME = 64 * 1024 * 1024

#: What the frame holds (one letter), how many texts and numbers, how many raw bytes.
_LAYOUT = struct.Struct("=cIII")
_LENGTH, _NUMBER = "i", "q"
_NO_TEXT = -1
_NO_NUMBER = -(2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def last(frame: bytes) -> bytes:
    """Return the frame as the last of its worker."""
    (length,) = HEAD.unpack_from(frame)
    return HEAD.pack(length | LAST) + frame[HEAD.size :]


class BadFrameError(Exception):
    """A worker sent what no worker sends."""


class Writer:
    """Collects the columns of one frame."""

    def __init__(self) -> None:
        self.texts: list[str | None] = []
        self.numbers: list[int | None] = []
        self.raw: list[bytes] = []

    def many(self, texts: tuple[str, ...]) -> None:
        """Add texts after their number."""
        self.numbers.append(len(texts))
        self.texts.extend(texts)

    def time(self, at: datetime | None) -> None:
        """Add a time as microseconds since 1970."""
        self.numbers.append(None if at is None else (at - _EPOCH) // TICK)

    def span(self, span: timedelta | None) -> None:
        """Add a length of time in microseconds."""
        self.numbers.append(None if span is None else span // TICK)

    def frame(self, kind: bytes) -> bytes:
        """Return the frame: ``kind`` is one letter."""
        lengths = array(_LENGTH, [_NO_TEXT if text is None else len(text) for text in self.texts])
        numbers = array(_NUMBER, [_NO_NUMBER if number is None else number for number in self.numbers])
        raw = b"".join(self.raw)
        parts = (
            _LAYOUT.pack(kind, len(lengths), len(numbers), len(raw)),
            lengths.tobytes(),
            numbers.tobytes(),
            raw,
            "".join(filter(None, self.texts)).encode("utf-8", "surrogatepass"),
        )
        return b"".join((HEAD.pack(sum(map(len, parts))), *parts))


class Reader:
    """Hands out the columns of one payload in the order in which they were written; believes nothing."""

    def __init__(self, payload: bytes | bytearray) -> None:
        """Take a payload apart. Raises BadFrameError where the columns do not fill it exactly."""
        view = memoryview(payload)
        try:
            self.kind, texts, numbers, raw = _LAYOUT.unpack_from(view)
            lengths, figures = array(_LENGTH), array(_NUMBER)
            at = _LAYOUT.size
            lengths.frombytes(view[at : (at := at + texts * lengths.itemsize)])
            figures.frombytes(view[at : (at := at + numbers * figures.itemsize)])
            self._raw = view[at : (at := at + raw)]
            blob = str(view[at:], "utf-8", "surrogatepass")
        except (struct.error, ValueError) as error:
            raise BadFrameError(str(error)) from error
        if (len(lengths), len(figures), len(self._raw)) != (texts, numbers, raw):
            raise BadFrameError("cut off")
        self._texts = _split(blob, lengths)
        self._numbers = figures
        self._text = self._number = self._byte = 0

    def texts(self, count: int) -> list[str | None]:
        """Return the next texts. Raises BadFrameError where there are fewer."""
        found = self._texts[self._text : self._text + count]
        self._text += count
        if len(found) != count:
            raise BadFrameError("too few texts")
        return found

    def text(self) -> str:
        """Return the next text. Raises BadFrameError where it is None."""
        return known(self.texts(1)[0])

    def many(self) -> tuple[str, ...]:
        """Return texts written with their number."""
        count = self.count()
        return tuple(map(known, self.texts(count))) if count else ()

    def raw(self, size: int | None = None) -> bytes:
        """Return the next raw bytes, or all that are left."""
        start = self._byte
        self._byte = len(self._raw) if size is None else start + size
        found = bytes(self._raw[start : self._byte])
        if size is not None and len(found) != size:
            raise BadFrameError("too few bytes")
        return found

    def number(self) -> int | None:
        """Return the next number. Raises BadFrameError where there is none left."""
        if self._number >= len(self._numbers):
            raise BadFrameError("too few numbers")
        self._number += 1
        found = self._numbers[self._number - 1]
        return None if found == _NO_NUMBER else found

    def count(self, limit: int = MAX_FRAME) -> int:
        """Return the next number as a count. Raises BadFrameError where it is none, or above the limit."""
        found = self.number()
        if found is not None and 0 <= found <= limit:
            return found
        raise BadFrameError("no count")

    def time(self) -> datetime | None:
        """Return the next number as a time (aware, UTC)."""
        return self.times(1)[0]

    def times(self, count: int) -> list[datetime | None]:
        """Return the next numbers as times."""
        found = self._numbers[self._number : self._number + count]
        self._number += count
        if len(found) != count:
            raise BadFrameError("too few numbers")
        try:
            return [None if at == _NO_NUMBER else _EPOCH + timedelta(microseconds=at) for at in found]
        except OverflowError as error:
            raise BadFrameError(str(error)) from error

    def span(self) -> timedelta | None:
        """Return the next number as a length of time."""
        found = self.number()
        try:
            return None if found is None else timedelta(microseconds=found)
        except OverflowError as error:
            raise BadFrameError(str(error)) from error

    def end(self) -> None:
        """Raise BadFrameError where something is left."""
        if (self._text, self._number, self._byte) != (len(self._texts), len(self._numbers), len(self._raw)):
            raise BadFrameError("more than was announced")


def known(text: str | None) -> str:
    """Return a text that must be there. Raises BadFrameError where it is None."""
    if text is None:
        raise BadFrameError("a text is missing")
    return text


def _split(blob: str, lengths: "array[int]") -> list[str | None]:
    found: list[str | None] = []
    add = found.append
    at = 0
    for length in lengths:
        if length < 0:
            add(None)
        else:
            end = at + length
            add(blob[at:end])
            at = end
    # A text that was cut short leaves this too far.
    if at != len(blob):
        raise BadFrameError("the texts do not fill the frame")
    return found
