"""The demo's news site: what it serves, how it answers, and that its content is what the truth says."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from bot.cli.demo_site import DemoSite, Outlet
from bot.cli.demo_site.server import LoopbackServer, Reply
from bot.model import SourceKind
from tests.build import NOW
from tests.cli.demo_truth import ASTERX, CSPO, FURNITURE, TRUTHS, Truth

PAGES = [truth for truth in TRUTHS if truth.readable == "page"]
#: A stand-in for the matcher that owes it nothing.
_PATTERNS = {
    CSPO: re.compile(r"\bCSpO\b|Combined\s+Space\s+Operations|連合宇宙作戦"),
    ASTERX: re.compile(r"\bAsterX\b", re.IGNORECASE),
}
_BODIES = ".story-body, .article-text, .text"


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    """The site on its second day."""
    with DemoSite(now=NOW) as running:
        running.publish_second_day()
        yield running


def get(
    url: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)) as connection:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()


def outlet(site: DemoSite, key: str) -> Outlet:
    return next(one for one in site.outlets if one.key == key)


def address(site: DemoSite, truth: Truth) -> str:
    return outlet(site, truth.outlet).url.rstrip("/") + truth.path


def soup(site: DemoSite, truth: Truth) -> BeautifulSoup:
    return BeautifulSoup(get(address(site, truth))[2], "lxml")


def text_of(page: BeautifulSoup) -> str:
    body = page.select_one(_BODIES)
    assert body is not None
    return body.get_text("\n")


def listed(one: Outlet) -> dict[str, tuple[str, datetime]]:
    """Read a listing by hand: address without query → title and date."""
    data = get(one.listing)[2]
    if one.key == "uchu-boei-shimpo":
        rows = [(item["url"], item["title"], item["date_published"]) for item in json.loads(data)["items"]]
    elif one.kind is SourceKind.LISTING:
        links = BeautifulSoup(data, "lxml").select(one.links or "")
        items = [link.find_parent("article") for link in links]
        rows = [
            (
                one.url.rstrip("/") + link["href"],
                item.select_one(one.title).text,
                item.select_one(one.date)["datetime"],
            )
            for link, item in zip(links, items, strict=True)
        ]
    else:
        feed = BeautifulSoup(data, "xml")
        rows = [
            (
                item.find("loc").text
                if item.find("loc")
                else item.find("link").text or item.find("link")["href"],
                item.find("title").text,
                item.find(["pubDate", "published", "publication_date", "date"]).text,
            )
            for item in feed.find_all(["item", "entry", "url"])
        ]
    return {_absolute(one, link): (title, _moment(date)) for link, title, date in rows}


def _absolute(one: Outlet, link: str) -> str:
    return (link if "://" in link else one.url.rstrip("/") + link).partition("?")[0]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text) if text[0].isdigit() else parsedate_to_datetime(text)
    return moment.astimezone(UTC)


@pytest.mark.parametrize("truth", PAGES, ids=lambda truth: truth.path)
def test_a_page_says_what_the_truth_says(site: DemoSite, truth: Truth) -> None:
    """Title, authors, date, language and text stand on the page where a reader finds them."""
    page = soup(site, truth)
    assert [head.text for head in page.find_all("h1")] == [truth.title]
    assert page.html["lang"] == truth.language
    assert truth.says in text_of(page)
    stamp = page.select_one("main time, #content time")
    assert datetime.fromisoformat(stamp["datetime"]).astimezone(UTC) == truth.published_at(NOW)
    line = page.select_one(".byline, .author").text
    assert all(author in line for author in truth.authors)


@pytest.mark.parametrize("truth", PAGES, ids=lambda truth: truth.path)
def test_furniture_stands_on_the_page_and_not_in_the_text(site: DemoSite, truth: Truth) -> None:
    """What the truth calls furniture really is there to be mistaken for text."""
    page = soup(site, truth)
    whole, text = page.get_text("\n"), text_of(page)
    for line in (*FURNITURE[truth.outlet], *truth.beside):
        assert line in whole
        assert line not in text


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.path)
def test_the_watches_find_what_the_truth_says(site: DemoSite, truth: Truth) -> None:
    """A title in capitals carries no case; elsewhere the exact term decides."""
    text = text_of(soup(site, truth)) if truth.readable == "page" else _summary(site, truth)
    title = truth.title
    found = {
        key
        for key, pattern in _PATTERNS.items()
        if pattern.search(f"{title}\n{text}")
        or (title.isupper() and re.search(r"\bCSPO\b", title) and key == CSPO)
    }
    assert found == set(truth.watches)


def _summary(site: DemoSite, truth: Truth) -> str:
    feed = BeautifulSoup(get(outlet(site, truth.outlet).listing)[2], "xml")
    item = next(item for item in feed.find_all("item") if item.find("title").text == truth.title)
    assert truth.says in item.find("description").text
    return str(item.find("description").text)


@pytest.mark.parametrize("truth", PAGES, ids=lambda truth: truth.path)
def test_a_text_is_long_enough_to_be_one(site: DemoSite, truth: Truth) -> None:
    """At least 120 words, or 300 characters where words are not spaced."""
    text = text_of(soup(site, truth))
    assert len(text) >= 300 if truth.language == "ja" else len(text.split()) >= 120


@pytest.mark.parametrize("key", FURNITURE)
def test_a_source_lists_each_of_its_articles(site: DemoSite, key: str) -> None:
    """Every listing names its articles by address, title and date, and no others."""
    one = outlet(site, key)
    expected = {
        address(site, truth): (truth.title, truth.published_at(NOW))
        for truth in TRUTHS
        if truth.outlet == key
    }
    assert listed(one) == expected


def test_a_copy_is_word_for_word_the_same(site: DemoSite) -> None:
    """The Wellington Post prints the Orbital Ledger's copy under a headline of its own."""
    original, copy = (
        next(truth for truth in TRUTHS if truth.path == path)
        for path in (
            "/news/ten-cspo-partners-agree-on-shared-rules",
            "/nz/wellington-statement-warning-times",
        )
    )
    assert text_of(soup(site, original)).split() == text_of(soup(site, copy)).split()
    assert original.title != copy.title


