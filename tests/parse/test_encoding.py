"""Bytes become text: unpacked within bounds, in the encoding they are in, whatever they say of it."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.parse import encoding

TEXT = '<?xml version="1.0"?><rss><title>Zoë “naïve” – 5 €</title></rss>'


@pytest.mark.parametrize(
    "name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]
)
@pytest.mark.parametrize("before", ["", "\n  ", "{"])
def test_wide_letters_are_told_by_their_zeros(name: str, before: str) -> None:
    assert encoding.decode((before + TEXT).encode(name), {}).lstrip("\ufeff") == before + TEXT


def test_letters_of_another_encoding_inside_utf_8_are_read_as_what_they_are() -> None:
    mixed = "<a>Überall Ärger – größer</a>".encode() + b"<b>caf\xe9 \x93x\x94</b>"
    assert encoding.decode(mixed, {}) == "<a>Überall Ärger – größer</a><b>café “x”</b>"


def test_a_letter_that_was_cut_is_no_letter() -> None:
    text = "<a>Überall Ärger – größer</a>"
    assert encoding.decode(text.encode() + b"<b>caf\xc3</b>", {}) == f"{text}<b>caf\ufffd</b>"


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        lambda data: gzip.compress(gzip.compress(data)),
        lambda data: zlib.compress(data)[2:-4],
        lambda data: gzip.compress(data) + b"\0\0\0",
        lambda data: gzip.compress(data)[:-4],
    ],
    ids=["gzip", "zlib", "gzip twice", "bare deflate", "junk behind", "no end"],
)
def test_what_is_packed_is_unpacked(pack: object) -> None:
    data = TEXT.encode() * 50
    assert encoding.inflate(pack(data)) == data  # type: ignore[operator]


def test_a_bomb_is_cut_off_also_when_packed_twice() -> None:
    bomb = gzip.compress(gzip.compress(b"<" * 20_000_000))
    assert len(encoding.inflate(bomb, 1_000_000)) <= 1_000_000


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=200), wide=st.booleans())
def test_any_bytes_become_some_text(data: bytes, wide: bool) -> None:
    data = b"\0".join(bytes([byte]) for byte in data) if wide else data
    assert isinstance(encoding.decode(encoding.inflate(data), {}), str)
