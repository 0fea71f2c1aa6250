"""The whole job as a user does it: three sites, `newsbot once`, and what is found, read and told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import NOW
from tests.harness import Installation
from tests.site_pages import LINKS
from tests.sites import FURNITURE, LocalSite

CSPO = [
    "Defence ministers from ten countries met in Wellington on Friday to agree on shared rules for manoeuvres.",
    "The Combined Space Operations initiative, CSpO for short, has existed since 2014 and now counts ten members.",
    "Officials said that notification windows for close approaches between military satellites would follow in spring.",
    "A joint statement is expected to be published by the end of the week, with a list of points of contact.",
]
ASTERX = [
    "The seventh edition of the exercise AsterX will open on 8 March in Toulouse, the space command said on Monday.",
    "Sixteen nations will take part, and a simulated collision in low Earth orbit stands at its centre this time.",
    "Commercial operators are to send flight-dynamics teams for the first time, several of them confirmed the invitation.",
]
SCRUM = [
    "The certified scrum product owner course, or CSPO, remains the most booked training of the season in our survey.",
    "Teams say that a CSPO who knows the backlog saves them two meetings a week, although the certificate is not cheap.",
    "Whoever wants to become a CSPO finds eleven courses in town this autumn, six of which are held in the evening.",
]
COMIC = [
    "The new album about Asterix and his friend sold out within a day in most bookshops of the city centre.",
    "Readers queued for signed copies while the illustrator spoke about fifty years of Gaulish villages and feasts.",
    "A second printing is on its way, the publisher said, and a film about Asterix in the mountains will follow.",
]


@pytest.fixture
def sites() -> Iterator[tuple[LocalSite, LocalSite, LocalSite]]:
    """A feed, a listing page, and an outlet that syndicates the first one's copy."""
    with (
        LocalSite(host="127.0.0.1", name="Orbital Ledger") as ledger,
        LocalSite(host="127.0.0.2", name="Policy Wire") as wire,
        LocalSite(host="127.0.0.3", name="Wellington Post") as post,
    ):
        hour = timedelta(hours=1)
        ledger.add_article(
            "partners", "Ten partners agree on orbital rules", CSPO, author="Ada Moreau", published=NOW
        )
        ledger.add_article("scrum", "How to become a CSPO", SCRUM, published=NOW - hour)
        wire.add_article(
            "war-game",
            "AsterX to open with sixteen nations",
            ASTERX,
            author="Jean Duval",
            published=NOW - 2 * hour,
            sidebar=("CSpO talks resume", "More on CSpO"),
        )
        wire.add_article(
            "comic",
            "New Asterix album sells out",
            COMIC,
            published=NOW - 3 * hour,
            sidebar=("CSpO talks resume",),
        )
        post.add_article(
            "copy", "Space rules: ten countries sign", CSPO, author="Ada Moreau", published=NOW + hour
        )
        yield ledger, wire, post


@pytest.fixture
def installation(tmp_path: Path, sites: tuple[LocalSite, LocalSite, LocalSite]) -> Installation:
    ledger, wire, post = sites
    made = Installation(tmp_path)
    made.configure(
        sources=[
            {"name": "Orbital Ledger", "feed": ledger.feed_url},
            {"name": "Policy Wire", "page": wire.listing_url, "links": LINKS},
            {"name": "Wellington Post", "feed": post.feed_url},
        ]
    )
    return made


def test_once_reads_each_article_once_with_its_facts_and_none_of_its_furniture(installation, sites):
    summary = installation.json("once")
    assert summary["sources"] == {"ok": 3, "failed": 0, "not_modified": 0}
    assert summary["articles_new"] == 5
    articles = {article["url"]: article for article in installation.json("articles", "--text")}
    assert len(articles) == 5
    ledger, _, _ = sites
    told = articles[f"{ledger.url}/news/partners"]
    assert told["title"] == "Ten partners agree on orbital rules"
    assert told["authors"] == ["Ada Moreau"]
    assert told["published_at"] == "2026-11-23T09:00:00Z"
    assert told["language"] == "en"
    assert told["text_from"] == "page"
    for paragraph in CSPO:
        assert paragraph in told["text"]
    for article in articles.values():
        assert not [line for line in FURNITURE if line in article["text"]]
        assert "CSpO talks resume" not in article["text"]


def test_the_right_mentions_are_found_and_the_lookalikes_are_not(installation):
    installation.newsbot("once")
    found = {(mention["watch"], mention["title"]) for mention in installation.json("mentions")}
    assert found == {
        ("cspo", "Ten partners agree on orbital rules"),
        ("cspo", "Space rules: ten countries sign"),
        ("asterx", "AsterX to open with sixteen nations"),
    }