def test_pages_tell_their_facts_in_three_ways(site: DemoSite) -> None:
    """JSON-LD, OpenGraph, or nothing but a heading and a time."""
    ways = {}
    for truth in PAGES:
        page = soup(site, truth)
        data = page.select_one('script[type="application/ld+json"]')
        graph = page.select_one('meta[property="article:published_time"]')
        if data is not None:
            facts = json.loads(data.string)
            assert facts["headline"] == truth.title
            assert [author["name"] for author in facts["author"]] == list(truth.authors)
            assert datetime.fromisoformat(facts["datePublished"]) == truth.published_at(NOW)
        if graph is not None:
            assert datetime.fromisoformat(graph["content"]) == truth.published_at(NOW)
            assert page.select_one('meta[property="og:title"]')["content"] == truth.title
        ways[truth.outlet] = "json-ld" if data else "opengraph" if graph else "plain"
    assert set(ways.values()) == {"json-ld", "opengraph", "plain"}


def test_the_second_day_comes_when_it_is_told_to() -> None:
    """Before, its articles are neither listed nor found; once published, they stay."""
    first = [truth for truth in TRUTHS if truth.day == 1]
    second = [truth for truth in TRUTHS if truth.day == 2 and truth.readable == "page"]
    with DemoSite(now=NOW) as site:
        shown = {url for one in site.outlets for url in listed(one)}
        assert shown == {address(site, truth) for truth in first}
        assert {get(address(site, truth))[0] for truth in second} == {404}
        site.publish_second_day()
        site.publish_second_day()
        shown = {url for one in site.outlets for url in listed(one)}
        assert shown == {address(site, truth) for truth in TRUTHS}
        assert {get(address(site, truth))[0] for truth in second} == {200}


def test_the_second_day_lies_wholly_after_the_first() -> None:
    """Nothing of the second batch could have been in the first, and nothing is of tomorrow."""
    latest_first = max(truth.published_at(NOW) for truth in TRUTHS if truth.day == 1)
    second = [truth.published_at(NOW) for truth in TRUTHS if truth.day == 2]
    assert latest_first < min(second)
    assert max(second) < NOW


