"""Lists of sources that are no OPML: a table, or an address on each line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import SourceKind
from bot.parse import source_list


def urls(text: str | bytes) -> list[str]:
    found = source_list.read(text if isinstance(text, bytes) else text.encode())
    return [outline.url for outline in found.outlines]


def test_an_address_on_each_line_is_a_source():
    found = source_list.read(
        b"# mine\n\nhttps://a.example/feed\n- b.example\n  'https://c.example/' # The C\nnonsense here\nhttps://A.example/feed/\n"
    )
    assert [(outline.url, outline.name, outline.line) for outline in found.outlines] == [
        ("https://a.example/feed", "", 3),
        ("https://b.example", "", 4),
        ("https://c.example/", "The C", 5),
    ]
    assert {outline.kind for outline in found.outlines} == {SourceKind.AUTO}
    assert [(refused.line, refused.what) for refused in found.refused] == [(6, "here")]
    assert found.repeated == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_with_a_column_of_addresses_is_a_list(delimiter):
    rows = [
        ["Title", "Feed URL", "Tags", "Lang"],
        ["One", "https://a.example/f", '"x,y"', "fr-FR"],
        ["Two", "n/a"],
    ]
    found = source_list.read("\r\n".join(delimiter.join(row) for row in rows).encode())
    (one,) = found.outlines
    assert (one.url, one.name, one.tags, one.language, one.line) == (
        "https://a.example/f", "One", ("x", "y"), "fr", 2,
    )  # fmt: skip
    assert [(refused.line, refused.what) for refused in found.refused] == [(3, "Two")]


def test_our_own_export_brings_the_kind_and_the_options():
    (one,) = source_list.read(
        b"name,kind,url,links,allow_private\nPress,listing,https://a.example/press,main a,10.0.0.0/8\n"
    ).outlines
    assert (one.kind, one.options) == (SourceKind.LISTING, (("links", "main a"),))


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b" \n\n", "empty"), (b"PK\x03\x04xxxx", "workbook"), (b"# none\n", "no source")],
)
def test_what_names_nothing_says_why(data, says):
    assert says in source_list.read(data).fault


def test_opml_is_known_by_what_it_holds():
    assert urls('<opml><body><outline xmlUrl="https://a.example/"/></body></opml>') == ["https://a.example/"]


@given(
    data=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: f"url,name\n{text}".encode("utf-8", "replace"))
)
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(data):
    source_list.read(data)
