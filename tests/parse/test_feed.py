"""Feeds: golden files, damage of every kind, encodings, hostile bytes, amounts."""

import codecs
import gzip
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Feed
from bot.parse import feed

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
GOLDEN = sorted(path for path in FEEDS.iterdir() if not path.name.endswith(".expected.json"))
URL = "https://feeds.example/news/feed"
RSS = (FEEDS / "rss20.xml").read_bytes()
ATOM = (FEEDS / "atom10.xml").read_bytes()


def parse(data: bytes | str, headers: dict[str, str] | None = None, url: str = URL) -> Feed:
    return feed.parse(data.encode() if isinstance(data, str) else data, headers or {}, url)


def rss(items: str, channel: str = "<title>News</title><link>https://n.example/</link>") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{items}</channel></rss>'


def item(title: str, number: int = 1) -> str:
    return f"<item><title>{title}</title><link>https://n.example/{number}</link><guid>g{number}</guid></item>"


def titles(found: Feed) -> list[str]:
    return [entry.title for entry in found.entries]


def told(values: object) -> object:
    """Return what a Feed says as JSON values, without what it says nothing of."""
    if isinstance(values, dict):
        return {name: told(value) for name, value in values.items() if value}
    if isinstance(values, list | tuple):
        return [told(value) for value in values]
    if isinstance(values, datetime):
        return values.isoformat()
    return values.total_seconds() if isinstance(values, timedelta) else values


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_golden_feed_is_read_as_written_down(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.name}.expected.json").read_text())
    assert told(asdict(parse(path.read_bytes()))) == told(expected)


WHOLE = rss("".join(item(f"Story {number} of the day", number) for number in range(1, 6)))
DAMAGE = {
    "bare ampersand": WHOLE.replace("Story 2", "R&D & Story 2"),
    "undefined entity": WHOLE.replace("Story 2", "Caf&eacute;&nbsp;Story 2"),
    "unknown entity": WHOLE.replace("Story 2", "&bogus; Story 2"),
    "control character": WHOLE.replace("Story 2", "Story\x0b\x00 2"),
    "character that XML forbids": WHOLE.replace("Story 2", "Story&#0;&#x1F;&#xFFFF; 2"),
    "junk before the declaration": f"\n\n<br />\n<b>Warning</b>: PHP in /srv/x.php\n{WHOLE}",
    "junk after the end": f"{WHOLE}<!-- cached --><script>x()</script></body>",
    "undeclared namespace": WHOLE.replace("<guid>g2", "<dc:creator>Ida</dc:creator><foo:bar a='1'/><guid>g2"),
    "upper case": WHOLE.replace("item>", "ITEM>").replace("title>", "TITLE>").replace("rss", "RSS"),
    "paragraph that is never closed": WHOLE.replace(
        "<guid>g2", "<description><p>One<p>Two<br></description><guid>g2"
    ),
    "title that is never closed": WHOLE.replace(
        "day</title><link>https://n.example/2", "day<link>https://n.example/2"
    ),
    "item that is never closed": WHOLE.replace("g2</guid></item>", "g2</guid>"),
    "end without a beginning": WHOLE.replace("<guid>g2", "</p></div><guid>g2"),
    "attributes without quotes": WHOLE.replace("<guid>g2", "<guid isPermaLink=false x=1 x=2>g2"),
    "doctype with an entity": WHOLE.replace("<rss", '<!DOCTYPE rss [<!ENTITY x "y">]><rss'),
    "stray angle bracket": WHOLE.replace("<guid>g2", "<description>a < b <3 > c</description><guid>g2"),
    "cdata that is never closed": WHOLE.replace(
        "<guid>g2", "<description><![CDATA[<p>x</description><guid>g2"
    ),
    "comment that is never closed": WHOLE.replace("<guid>g2", "<!-- oops <guid>g2"),
}


