"""What of a sample is told as likely to disappoint; the sample itself is tried by the command's tests."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Article, Entry, Feed, FullText, Source, SourceKind, TextFrom, Tier
from bot.pipeline.sample import Sample, remarks

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LONG = "word " * 200


def an_entry(number: int = 0, **values: object) -> Entry:
    given = {
        "link": f"https://www.ledger.example/{number}",
        "title": f"Story {number}",
        "published_at": NOW - timedelta(hours=number),
    }
    return Entry(**given | values)


def said(*entries: Entry, article: Article | None = None, fault: str | None = None, **source: object) -> str:
    made = Source(
        **{"key": "tried", "name": "L", "kind": SourceKind.FEED, "url": "https://ledger.example/feed"}
        | source
    )
    listed = entries or tuple(an_entry(number) for number in range(5))
    return "\n".join(
        remarks(Sample(source=made, feed=Feed(entries=listed, fault=fault), article=article), now=NOW)
    )


def an_article(text: str = LONG, text_from: TextFrom = TextFrom.PAGE) -> Article:
    return Article(url="https://ledger.example/1", text=text, text_from=text_from)


def test_a_good_source_is_told_nothing_of():
    assert said(article=an_article()) == ""


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([an_entry(number, published_at=None) for number in range(4)], "none of its entries has a date"),
        (
            [an_entry(1), *(an_entry(n, published_at=None) for n in range(2, 5))],
            "3 of 4 entries have no date",
        ),
        ([an_entry(1, published_at=NOW - timedelta(days=99))], "its newest entry is of 18 August 2026"),
        ([an_entry(1, link=None)], "none of its entries leads to a page"),
        ([an_entry(1, title="")], "none of its entries has a title"),
        (
            [an_entry(1, link="https://other.example/1")],
            "lead to other.example, not to its own; an aggregator",
        ),
        (
            [an_entry(1, link="https://a.example/1"), an_entry(2, link="https://b.example/1")],
            "lead to 2 other sites",
        ),
    ],
)
def test_what_entries_lack_is_told(entries, says):
    assert says in said(*entries)


def test_dates_of_a_few_entries_may_be_missing():
    assert said(an_entry(1), an_entry(2), an_entry(3, published_at=None)) == ""


def test_an_aggregator_that_is_marked_is_not_told_to_be():
    assert "tier: aggregator" not in said(an_entry(1, link="https://a.example/1"), tier=Tier.AGGREGATOR)


@pytest.mark.parametrize(
    ("article", "says"),
    [
        (an_article("too short"), "the first article has only 2 words"),
        (an_article("a summary", TextFrom.SUMMARY), "the page gave no text, so the summary of the listing"),
    ],
)
def test_an_article_that_is_not_whole_is_told(article, says):
    assert says in said(article=article)


def test_the_feeds_own_text_is_what_was_asked_for():
    article = an_article(LONG, TextFrom.FEED)
    assert said(article=article, full_text=FullText.FEED) == ""


def test_what_is_less_than_safe_or_whole_is_told():
    assert "TLS is not verified" in said(tls_verify=False)
    assert "not all of it could be read: cut off" in said(fault="cut off: the feed ends in the middle")
