"""Whatever a server sends, an exchange ends with an answer or with one error."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, FetchError
from bot.fetch.connection import Connection
from tests.hostile import chunked, page


class Wire(asyncio.Transport):
    """The other end, without a network."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.aborted = False

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.sent += data

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def answered(pieces: list[bytes], *, eof: bool = True) -> bytes:
    """Return the content of an answer that comes in these pieces."""
    connection = Connection()
    wire = Wire()
    connection.connection_made(wire)
    exchange = asyncio.create_task(connection.exchange(b"GET / HTTP/1.1\r\n\r\n", subject="s"))
    await asyncio.sleep(0)
    for piece in pieces:
        if not wire.aborted:
            connection.data_received(piece)
    if eof and not wire.aborted:
        connection.eof_received()
    connection.connection_lost(None)
    await exchange
    content = b""
    while data := await connection.read():
        content += data
    return content


STARTS = [b"", b"HTTP/1.1 200 OK\r\n", page(b"x" * 9)[:-9], chunked(b"ab", b"c"), b"HTTP/1.1 100 C\r\n\r\n"]


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from(STARTS), rest=st.lists(st.binary(max_size=60), max_size=6))
async def test_any_bytes_come_to_content_or_one_error(start: bytes, rest: list[bytes]) -> None:
    try:
        await answered([start, *rest])
    except FetchError as error:
        assert error.kind in (FailureKind.RESET, FailureKind.PROTOCOL)  # noqa: PT017


@pytest.mark.parametrize("answer", [page(b"news" * 30), chunked(b"news" * 29, b"news")])
@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 40))
async def test_the_same_answer_in_any_pieces_is_the_same(answer: bytes, size: int) -> None:
    pieces = [answer[start : start + size] for start in range(0, len(answer), size)]
    assert await answered(pieces) == b"news" * 30


@pytest.mark.parametrize("answer", [page(b"news"), chunked(b"news")])
async def test_an_answer_cut_anywhere_is_never_content(answer: bytes) -> None:
    """N11."""
    for end in range(len(answer)):
        with pytest.raises(FetchError) as caught:
            await answered([answer[:end]])
        assert caught.value.kind is FailureKind.RESET
