"""From the bytes on the wire to the bytes of the content, never more than asked for.

The library's own decoding is not used: it turned 26 bytes into 16 MiB and took truncated gzip for
success (measured). Here inflating stops at the limit, and what ends too early is an error.
"""

import zlib
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Final

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch.budget import SMALL, Body, Share

_GZIP_MAGIC: Final = b"\x1f\x8b"
#: real files have a few members (one for each 64 KiB at most); thousands are an attack on our time
_MAX_MEMBERS: Final = 1000


async def read_body(
    stream: AsyncIterable[bytes],
    headers: Mapping[str, str],
    *,
    max_body: int,
    subject: str,
    take: Callable[[int], Awaitable[Share]],
    cut: bool = False,
) -> Body:
    """Return the decoded content, at most ``max_body`` bytes.

    More is refused, or with ``cut`` left unread. Only gzip and deflate are understood, one of them. A content
    that is not small is read on when ``take`` has given it memory. Raises FetchError (too_large, bad_coding),
    and what the stream raises. Source: defences N8, N9.
    """
    inflate = _inflater(headers.get("content-encoding", ""), subject)
    announced = headers.get("content-length", "")
    size = int(announced[:18]) if announced.isdecimal() else None
    if not cut and size is not None and size > max_body:
        raise _too_large(max_body, subject)
    most = max_body if inflate is not None or size is None else min(size, max_body)
    content = bytearray()
    share: Share | None = None
    on_wire = 0
    async for chunk in stream:
        on_wire += len(chunk)
        if inflate is None:
            if share is None and len(content) + len(chunk) > SMALL:
                share = await take(most)
            content += chunk
        else:
            try:
                if (
                    inflate.feed(chunk, content, max_body if share else min(SMALL, max_body))
                    and share is None
                ):
                    share = await take(most)
                    inflate.feed(b"", content, max_body)
            except zlib.error as error:
                raise _bad_coding("the compressed content is damaged", subject, Retry.LATER) from error
        if len(content) > max_body or on_wire > max_body:
            if cut:
                break
            raise _too_large(max_body, subject)
    else:
        if inflate is not None and not inflate.complete:
            raise _bad_coding("the compressed content ends too early", subject, Retry.LATER)
    del content[max_body:]
    return _body(content, share)


def _body(content: bytearray, share: Share | None) -> Body:
    body = Body(content)
    if share is not None:
        share.keep(len(body))
        body.share = share
    return body


def _inflater(coding: str, subject: str) -> "_Inflater | None":
    codings = [name for part in coding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not codings:
        return None
    if len(codings) > 1 or codings[0] not in ("gzip", "x-gzip", "deflate"):
        named = ", ".join(codings)[:60]
        raise _bad_coding(f"the content coding “{named}” is not supported", subject, Retry.NEVER)
    return _Inflater(gzip=codings[0] != "deflate")


def _too_large(max_body: int, subject: str) -> FetchError:
    return FetchError(
        f"the content is larger than {max_body:,} bytes",
        kind=FailureKind.TOO_LARGE,
        subject=subject,
        retry=Retry.NEVER,
    )


def _bad_coding(why: str, subject: str, retry: Retry) -> FetchError:
    return FetchError(why, kind=FailureKind.BAD_CODING, subject=subject, retry=retry)


class _Inflater:
    """Inflate gzip (with any number of members) or deflate (with its zlib wrapper or without)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        #: the part being inflated; None between two
        self._zlib: zlib._Decompress | None = None
        #: bytes that wait until there are enough to tell what begins here
        self._pending = b""
        #: the part being inflated may hold more than it was let give
        self._more = False
        self._members = 0
        #: the content is over; what servers leave behind it is not looked at
        self._over = False

    @property
    def complete(self) -> bool:
        """Whether the content ended where it should; nothing at all is complete."""
        return self._zlib is None and (self._members > 0 or not self._pending)

    def feed(self, chunk: bytes, content: bytearray, most: int) -> bool:
        """Append what the chunk holds, at most one byte more than ``most`` in all; tell whether it has more.

        Raises zlib.error.
        """
        data = self._pending + chunk
        self._pending = b""
        while (data or self._more) and not self._over:
            if len(content) > most:
                self._pending = data
                return True
            if self._zlib is None:
                if len(data) < len(_GZIP_MAGIC):
                    self._pending = data
                    return False
                self._zlib = self._open(data)
            if self._zlib is not None:
                room = most + 1 - len(content)
                found = self._zlib.decompress(data, room)
                content += found
                data, self._more = self._zlib.unconsumed_tail, len(found) == room
                if self._zlib.eof:
                    data, self._zlib, self._more = self._zlib.unused_data, None, False
        return False

    def _open(self, data: bytes) -> "zlib._Decompress | None":
        if self._members and not (self._gzip and data.startswith(_GZIP_MAGIC)):
            self._over = True
            return None
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise zlib.error("too many gzip members")
        if self._gzip:
            return zlib.decompressobj(31)
        # RFC 1950: method 8, and the two header bytes are a multiple of 31; else a bare RFC 1951 stream
        wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        return zlib.decompressobj(15 if wrapped else -15)
