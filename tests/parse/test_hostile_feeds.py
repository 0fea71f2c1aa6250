"""Feeds made to do harm: entities, outside files, floods, depths (defences P2 to P8)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.parse import feed, sitemap

URL = "https://feeds.example/feed"
LEVELS = 12
LAUGHS = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, LEVELS))


def rss(inside: str) -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><title>First</title></item>'
        f"{inside}</channel></rss>"
    )


def bombs(secret: Path) -> dict[str, str]:
    item = (
        f'<item><title>&l{LEVELS - 1};&file;</title><link href="https://n.example/&l{LEVELS - 1};"/></item>'
    )
    subset = f'[{LAUGHS}<!ENTITY file SYSTEM "file://{secret}">'
    body = rss(item).removeprefix('<?xml version="1.0"?>')
    return {
        "in the usual place": f'<?xml version="1.0"?><!DOCTYPE rss {subset}]>{body}',
        "behind what looks like the root": f'<?xml version="1.0"?><!-- <rss > --><!DOCTYPE rss {subset}]>{body}',
        "behind an instruction": f'<?xml version="1.0"?><?x <rss > ?><!DOCTYPE rss {subset}]>{body}',
        "by parameter entities": f'<!DOCTYPE rss {subset}<!ENTITY % p SYSTEM "file://{secret}">%p;]>{body}',
        "from an outside subset": f'<!DOCTYPE rss SYSTEM "file://{secret}">{body}',
        "public": f'<!DOCTYPE rss PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd" {subset}]>{body}',
        "never ended": f"<!DOCTYPE rss {subset}{body}",
        "in the middle": rss(f"<!DOCTYPE rss {subset}]>{item}"),
        "included": rss(
            f'<item xmlns:xi="http://www.w3.org/2001/XInclude"><title><xi:include href="file://{secret}"'
            ' parse="text"/></title></item>'
        ),
        "by a style sheet": f'<?xml-stylesheet type="text/xsl" href="file://{secret}"?>{body}',
    }


EVENTS: list[str] = []


@pytest.fixture(scope="module")
def hook() -> Iterator[None]:
    """Note every file that Python opens and every address that is looked up or called."""
    noting = [True]

    def note(event: str, args: tuple[object, ...]) -> None:
        if noting and event in ("open", "socket.connect", "socket.getaddrinfo"):
            EVENTS.append(f"{event} {args}")

    sys.addaudithook(note)
    yield
    # A hook stays for the life of the process.
    noting.clear()


@pytest.fixture
def touched(hook: None) -> list[str]:
    EVENTS.clear()
    return EVENTS


@pytest.mark.parametrize("name", bombs(Path("x")))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_no_entity_is_expanded_and_nothing_outside_is_read(
    name: str, encoding: str, tmp_path: Path, touched: list[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text('<!ENTITY l0 "TOP SECRET">')
    data = bombs(secret)[name].encode(encoding)
    touched.clear()
    for found in (feed.parse(data, {}, URL), sitemap.parse(data, {}, URL)):
        assert "SECRET" not in repr(found)
        assert "lollol" not in repr(found)
    assert not [event for event in touched if "secret" in event or event.startswith("socket")]


def test_the_other_items_of_a_hostile_feed_are_still_read(tmp_path: Path) -> None:
    for name, text in bombs(tmp_path).items():
        assert "First" in [entry.title for entry in feed.parse(text.encode(), {}, URL).entries], name


FLOODS = {
    "depth": rss("<a>" * 300_000),
    "items in items": rss("<item>" * 100_000),
    "attributes": rss("<item " + " ".join(f"a{n}='x'" for n in range(100_000)) + "/>"),
    "namespaces": rss("<item " + " ".join(f"xmlns:a{n}='x{n}'" for n in range(50_000)) + "/>"),
    "one long text": rss(f"<item><title>{'x ' * 1_000_000}</title></item>"),
    "tiny elements": rss("<a/>" * 250_000),
    "tiny elements of an item": rss(f"<item>{'<title/><author>x</author><link/>' * 30_000}</item>"),
    "tags of every name": rss("".join(f"<t{n}/>" for n in range(100_000))),
    "references": rss(f"<item><title>{'&#xD83D;&#9;&bogus;' * 50_000}</title></item>"),
    "figures without end": rss(f"<item><title>&amp;#{'9' * 100_000};&#{'9' * 100_000};</title></item>"),
    "a long name": rss("&<item " + "a" * 1_000_000 + "/>"),
    "long names": rss("&<item " + "a:" * 500_000 + "/>" + "<" + "a" * 500_000 + "<" + "a." * 500_000 + ">"),
    "quotes never ended": rss("&<item " + "a=\"b='" * 100_000 + "/>"),
    "quotes in quotes": rss("&<item>" + '<a ="<a" ="<a" ' * 60_000),
    "tags in quotes": rss("&<item>" + ("<a " + ('="' + "<a " * 600 + '" ') * 40) * 10),
    "sections": rss("&<item><title>" + "<![CDATA[x" * 100_000),
    "sections in one": rss("&<item><title>" + "<![CDATA[ x" * 100_000 + "]]></title></item>"),
    "comments": rss("&<item>" + "<!--</item>-->" * 60_000),
    "blanks in end tags": rss("&<item>" + ("</" + " " * 5000) * 200),
    "document types": "<!DOCTYPE a [" + "<!ENTITY a 'b'>" * 60_000,
    "no root": "<title>" * 140_000 + "<entry" * 100_000,
    "deep JSON": '{"version": "1", "items": [{"id": "1", "x": ' + "[" * 100_000,
    "deep JSON that ends": '{"version": "1", "items": [{"x": ' + "[" * 100_000 + "]" * 100_000 + "}]}",
    "quotes in JSON": '{"version": "1", "items": ["' + '\\"' * 500_000,
    "a stroke at the end of JSON": '{"version": "1", "items": ["' + '\\"' * 500_000 + "\\",
    "commas in JSON": '{"version": "1", "items": [' + (", " + " " * 5000) * 200,
    "numbers in JSON": '{"version": "1", "items": [{"id": ' + "9" * 100_000 + ', "title": "First"}]}',
    "before JSON": "a(" * 500_000 + "{",
}


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS.keys())
def test_floods_are_read_in_bounded_work_and_room(text: str) -> None:
    found = feed.parse(text.encode(), {}, URL)
    assert found.fault is None or "understood" not in found.fault
    assert len(found.entries) <= 2000
    for entry in found.entries:
        assert len(entry.title) <= 500
        assert len(entry.id) <= 1000
        assert len(entry.authors) <= 20


def test_whole_items_before_a_flood_are_kept() -> None:
    for name in ("depth", "tiny elements", "sections", "quotes in quotes"):
        assert feed.parse(FLOODS[name].encode(), {}, URL).entries[0].title == "First"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "view-source:https://n.example/",
        "https:javascript:x",
        "http://",
        "https://:80/",
        "http://[::1",
        "//",
    ],
)
def test_a_link_that_is_no_web_address_is_none(link: str) -> None:
    item = {"id": "x", "title": "T", "url": link}
    as_json = f'{{"version": "1", "items": [{json.dumps(item)}]}}'
    as_rss = rss(f"<item><title>T</title><guid>x</guid><link><![CDATA[{link}]]></link></item>")
    for text in (as_json, as_rss):
        entry = feed.parse(text.encode(), {}, URL).entries[-1]
        assert entry.link is None or entry.link.startswith("https://feeds.example/")


@pytest.mark.parametrize(
    "label", ["utf-7", "utf7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "zip"]
)
def test_codecs_that_only_python_knows_are_not_honoured(label: str) -> None:
    text = '<?xml version="1.0" encoding="%s"?><rss><channel><item><title>+ADw- \\x41</title></item></channel></rss>'
    found = feed.parse((text % label).encode(), {"Content-Type": f"text/xml; charset={label}"}, URL)
    assert found.entries[0].title == "+ADw- \\x41"
