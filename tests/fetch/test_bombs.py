"""Content that is larger than it looks: what it may cost us is bounded (N8, N9)."""

import gzip
import resource
import tracemalloc
import zlib

import pytest

from bot.errors import FailureKind, FetchError
from bot.fetch import Fetcher
from bot.model import Page
from tests.hostile import LOOPBACK, Again, HostileWeb, bomb, chunked, head, page

SIZE = 256 << 20
LIMIT = 5 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return content coding and bytes; each inflates to far more than the limit."""
    packed = bomb(SIZE)
    zeros = bytes(64 << 20)
    return {
        "gzip": ("gzip", packed),
        "x-gzip": ("x-gzip", packed),
        "zlib": ("deflate", zlib.compress(zeros, 9)),
        "raw deflate": ("deflate", raw_deflate(zeros)),
        "members": ("gzip", gzip.compress(bytes(1 << 20), 9) * 64),
        "empty members before": ("gzip", gzip.compress(b"") * 900 + packed),
        "long header": ("gzip", b"\x1f\x8b\x08\x10" + bytes(6) + b"c" * (4 << 20) + b"\0" + packed[10:]),
    }


BOMBS = bombs()


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("framing", ["length", "chunks", "to the end"])
async def test_a_bomb_is_cut_at_the_limit(web: HostileWeb, fetcher: Fetcher, name: str, framing: str) -> None:
    """Inflating stops there: memory grows by a few times the limit, never by what it would come to."""
    coding, packed = BOMBS[name]
    pieces = [packed[start : start + 65536] for start in range(0, len(packed), 65536)]
    answer = {
        "length": page(packed, content_encoding=coding),
        "chunks": chunked(*pieces, content_encoding=coding),
        "to the end": head(content_encoding=coding, connection="close") + packed,
    }[framing]
    url = web.answer("/a", answer)
    tracemalloc.start()
    try:
        with pytest.raises(FetchError) as caught:
            await fetcher.get(url, terms=LOOPBACK)
        grown = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.kind is FailureKind.TOO_LARGE
    assert grown < 30 << 20


async def test_the_process_does_not_grow_with_bombs(web: HostileWeb, fetcher: Fetcher) -> None:
    """N8: less than 30 MB, whatever the allocator keeps for itself."""
    url = web.answer("/a", page(BOMBS["gzip"][1], content_encoding="gzip"))
    await _refused(fetcher, url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(5):
        await _refused(fetcher, url)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


async def _refused(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(FetchError):
        await fetcher.get(url, terms=LOOPBACK)


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "gzip,br", "snappy", "gzip;q=1"]
)
async def test_codings_that_nobody_asked_for_are_refused(
    web: HostileWeb, fetcher: Fetcher, coding: str
) -> None:
    url = web.answer("/a", head(content_encoding=coding), Again(b"x" * 1000))
    with pytest.raises(FetchError, match="is not supported") as caught:
        await fetcher.get(url, terms=LOOPBACK)
    assert caught.value.kind is FailureKind.BAD_CODING


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("end", [1, 4, 8, 100])
async def test_content_that_ends_too_early_is_never_content(
    web: HostileWeb, fetcher: Fetcher, coding: str, end: int
) -> None:
    """N11: the length is right, what was packed is not whole."""
    text = b"".join(b"news %d " % number for number in range(500))
    packed = {"gzip": gzip.compress(text), "deflate": zlib.compress(text)}[coding]
    url = web.answer("/a", page(packed[:-end], content_encoding=coding))
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, terms=LOOPBACK)
    assert caught.value.kind is FailureKind.BAD_CODING


@pytest.mark.parametrize("more", [0, 1])
async def test_the_limit_is_exact(web: HostileWeb, fetcher: Fetcher, more: int) -> None:
    """Plain, packed, in one piece and in many."""
    body = bytes(10_000 + more)
    for answer in (
        page(body),
        chunked(body[:3000], body[3000:]),
        page(gzip.compress(body), content_encoding="gzip"),
        page(zlib.compress(body), content_encoding="deflate"),
    ):
        url = web.answer("/a", answer)
        if more:
            with pytest.raises(FetchError, match="larger than 10,000 bytes"):
                await fetcher.get(url, terms=LOOPBACK, max_body=10_000)
        else:
            got = await fetcher.get(url, terms=LOOPBACK, max_body=10_000)
            assert isinstance(got, Page)
            assert got.body == body


async def test_a_length_that_is_announced_is_believed_before_anything_is_read(
    web: HostileWeb, fetcher: Fetcher
) -> None:
    """N9: refused from the header; the server would go on for hours."""
    for length in (LIMIT + 1, 10**18, 10**30):
        url = web.answer(
            "/a", f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n".encode(), Again(b"x", 1.0)
        )
        with pytest.raises(FetchError) as caught:
            await fetcher.get(url, terms=LOOPBACK)
        assert caught.value.kind in (FailureKind.TOO_LARGE, FailureKind.PROTOCOL)