@pytest.mark.parametrize(
    "now", [NOW, datetime(2027, 1, 1, 0, 3, 7, 5, UTC), datetime(2028, 2, 29, 23, 59, tzinfo=UTC)]
)
def test_the_world_can_be_made_for_any_moment(now: datetime) -> None:
    """Dates are reckoned from the moment it is given."""
    with DemoSite(now=now) as site:
        for truth in TRUTHS:
            if truth.day == 1:
                assert listed(outlet(site, truth.outlet))[address(site, truth)][1] == truth.published_at(now)


@pytest.mark.parametrize("with_tag", [True, False], ids=["entity tag", "date"])
def test_what_did_not_change_is_not_sent_again(with_tag: bool) -> None:
    """Listings and pages answer 304 until the outlet has news; the one without any keeps answering 304."""
    with DemoSite(now=NOW) as site:
        validators = {}
        for one in site.outlets:
            status, headers, _ = get(one.listing)
            assert status == 200
            validators[one] = (
                {"If-None-Match": f'"other", {headers["etag"]}'}
                if with_tag
                else {"If-Modified-Since": headers["last-modified"]}
            )
            status, again, body = get(one.listing, validators[one])
            assert (status, body, again["etag"]) == (304, b"", headers["etag"])
        site.publish_second_day()
        answers = {one.key: get(one.listing, validators[one])[0] for one in site.outlets}
    assert {key for key, status in answers.items() if status == 304} == {"nordlicht-zeitung"}


def test_an_entity_tag_outweighs_a_date(site: DemoSite) -> None:
    """Where a client sends both, only the tag is looked at (RFC 9110, 13.2.2)."""
    url = site.outlets[0].listing
    _, headers, _ = get(url)
    stale = {"If-None-Match": '"another"', "If-Modified-Since": headers["last-modified"]}
    assert get(url, stale)[0] == 200
    assert get(url, {"If-None-Match": f"W/{headers['etag']}"})[0] == 304
    assert get(url, {"If-None-Match": "*"})[0] == 304
    assert get(url, {"If-Modified-Since": "the day before yesterday"})[0] == 200
    later = format_datetime(NOW + timedelta(days=1), usegmt=True)
    assert get(url, {"If-Modified-Since": later})[0] == 304


def test_one_outlet_closes_a_part_of_itself_to_programs(site: DemoSite) -> None:
    """Its robots.txt says so; everybody else's allows everything."""
    closed = {}
    for one in site.outlets:
        status, headers, body = get(f"{one.url}robots.txt")
        assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
        closed[one.key] = re.findall(rb"^Disallow: (\S+)$", body, re.MULTILINE)
    assert {key: paths for key, paths in closed.items() if paths} == {"orbital-ledger": [b"/private/"]}


def test_a_refused_page_says_nothing_of_its_article(site: DemoSite) -> None:
    """It answers 403; only the feed's summary can be read."""
    truth = next(truth for truth in TRUTHS if truth.readable == "refused")
    status, headers, body = get(address(site, truth))
    assert status == 403
    assert "etag" not in headers
    assert truth.title not in body.decode()


def test_a_missing_page_is_a_404_in_the_language_of_the_house(site: DemoSite) -> None:
    """Also a page, with its furniture, and never from a cache."""
    for one in site.outlets:
        status, headers, body = get(f"{one.url}no/such/page")
        assert status == 404
        assert "etag" not in headers
        assert BeautifulSoup(body, "lxml").html["lang"] == one.language


def test_everything_a_page_links_to_in_its_head_and_its_pictures_exist(site: DemoSite) -> None:
    """Front pages, style sheets, pictures and teasers are there for those who look at them in a browser."""
    for one in site.outlets:
        page = BeautifulSoup(get(one.url)[2], "lxml")
        links = [tag["href"] for tag in page.select("link[rel=stylesheet], .card h2 a")]
        links += [tag["src"] for tag in page.select("img")]
        refused = {truth.path for truth in TRUTHS if truth.readable == "refused"}
        assert len(links) > 2
        assert {get(one.url.rstrip("/") + link)[0] for link in links if link not in refused} == {200}