@pytest.mark.parametrize("damaged", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_costs_no_item(damaged: str) -> None:
    found = parse(damaged)
    assert found.fault is None
    assert found.title == "News"
    assert [entry.link for entry in found.entries] == [
        f"https://n.example/{number}" for number in range(1, 6)
    ]
    assert all("of the day" in title and "<" not in title for title in titles(found))


def test_a_feed_cut_short_gives_its_whole_items_and_says_so() -> None:
    found = parse(WHOLE[: WHOLE.index("Story 4") + 5])
    assert titles(found) == [f"Story {number} of the day" for number in (1, 2, 3)]
    assert found.fault is not None
    assert "cut off" in found.fault


@pytest.mark.parametrize(
    ("encoding", "declared", "headers"),
    [
        ("utf-8", "", {}),
        ("utf-8", "iso-8859-1", {}),
        ("utf-8", "", {"Content-Type": "text/xml; charset=us-ascii"}),
        ("cp1252", "", {}),
        ("cp1252", "utf-8", {}),
        ("iso8859_15", "iso-8859-15", {}),
        ("cp1251", "", {"content-type": 'application/rss+xml; charset="windows-1251"'}),
        ("gb18030", "gb2312", {}),
        ("cp932", "Shift_JIS", {}),
        ("iso2022_jp", "iso-2022-jp", {}),
        ("utf-16", "utf-16", {}),
        ("utf-16-le", "utf-16", {}),
        ("utf-32", "", {}),
    ],
)
def test_text_is_right_in_every_encoding(encoding: str, declared: str, headers: dict[str, str]) -> None:
    words = {"cp1252": "Zoë “naïve” – 5 €", "iso8859_15": "Zoë naïve 5 €", "cp1251": "Спутник"}
    title = words.get(
        encoding, "日本の衛星" if encoding in ("cp932", "iso2022_jp", "gb18030") else "Zoë 日本 – €"
    )
    text = rss(item(title))
    if declared:
        text = text.replace('version="1.0"', f'version="1.0" encoding="{declared}"', 1)
    assert titles(parse(text.encode(encoding), headers)) == [title]


@pytest.mark.parametrize("label", ["utf-7", "unicode_escape", "base64", "idna", "rot13", "no-such-thing"])
def test_encodings_that_browsers_do_not_know_are_not_honoured(label: str) -> None:
    text = rss(item("+AGEAYg- \\x41 YQ==")).replace('"1.0"', f'"1.0" encoding="{label}"', 1)
    assert titles(parse(text, {"content-type": f"text/xml; charset={label}"})) == ["+AGEAYg- \\x41 YQ=="]


def test_a_byte_order_mark_and_white_space_before_the_feed_are_skipped() -> None:
    assert titles(parse(codecs.BOM_UTF8 + b"\n\t " + rss(item("A")).encode())) == ["A"]


def test_entities_are_never_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{bomb}<!ENTITY file SYSTEM "file://{secret}">]>'
    text = rss(item("&l9;&file;") + item("The next", 2)).replace("<rss", f"{head}<rss")
    for encoded in (text.encode(), text.replace('"1.0"', '"1.0" encoding="utf-16"', 1).encode("utf-16")):
        found = parse(encoded)
        assert titles(found) == ["&l9;&file;", "The next"]
        assert "SECRET" not in repr(found)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/a", "https://feeds.example/a"),
        ("a b", "https://feeds.example/news/a%20b"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("www.n.example/x", "http://www.n.example/x"),
        ("https://n.example/?a=1&amp;amp;b=2", "https://n.example/?a=1&b=2"),
        ('https://n.example/"onclick', "https://n.example/%22onclick"),
        ("javascript:alert(1)", None),
        ("java&#9;script:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@n.example", None),
        ("file:///etc/passwd", None),
        ("http://", None),
        ("https://n.example/" + "x" * 5000, None),
    ],
)
def test_a_link_is_absolute_and_http_or_there_is_none(written: str, read: str | None) -> None:
    text = rss(f"<item><title>T</title><link>{written.replace(chr(34), '&quot;')}</link></item>")
    assert parse(text).entries[0].link == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("It&amp;#8217;s", "It’s"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<b>Bold</b> &amp; more]]>", "Bold & more"),
        ("a &lt; b &gt; c", "a < b > c"),
        ("The &lt;dialog&gt; element", "The <dialog> element"),
        ("two\n  lines", "two lines"),
        ("evil\u202egnp.exe it\u0092s \u0081 x", "evilgnp.exe it’s x"),
        ("Ame\u0301lie", "Amélie"),
        ("<b>Inline</b> markup", "Inline markup"),
        ("x" * 600, "x" * 500),
    ],
)
def test_a_title_is_plain_text(written: str, read: str) -> None:
    assert titles(parse(rss(f"<item><title>{written}</title></item>"))) == [read]


def test_texts_are_cut() -> None:
    long = "word " * 60_000
    found = parse(
        rss(f"<item><title>T</title><description>{long}</description><encoded>{long}x</encoded></item>")
    )
    assert len(found.entries[0].summary) <= 20_000
    assert len(found.entries[0].content) <= 200_000


