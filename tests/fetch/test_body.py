"""From the wire to the content, bounded (N8, N9)."""

import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, FetchError
from bot.fetch.body import read_body
from bot.fetch.budget import Budget
from tests.hostile import bomb


async def stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def read(
    chunks: Iterable[bytes], coding: str = "", *, max_body: int = 1 << 20, **options: bool
) -> bytes:
    headers = {"content-encoding": coding} if coding else {}
    return await read_body(
        stream(chunks), headers, max_body=max_body, subject="s", take=Budget(1).take, **options
    )


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(places)]


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": lambda data: gzip.compress(data[:7], mtime=0) + gzip.compress(data[7:], mtime=0),
    "deflate": zlib.compress,
    " deflate ": raw_deflate,
    "identity": lambda data: data,
}


@pytest.mark.parametrize("coding", PACKERS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=2000), cuts=st.lists(st.integers(0, 5000), max_size=6))
async def test_content_is_the_same_however_it_is_packed_and_cut(
    coding: str, data: bytes, cuts: list[int]
) -> None:
    assert await read(split(PACKERS[coding](data), cuts), coding) == data


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=1, max_size=500), missing=st.integers(1, 400))
async def test_what_ends_too_early_is_never_content(coding: str, data: bytes, missing: int) -> None:
    packed = PACKERS[coding](data)
    cut = packed[: max(1, len(packed) - missing)]
    with pytest.raises(FetchError) as caught:
        await read([cut], coding)
    assert caught.value.kind is FailureKind.BAD_CODING


@settings(max_examples=100, deadline=None)
@given(junk=st.lists(st.binary(max_size=200), max_size=5), coding=st.sampled_from(["gzip", "deflate"]))
async def test_junk_raises_nothing_but_fetch_errors(junk: list[bytes], coding: str) -> None:
    try:
        await read(junk, coding)
    except FetchError as error:
        assert error.kind is FailureKind.BAD_CODING  # noqa: PT017


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 600, b"junk", b"\x1f"])
async def test_what_servers_leave_behind_the_end_is_ignored(padding: bytes) -> None:
    assert await read([gzip.compress(b"news", mtime=0) + padding], "gzip") == b"news"
    assert await read([zlib.compress(b"news"), padding], "deflate") == b"news"


async def test_nothing_is_nothing_whatever_its_coding() -> None:
    assert await read([], "gzip") == b""


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "utf-8", "gzip;q=1"])
async def test_other_codings_are_not_supported(coding: str) -> None:
    """N8."""
    with pytest.raises(FetchError, match="not supported") as caught:
        await read([b"x"], coding)
    assert caught.value.kind is FailureKind.BAD_CODING


async def test_a_bomb_never_grows_past_the_limit() -> None:
    """N8: 200 MB in 200 kB; what is kept stays near the limit of 100 kB."""
    packed = bomb(200 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="larger than 100,000 bytes") as caught:
            await read([packed], "gzip", max_body=100_000)
        with pytest.raises(FetchError):
            await read(split(packed, list(range(0, len(packed), 999))), "gzip", max_body=1 << 20)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.kind is FailureKind.TOO_LARGE
    assert most < 8 << 20


async def test_the_limit_itself_is_allowed() -> None:
    """N9: one byte more is not."""
    assert len(await read([b"x" * 60, b"x" * 40], max_body=100)) == 100
    assert len(await read([gzip.compress(b"x" * 100, mtime=0)], "gzip", max_body=100)) == 100
    for data, coding in ((b"x" * 101, ""), (gzip.compress(b"x" * 101, mtime=0), "gzip")):
        with pytest.raises(FetchError) as caught:
            await read([data], coding, max_body=100)
        assert caught.value.kind is FailureKind.TOO_LARGE


async def test_cut_takes_the_first_bytes_instead_of_refusing() -> None:
    assert await read([b"ab" * 60], max_body=100, cut=True) == b"ab" * 50
    assert await read([gzip.compress(b"ab" * 600, mtime=0)], "gzip", max_body=100, cut=True) == b"ab" * 50
    headers = {"content-length": "99999"}
    assert (
        await read_body(
            stream([b"x" * 200]), headers, max_body=100, subject="s", take=Budget(1).take, cut=True
        )
        == b"x" * 100
    )


async def test_an_announced_size_is_believed_before_anything_is_read() -> None:
    """N9: the stream is not touched."""

    async def untouched() -> AsyncIterator[bytes]:
        raise AssertionError("was read")
        yield b""

    with pytest.raises(FetchError) as caught:
        await read_body(
            untouched(), {"content-length": "101"}, max_body=100, subject="s", take=Budget(1).take
        )
    assert caught.value.kind is FailureKind.TOO_LARGE
