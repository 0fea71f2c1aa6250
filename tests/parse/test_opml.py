"""Lists of sources: OPML as readers write it, in and out, and what hostile ones cannot do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import SourceKind
from bot.parse import opml
from bot.parse.outline import MAX_OUTLINES, Outline

READER = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- exported <outline xmlUrl="http://comment.example/"/> -->
<opml version="1.0">
  <head><title>Desk &amp; friends</title></head>
  <body>
    <outline text="Space">
      <outline text="Orbit &#8211; daily" title="ignored" type="rss"
               xmlUrl="https://orbit.example/feed?a=1&amp;b=2" htmlUrl="https://orbit.example/" language="en-GB"/>
      <outline text="Agencies"><outline title="Agency" xmlUrl="feed://agency.example/rss"/></outline>
    </outline>
    <outline text="Defence, Europe" xmlURL='https://defence.example/rss' category="/Trade/Press,weekly"/>
    <outline isComment="true" text="off"><outline xmlUrl="https://off.example/"/></outline>
    <outline text="Again" xmlUrl="http://www.orbit.example/feed?a=1&amp;b=2"/>
    <outline text="Another list" type="include" url="https://lists.example/a.opml"/>
  </body>
</opml>
"""


def one(attributes: str) -> Outline:
    (found,) = opml.read(f"<opml><body><outline {attributes}/></body></opml>".encode()).outlines
    return found


def test_folders_and_categories_become_tags_and_each_address_stands_once():
    found = opml.read(READER.encode())
    assert (found.title, found.fault, found.repeated) == ("Desk & friends", None, 1)
    assert [(outline.name, outline.url, outline.tags) for outline in found.outlines] == [
        ("Orbit – daily", "https://orbit.example/feed?a=1&b=2", ("Space",)),
        ("Agency", "http://agency.example/rss", ("Space", "Agencies")),
        ("Defence, Europe", "https://defence.example/rss", ("Trade", "Press", "weekly")),
    ]
    assert (found.outlines[0].language, found.outlines[0].site) == ("en", "https://orbit.example/")
    assert [outline.line for outline in found.outlines] == [7, 9, 11]
    assert [(refused.line, refused.what) for refused in found.refused] == [(14, "Another list")]


def test_a_feed_in_two_folders_has_both_tags():
    folders = "".join(
        f'<outline text="{name}"><outline xmlUrl="https://a.example/"/></outline>' for name in "xy"
    )
    (found,) = opml.read(f"<opml><body>{folders}</body></opml>".encode()).outlines
    assert found.tags == ("x", "y")


@pytest.mark.parametrize(
    ("attributes", "url"),
    [
        ('xmlUrl="https://a.example/?x=1&y=2"', "https://a.example/?x=1&y=2"),
        ('text="5" screens" xmlUrl="https://a.example/"', "https://a.example/"),
        ("text=it's xmlUrl=https://a.example/f ", "https://a.example/f"),
        ('text="a > b" xmlUrl="https://a.example/"', "https://a.example/"),
        ('xmlUrl="feed:https://a.example/f"', "https://a.example/f"),
        ('xmlUrl=" https://a.example/f&#10;"', "https://a.example/f"),
        ('xmlUrl="a.example/feed"', "https://a.example/feed"),
        ('XMLURL="https://a.example/#top"', "https://a.example/"),
    ],
)
def test_what_is_written_carelessly_is_read_as_it_was_meant(attributes, url):
    assert one(attributes).url == url