@pytest.mark.parametrize("broken", [False, True])
def test_at_most_two_thousand_entries_are_taken(broken: bool) -> None:
    text = rss("".join(item(f"Story {number}{' &' if broken else ''}", number) for number in range(2500)))
    found = parse(text)
    assert len(found.entries) == 2000
    assert found.entries[0].id == "g0"


def test_of_a_feed_written_oldest_first_the_newest_entries_are_taken() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    days = [f"{start + timedelta(days=number):%d %b %Y} 10:00 GMT" for number in range(2100)]
    items = "".join(f"<item><title>{n}</title><pubDate>{day}</pubDate></item>" for n, day in enumerate(days))
    assert titles(parse(rss(items)))[-1] == "2099"


def test_of_a_json_feed_written_oldest_first_the_newest_entries_are_taken() -> None:
    items = ",".join(
        f'{{"id": {10**20 + n}, "date_published": "{2000 + n // 300}-01-{n % 28 + 1:02}"}}'
        for n in range(2500)
    )
    found = parse(f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items}]}}')
    assert len(found.entries) == 2000
    # Figures are ids as they are written; no reading as a number rounds them.
    assert found.entries[-1].id == str(10**20 + 2499)


def test_a_json_feed_cut_short_gives_its_whole_items_and_says_so() -> None:
    whole = '{"version": "1", "title": "J", "items": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]}'
    found = parse(whole[: whole.index('"B"')])
    assert (found.title, titles(found)) == ("J", ["A"])
    assert found.fault is not None
    assert "cut off" in found.fault


def test_what_the_prefix_says_is_read_where_the_namespace_is_nobodys() -> None:
    text = rss("<item><title>T</title><dc:creator>Ida</dc:creator><x:title>No</x:title></item>")
    spaces = 'xmlns:dc="http://purl.example/dc" xmlns:x="http://purl.example/x"'
    entry = parse(text.replace("<rss", f"<rss {spaces}")).entries[0]
    assert (entry.title, entry.authors) == ("T", ("Ida",))


@pytest.mark.parametrize(
    ("source", "outlet"),
    [
        ('<source url="https://c.example">The Courier</source>', "The Courier"),
        ('<source url="https://c.example">https://c.example/feed</source>', ""),
        ('<source url="https://c.example"/>', ""),
        ("<source><![CDATA[ The <b>Courier</b> &amp; Post ]]></source>", "The Courier & Post"),
        (f"<source>{'x' * 500}</source>", "x" * 200),
    ],
)
def test_the_outlet_is_what_an_aggregator_calls_it(source: str, outlet: str) -> None:
    for broken in ("", " & "):
        text = rss(f"<item><title>T</title>{source}<description>{broken}</description></item>")
        assert parse(text).entries[0].outlet == outlet


def test_markup_of_a_tree_is_read_as_that_of_a_text_is() -> None:
    inside = "<p>One<br/>two</p><ul><li>a &amp;lt; b</li></ul><script>no()</script><p>three</p>"
    as_tree = f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{inside}</div></content>'
    prefixed = (
        inside.replace("</", "</h:").replace("<p", "<h:p").replace("<br", "<h:br").replace("<ul", "<h:ul")
    )
    prefixed = prefixed.replace("<li", "<h:li").replace("<script", "<h:script")
    as_prefixed = (
        f'<content type="xhtml"><h:div xmlns:h="http://www.w3.org/1999/xhtml">{prefixed}</h:div></content>'
    )
    as_text = f"<content type='html'><![CDATA[{inside}]]></content>"
    texts = [
        parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{content}</entry></feed>').entries[0].content
        for content in (as_tree, as_text, as_prefixed)
    ]
    assert texts[0] == texts[1] == "One\ntwo\n\na &lt; b\n\nthree"
    assert texts[2].splitlines()[:2] == ["One", "two"]
    assert "no()" not in texts[2]


@pytest.mark.parametrize("data", [b"", b"  \n ", b"\0\0"])
def test_an_empty_answer_is_a_fault(data: bytes) -> None:
    found = parse(data)
    assert found.fault is not None
    assert "empty" in found.fault


def test_a_feed_without_entries_is_no_fault() -> None:
    assert parse(rss("")) == Feed(title="News", link="https://n.example/")
    assert parse('{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": []}').fault is None


