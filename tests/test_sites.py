"""The test's own news site: it answers, changes and fails as it is told, so that tests can lean on it."""

import contextlib
import http.client
import threading
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from bot.model import SourceKind
from tests.build import NOW
from tests.sites import FURNITURE, LocalSite


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)) as connection:
        connection.request("GET", parts.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()


@pytest.fixture
def site():
    with LocalSite(host="127.0.0.2", name="Ledger & Sons") as running:
        yield running


def test_an_article_stands_in_every_list_and_on_its_page(site: LocalSite) -> None:
    """Newest first, with title, date and address; the page has its furniture."""
    site.add_article("old", "Old <news>", ["One.", "Two."], published=NOW - timedelta(days=1))
    url = site.add_article("new", "New & fresh", ["Three."], published=NOW, sidebar=["CSpO & co"])
    site.add_article("hidden", "Hidden", ["Four."], listed=False)
    for address in (site.feed_url, site.sitemap_url):
        items = BeautifulSoup(get(address)[2], "xml").find_all(["item", "url"])
        assert [item.find("title").text for item in items] == ["New & fresh", "Old <news>"]
    source = site.source("ledger", SourceKind.LISTING, every=timedelta(minutes=1))
    links = BeautifulSoup(get(source.url)[2], "lxml").select(source.links or "")
    assert [(link.text, link["href"]) for link in links] == [
        ("New & fresh", "/news/new"),
        ("Old <news>", "/news/old"),
    ]
    page = BeautifulSoup(get(url)[2], "lxml")
    assert page.h1.text == "New & fresh"
    assert page.select_one("article").text.strip() == "Three."
    assert all(line in page.text for line in (*FURNITURE, "CSpO & co"))
    assert get(f"{site.url}/news/hidden")[0] == 200


def test_what_did_not_change_is_a_304(site: LocalSite) -> None:
    """By either validator; any change of an article changes its page and the lists, and no other page."""
    one = site.add_article("one", "One", ["Text."])
    two = site.add_article("two", "Two", ["Text."])
    before = {url: get(url)[1] for url in (one, two, site.feed_url)}
    for url, headers in before.items():
        assert get(url, **{"If-None-Match": headers["etag"]})[0] == 304
        assert get(url, **{"If-Modified-Since": headers["last-modified"]})[0] == 304
    site.edit_article("one", paragraphs=("Other text.",), title="One, mended")
    after = {url: get(url, **{"If-None-Match": headers["etag"]})[0] for url, headers in before.items()}
    assert after == {one: 200, two: 304, site.feed_url: 200}
    site.remove_article("one")
    assert get(one)[0] == 404
    assert site.statuses("/news/one")[-2:] == [200, 404]


def test_a_site_can_do_without_validators() -> None:
    """Then it never says 304."""
    with LocalSite(validators=False) as site:
        _, headers, _ = get(site.feed_url)
        assert "etag" not in headers
        assert get(site.feed_url, **{"If-None-Match": "*"})[0] == 200


def test_faults_happen_as_often_as_they_are_told_to(site: LocalSite) -> None:
    """A status with headers, a dropped connection, a body cut short; then all is well again."""
    site.fault("/feed.xml", status=503, headers={"Retry-After": "60"}, times=2)
    assert get(site.feed_url)[1]["retry-after"] == "60"
    assert [get(site.feed_url)[0], get(site.feed_url)[0]] == [503, 200]
    site.fault("/feed.xml", drop=True, times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        get(site.feed_url)
    site.fault("/feed.xml", cut=10)
    with pytest.raises(http.client.IncompleteRead):
        get(site.feed_url)
    site.clear_faults()
    assert get(site.feed_url)[0] == 200
    assert site.statuses("/feed.xml") == [503, 503, 200, 0, 200, 200]


def test_a_held_answer_waits_for_its_release(site: LocalSite) -> None:
    """The test sees the request while the client still waits."""
    answers: list[int] = []
    site.fault("/feed.xml", hold=True)
    client = threading.Thread(target=lambda: answers.append(get(site.feed_url)[0]))
    client.start()
    site.wait_for("/feed.xml")
    assert answers == []
    site.release("/feed.xml")
    client.join(timeout=10)
    assert answers == [200]
    assert get(site.feed_url)[0] == 200


def test_stopping_lets_everything_go() -> None:
    """Answers that are held or delayed keep no test waiting."""

    def ask(url: str) -> None:
        # Whether it still gets its answer, or is hung up on, is a race that says nothing.
        with contextlib.suppress(OSError, http.client.HTTPException):
            get(url)

    with LocalSite() as site:
        site.fault("/feed.xml", hold=True, delay=timedelta(hours=1))
        client = threading.Thread(target=ask, args=(site.feed_url,))
        client.start()
        site.wait_for("/feed.xml")
    client.join(timeout=10)
    assert not client.is_alive()


def test_any_page_can_be_set_and_every_request_is_kept(site: LocalSite) -> None:
    """Bytes, type, status and headers as given; the log holds target and headers."""
    url = site.set_page("/odd", b"\xff\x00", content_type="application/x-odd", headers={"X-Odd": "1"})
    status, headers, body = get(url, **{"User-Agent": "me"})
    assert (status, headers["content-type"], headers["x-odd"], body) == (
        200,
        "application/x-odd",
        "1",
        b"\xff\x00",
    )
    assert get(f"{site.url}/robots.txt")[0] == 404
    site.robots = "User-agent: *\nDisallow: /odd\n"
    assert get(f"{site.url}/robots.txt")[2] == site.robots.encode()
    assert [seen.path for seen in site.requests] == ["/odd", "/robots.txt", "/robots.txt"]
    assert site.requests[0].headers["user-agent"] == "me"
    site.forget()
    assert site.requests == ()
    with pytest.raises(TimeoutError):
        site.wait_for("/odd", timeout=0.01)