@pytest.mark.parametrize(
    "written",
    ["javascript:alert(1)", "data:text/xml,x", "file:///etc/passwd", "ftp://a.example/", "http://", "x y",
     "http://a.example:99999/", "http://[::1"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_with_its_line(written):
    found = opml.read(f'<opml><body>\n<outline text="Bad" xmlUrl="{written}"/></body></opml>'.encode())
    assert found.outlines == ()
    (refused,) = found.refused
    assert (refused.line, refused.what) == (2, "Bad")


def test_a_password_in_an_address_is_refused_and_not_shown():
    found = opml.read(b'<opml><body><outline xmlUrl="https://desk:hunter2@a.example/"/></body></opml>')
    assert "basic_auth" in found.refused[0].why
    assert "hunter2" not in repr(found)


def test_a_file_that_declares_entities_is_refused():
    data = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline text="&x;"/></opml>'
    found = opml.read(data)
    assert found.outlines == ()
    assert "entities" in found.fault


def test_an_entity_that_nobody_declared_stays_what_is_written():
    assert one('text="&xxe; &eacute;" xmlUrl="https://a.example/"').name == "&xxe; é"


def test_nesting_without_end_and_lists_without_end_are_read_as_far_as_is_sensible():
    deep = opml.read(b"<opml>" + b'<outline text="d">' * 100_000 + b'<outline xmlUrl="http://x.example/"/>')
    assert [outline.url for outline in deep.outlines] == ["http://x.example/"]
    rows = b"".join(b'<outline xmlUrl="http://x%d.example/"/>' % number for number in range(MAX_OUTLINES + 7))
    long = opml.read(b"<opml>" + rows + b"</opml>")
    assert len(long.outlines) == MAX_OUTLINES
    assert "7 were left out" in long.fault


def test_a_list_that_is_cut_off_gives_what_came_before_and_says_so():
    found = opml.read(READER.encode()[: READER.index("Agencies")])
    assert len(found.outlines) == 1
    assert found.fault.startswith("cut off")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_out(codec):
    data = '<opml><body><outline text="Défense" xmlUrl="https://a.example/"/></body></opml>'.encode(codec)
    assert [outline.name for outline in opml.read(data).outlines] == ["Défense"]


@pytest.mark.parametrize("data", [b"", b"<rss><channel/></rss>", b"hello", b"{}"])
def test_what_is_no_opml_says_so(data):
    assert opml.read(data).fault == "not OPML: it holds no outlines"


def test_what_is_no_feed_comes_back_whole():
    sources = [
        Outline(url="https://a.example/feed", name="A", tags=("one", "two"), language="de"),
        Outline(
            url="https://b.example/press",
            name="B",
            kind=SourceKind.LISTING,
            options=(("links", "main > h3 a"), ("next", 'a[rel="next"]'), ("pages", "3")),
        ),
        Outline(url="https://c.example/search?q={query}", name="C", kind=SourceKind.SEARCH),
        Outline(url="https://d.example/map.xml", name="D", kind=SourceKind.SITEMAP, tags=("one",)),
    ]
    found = opml.read(opml.write(sources, title="Ours"))
    by_name = {outline.name: outline for outline in found.outlines}
    assert found.title == "Ours"
    assert by_name["A"].tags == ("one", "two")
    assert by_name["B"].options == sources[1].options
    assert {name: (outline.kind, outline.url) for name, outline in by_name.items()} == {
        source.name: (source.kind, source.url) for source in sources
    }


def test_what_opens_doors_is_never_taken_from_a_list():
    found = one(
        'xmlUrl="https://a.example/" newsbot:allow_private="10.0.0.0/8" newsbot:tls_verify="false" '
        'newsbot:every="5 min" newsbot:proxy="http://x.example"'
    )
    assert found.options == (("every", "5 min"),)


NAMES = st.text(min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)


@given(
    sources=st.lists(
        st.builds(
            Outline,
            url=st.integers(0, 10_000).map(
                lambda number: f"https://site{number}.example/feed?a=1&b={number}"
            ),
            name=NAMES,
            tags=st.lists(st.sampled_from(["space", "Défense", "a & b", '"x"']), unique=True).map(tuple),
            kind=st.sampled_from(SourceKind),
            language=st.sampled_from([None, "de", "fr"]),
        ),
        unique_by=lambda outline: outline.url,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_export_and_import_give_the_same_sources(sources):
    found = opml.read(opml.write(sources, title="x"))
    assert {(outline.url, outline.kind, outline.tags, outline.language) for outline in found.outlines} == {
        (outline.url, outline.kind, outline.tags, outline.language) for outline in sources
    }


@given(
    data=st.binary(max_size=300) | st.text(alphabet="<>/\"'&;= outlinexmUrhtp:", max_size=300).map(str.encode)
)
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(data):
    opml.read(b"<opml>" + data)
    opml.read(data)