def test_a_connection_serves_many_requests(site: DemoSite) -> None:
    """HTTP/1.1 with keep-alive, for full answers, 304s, errors and HEAD alike."""
    parts = urlsplit(site.outlets[0].listing)
    with closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)) as connection:
        ports = set()
        for method, path, headers in (
            ("GET", parts.path, {}),
            ("HEAD", parts.path, {}),
            ("GET", parts.path, {"If-None-Match": "*"}),
            ("GET", "/nothing", {}),
            ("GET", f"{parts.path}?utm_source=feed", {}),
        ):
            connection.request(method, path, headers=headers)
            connection.getresponse().read()
            assert connection.sock is not None
            ports.add(connection.sock.getsockname())
        assert len(ports) == 1


def test_requests_are_counted_by_address() -> None:
    """Without the query; the counter that is handed out is a copy."""
    with DemoSite(now=NOW) as site:
        url = site.outlets[0].listing
        assert not site.requests
        get(url)
        get(f"{url}?utm_source=feed")
        counted = site.requests
        assert counted == {url: 2}
        counted.clear()
        assert site.requests[url] == 2


def test_sources_are_ready_to_be_read(site: DemoSite) -> None:
    """Each outlet is a source of its kind, and may be connected to on loopback."""
    sources = {source.key: source for source in site.sources()}
    assert list(sources) == [one.key for one in site.outlets]
    assert {source.kind for source in sources.values()} == {
        SourceKind.FEED,
        SourceKind.SITEMAP,
        SourceKind.LISTING,
    }
    assert {source.allow_private for source in sources.values()} == {("127.0.0.0/8",)}
    assert all(
        (source.links is not None) == (source.kind is SourceKind.LISTING) for source in sources.values()
    )
    assert len({source.host for source in sources.values()}) == len(sources)


def test_lookalikes_are_articles_without_a_mention(site: DemoSite) -> None:
    """Each of them is new on the second day, named by its address, and matched by no watch."""
    truths = {address(site, truth): truth for truth in TRUTHS}
    named = [truths[url] for url in site.lookalikes()]
    assert len(named) == 4
    assert all(truth.day == 2 and not truth.watches for truth in named)


def test_where_there_is_one_address_only_the_ports_tell_outlets_apart() -> None:
    """An address that this machine does not have is replaced by 127.0.0.1."""
    elsewhere = [f"203.0.113.{number}" for number in range(1, 9)]
    with DemoSite(now=NOW, hosts=["127.0.0.1", *elsewhere]) as site:
        assert {urlsplit(one.url).hostname for one in site.outlets} == {"127.0.0.1"}
        assert len({one.url for one in site.outlets}) == 9
        assert {get(one.listing)[0] for one in site.outlets} == {200}


def test_when_it_stops_nothing_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    """Ports are free, kept connections closed, the terminal untouched; stopping again does no harm."""
    site = DemoSite(now=NOW)
    with site:
        parts = urlsplit(site.outlets[0].url)
        kept = socket.create_connection((parts.hostname, parts.port), timeout=10)
        kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
    with closing(kept):
        while kept.recv(65536):
            pass
    with closing(socket.socket()) as knock:
        assert knock.connect_ex((parts.hostname, parts.port)) != 0
    site.stop()
    assert site.outlets == ()
    assert site.sources() == ()
    assert capfd.readouterr() == ("", "")


def test_a_client_that_hangs_up_is_no_trouble(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is said about it, and the next one is served."""
    with DemoSite(now=NOW) as site:
        parts = urlsplit(site.outlets[0].url)
        for line in (
            b"",
            b"GET / HT",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        ):
            rude = socket.create_connection((parts.hostname, parts.port), timeout=10)
            rude.sendall(line)
            rude.close()
        assert get(site.outlets[0].url)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_reply_without_a_moment_has_no_validators() -> None:
    """Style sheets and errors are simply sent."""
    server = LoopbackServer("127.0.0.1", lambda path: Reply(body=path.encode(), content_type="text/plain"))
    server.start()
    try:
        status, headers, body = get(f"{server.url}/x?y", {"If-None-Match": "*"})
    finally:
        server.stop()
    assert (status, body) == (200, b"/x")
    assert "etag" not in headers
    assert "last-modified" not in headers