def test_a_second_once_finds_nothing_new_and_asks_conditionally(installation, sites):
    installation.newsbot("once")
    for site in sites:
        site.forget()
    summary = installation.json("once")
    assert summary["sources"] == {"ok": 0, "failed": 0, "not_modified": 3}
    assert (summary["entries_new"], summary["articles_new"], summary["mentions_new"]) == (0, 0, 0)
    for site in sites:
        assert [seen.status for seen in site.requests if seen.path != "/robots.txt"] == [304]


def test_a_first_sight_is_history_and_what_comes_after_is_news(installation, sites):
    installation.newsbot("once")
    assert {mention["state"] for mention in installation.json("mentions")} == {"backfill"}
    sites[0].add_article("fresh", "CSpO meets again", CSPO[::-1], published=NOW)
    assert installation.json("once")["mentions_new"] == 1
    assert [m["title"] for m in installation.json("mentions", "--state", "new")] == ["CSpO meets again"]


def test_no_baseline_makes_a_first_sight_news(installation):
    assert installation.json("once", "--no-baseline")["mentions_new"] == 3


def test_a_mention_says_where_it_stands(installation):
    installation.newsbot("once")
    texts = {article["id"]: article for article in installation.json("articles", "--text")}
    for mention in installation.json("mentions"):
        article = texts[mention["article_id"]]
        assert mention["spans"]
        for span in mention["spans"]:
            text = article["title"] if span["field"] == "title" else article["text"]
            assert text[span["start"] : span["end"]].casefold() in {
                "cspo",
                "asterx",
                "combined space operations",
            }


def test_explain_shows_each_part_of_the_watch(installation):
    installation.newsbot("once")
    mention = next(m for m in installation.json("mentions", "--watch", "cspo"))
    shown = installation.newsbot("explain", str(mention["id"])).stdout
    assert "MATCH" in shown
    assert "{CSpO}" in shown
    assert "true" in shown


def test_a_new_watch_is_matched_against_what_is_stored(installation, sites):
    installation.newsbot("once")
    config = installation.folder / "config" / "watchlists.yaml"
    config.write_text(config.read_text().replace('"asterx"', '"scrum": {"any": ["scrum"]}, "asterx"'))
    installation.newsbot("once")
    found = installation.json("mentions", "--watch", "scrum")
    assert [(m["title"], m["state"]) for m in found] == [("How to become a CSPO", "backfill")]


def test_a_source_that_fails_is_told_and_the_others_are_read(installation, sites):
    sites[1].fault("/news", status=503)
    done = installation.newsbot("once", "--json", check=False)
    assert done.returncode == 4
    assert '"server_error"' in done.stdout
    assert len(installation.json("mentions")) == 2
    shown = installation.newsbot("status").stdout
    assert "Policy Wire" in shown
    assert "503" in shown


def test_every_source_failing_is_a_failure(installation, sites):
    for site, path in zip(sites, ("/feed.xml", "/news", "/feed.xml"), strict=True):
        site.fault(path, drop=True)
    assert installation.newsbot("once", check=False).returncode == 1


def test_a_page_that_cannot_be_read_still_gives_its_mention_from_the_feed(installation, sites):
    installation.newsbot("once")
    sites[0].add_article("wall", "CSpO behind a wall", CSPO, published=NOW)
    sites[0].fault("/news/wall", status=403)
    assert installation.json("once")["mentions_new"] == 1
    article = next(a for a in installation.json("articles") if a["title"] == "CSpO behind a wall")
    assert article["text_from"] == "summary"


def test_robots_txt_is_obeyed_for_pages(installation, sites):
    sites[0].robots = "User-agent: *\nDisallow: /\n"
    installation.newsbot("once")
    assert {seen.path for seen in sites[0].requests} == {"/robots.txt", "/feed.xml"}


def test_source_try_shows_what_would_be_read_and_stores_nothing(installation, sites):
    shown = installation.newsbot("source", "try", sites[0].feed_url, "--allow-private", "127.0.0.0/8").stdout
    assert "Ten partners agree on orbital rules" in shown
    assert "text from page" in shown
    assert not (installation.folder / "newsbot.db").exists()


def test_lists_come_as_json_and_csv(installation):
    installation.newsbot("once")
    assert (
        installation.newsbot("mentions", "--csv")
        .stdout.splitlines()[0]
        .startswith("id,watch,article_id,url,title")
    )
    assert len(installation.newsbot("articles", "--jsonl").stdout.splitlines()) == 5
    assert {row["name"] for row in installation.json("source", "list")} == {
        "Orbital Ledger",
        "Policy Wire",
        "Wellington Post",
    }


def test_a_private_address_is_refused_unless_the_source_allows_it(installation, sites):
    installation.configure(
        sources=[{"name": "Inside", "feed": sites[0].feed_url, "allow_private": []}], fetch={}
    )
    done = installation.newsbot("once", check=False)
    assert done.returncode == 1
    assert "allow_private" in done.stdout + done.stderr
    assert not sites[0].requests