def test_a_page_is_no_feed_and_its_feeds_are_offered() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/feed/{n}">' for n in range(40))
    found = parse(
        f'<!DOCTYPE html><html><head><base href="https://site.example/x/">{links}'
        "<link rel=alternate hreflang=de href=/de><link rel=alternate type=application/atom+xml"
        " href=javascript:x></head><body><p>Hi</body></html>"
    )
    assert found.fault is not None
    assert found.fault.startswith("not a feed: an HTML page")
    assert not found.entries
    assert found.alternates == tuple(f"https://site.example/feed/{n}" for n in range(20))


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><h1>How to write a feed</h1><pre>&lt;rss version='2.0'&gt;&lt;channel&gt;&lt;item&gt;</pre>",
        "<!DOCTYPE html><html><body><feed></feed><channel ></channel><p>Custom elements</p></body></html>",
        "<html><head><title>A</title></head><body><rss ></rss></body></html>",
    ],
)
def test_a_page_about_feeds_is_still_a_page(page: str) -> None:
    found = parse(page)
    assert found.fault is not None
    assert found.fault.startswith("not a feed: an HTML page")


@pytest.mark.parametrize(
    "data", ["hello", "<svg/>", "<urlset/>", '{"a": 1}', "{broken", "[1]", "%PDF-1.4", "<a><b></a>"]
)
def test_what_is_no_feed_says_so(data: str) -> None:
    found = parse(data)
    assert found.fault is not None
    assert found.fault.startswith("not a feed")
    assert found.entries == ()


def test_a_server_that_names_another_address_gives_the_base_of_links() -> None:
    found = parse(rss("<item><link>a</link></item>"), {"Content-Location": "https://real.example/dir/feed"})
    assert found.entries[0].link == "https://real.example/dir/a"


def test_a_gzipped_feed_is_unpacked_within_bounds() -> None:
    assert titles(parse(gzip.compress(rss(item("A")).encode()))) == ["A"]
    assert parse(gzip.compress(b" " * 50_000_000)).fault is not None


SNIPPETS = st.sampled_from(
    [
        *(
            b"<item>",
            b"</item>",
            b"<title>",
            b"<![CDATA[",
            b"]]>",
            b"&",
            b"&#0;",
            b"&#xFFFFFFFF;",
            b"<!--",
            b"-->",
        ),
        *(
            b"<!DOCTYPE x [",
            b"<?xml",
            b"\xff\xfe",
            b"\x00",
            b"</rss>",
            b"<entry>",
            b"<link href='",
            b"\xc3",
            b'"',
        ),
        *(
            b'<x xml:base="http://[">',
            b"{",
            b"<a:b:c>",
            b"<xmlns:a/>",
            b' xmlns=""',
            b"<!ENTITY a '",
            b"\xed\xa0\x80",
        ),
        *(
            b"<link>http://[::1</link>",
            b"<pubDate>99999999999999</pubDate>",
            b"<guid/>",
            b"<ttl>9</ttl>",
            b"<html>",
        ),
    ]
)


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=400), label=st.text(max_size=20))
def test_no_bytes_make_it_raise(data: bytes, label: str) -> None:
    assert isinstance(parse(data, {"content-type": f"text/xml; charset={label}"}), Feed)


@settings(deadline=None, max_examples=200)
@given(
    whole=st.sampled_from([RSS, ATOM, *(path.read_bytes() for path in GOLDEN)]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), SNIPPETS), min_size=1, max_size=6),
    url=st.sampled_from(["", URL, "http://[", "x:y"]),
)
def test_no_damage_makes_it_raise_or_lets_anything_unclean_through(
    whole: bytes, cuts: list[tuple[float, int, bytes]], url: str
) -> None:
    for where, length, put in cuts:
        place = int(where * len(whole))
        whole = whole[:place] + put + whole[place + length :]
    found = parse(whole, url=url)
    assert found.fault is None or not found.fault.startswith("could not be understood")
    for entry in found.entries:
        assert entry.link is None or url != URL or entry.link.startswith(("http://", "https://"))
        texts = entry.title + entry.summary + entry.content + entry.id
        assert not any(mark in texts for mark in "\x00\x1c\x1d\x1e\x7f\x85\u202e\u2066\ud800\ufffe")
        assert len(entry.title) <= 500


@pytest.mark.parametrize(
    "unit",
    [
        b"<item><title>x",
        b"<![CDATA[",
        b"<!--",
        b"&",
        b"&bogus;",
        b"<",
        b"<a>",
        b"<image>",
        b"<rss ",
        b"<a:b xmlns:a='x'>",
    ],
)
def test_floods_are_read_in_bounded_work(unit: bytes) -> None:
    found = parse(b"<rss><channel><item><title>First</title></item>" + unit * (400_000 // len(unit)))
    assert len(found.entries) <= 2000
