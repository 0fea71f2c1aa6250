"""Damaged feeds read as the undamaged ones do, wherever the information is still there."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.model import Feed
from bot.parse import feed
from tests.parse.damage import DAMAGE, JSON_DAMAGE

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
URL = "https://feeds.example/news/feed"


def text_of(path: Path) -> str:
    data = path.read_bytes()
    text = data.decode("latin-1" if b"ISO-8859-1" in data[:100] else "utf-8")
    # None of them depends on what it says of its encoding, so that the damage may say what it likes.
    return re.sub(r"\A(<\?xml[^>]*?) encoding=.[\w-]+.", r"\1", text)


#: An item of 1999 and a namespace of everybody: what every golden feed does, in one place for the damage.
MANY = "".join(
    f"<item>\n<title>Story {number} of the “day”</title>\n<link>https://n.example/{number}</link>\n"
    f'<guid isPermaLink="false">g{number}</guid>\n<pubDate>Mon, 23 Nov 2026 14:{number:02}:00 GMT</pubDate>\n'
    f"<description>Short {number}</description>\n<content:encoded><![CDATA[<p>Long {number}</p>]]></content:encoded>\n"
    "</item>\n"
    for number in range(12)
)
XML = {
    **{path.name: text_of(path) for path in sorted(FEEDS.glob("*.xml"))},
    "many": '<?xml version="1.0"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    f"<channel>\n<title>News</title>\n<link>https://n.example/</link>\n{MANY}</channel></rss>",
}
JSON = {path.name: text_of(path) for path in sorted(FEEDS.glob("*.json")) if ".expected" not in path.name}


def facts(found: Feed) -> tuple[object, ...]:
    entries = [(e.id, e.link, e.title, e.published_at, e.updated_at) for e in found.entries]
    return found.title, found.link, entries


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_costs_no_fact_of_a_feed(damage: object) -> None:
    suffered = 0
    for name, text in XML.items():
        damaged = damage(text)  # type: ignore[operator]
        if damaged is None:
            continue
        suffered += 1
        assert facts(feed.parse(damaged, {}, URL)) == facts(feed.parse(text.encode(), {}, URL)), name
    assert suffered


@pytest.mark.parametrize("damage", JSON_DAMAGE.values(), ids=JSON_DAMAGE.keys())
def test_damage_costs_no_fact_of_a_json_feed(damage: object) -> None:
    for name, text in JSON.items():
        damaged = damage(text)  # type: ignore[operator]
        assert damaged is not None
        assert facts(feed.parse(damaged, {}, URL)) == facts(feed.parse(text.encode(), {}, URL)), name


@settings(deadline=None, max_examples=150)
@given(
    text=st.sampled_from(sorted(XML.values())),
    first=st.sampled_from(sorted(DAMAGE)),
    second=st.sampled_from(sorted(DAMAGE)),
)
def test_two_damages_at_once_make_it_neither_raise_nor_invent(text: str, first: str, second: str) -> None:
    once = DAMAGE[first](text)
    assume(once is not None and second not in ("bare deflate", "zlib"))
    twice = DAMAGE[second]((once or b"").decode("utf-8", "replace"))
    found = feed.parse(twice or b"", {}, URL)
    assert found.fault is None or "understood" not in found.fault
    known = {entry.link for entry in feed.parse(text.encode(), {}, URL).entries}
    assert len(found.entries) <= 2 * len(known) + 2


@settings(deadline=None, max_examples=150)
@given(text=st.sampled_from([*XML.values(), *JSON.values()]), where=st.floats(0, 1))
def test_a_feed_cut_anywhere_gives_its_first_entries_and_no_half_one(text: str, where: float) -> None:
    whole = feed.parse(text.encode(), {}, URL)
    cut = feed.parse(text.encode()[: int(where * len(text.encode()))], {}, URL)
    # The format of 1997 keeps the address and date in the opening tag: half an item is an item there.
    assume("<CHANNEL" not in text)
    assert facts(cut)[2] == facts(whole)[2][: len(cut.entries)]  # type: ignore[index]
    assert len(cut.entries) == len(whole.entries) or cut.fault is not None


@settings(deadline=None, max_examples=200)
@given(
    where=st.lists(st.floats(0, 1), min_size=1, max_size=3),
    put=st.sampled_from([b"<", b">", b"&", b'"', b"\0", b"/", b"\xff", b" ", b""]),
    length=st.integers(0, 1),
)
def test_three_wrong_bytes_cost_three_entries_at_most(where: list[float], put: bytes, length: int) -> None:
    data = XML["many"].encode()
    begin = data.index(b"<item>")
    damaged = data
    for share in where:
        place = begin + int(share * (len(data) - begin - 40))
        damaged = damaged[:place] + put + damaged[place + length :]
    links = {entry.link for entry in feed.parse(damaged, {}, URL).entries}
    kept = sum(f"https://n.example/{number}" in links for number in range(12))
    assert kept >= 12 - 2 * len(where)
