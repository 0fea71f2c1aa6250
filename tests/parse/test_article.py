"""Pages to articles: what is refused, what falls back on what, and what can never come out."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureKind, ParseError
from bot.model import Entry, JsonLd, TextFrom
from bot.parse.article import extract, from_entry

URL = "https://gazette.example/news/pier"
SENTENCES = [
    "The harbour council voted on Tuesday to rebuild the northern pier after the winter storm.",
    "Work is to begin in the spring, once divers have looked at the foundations of the old one.",
    "Shop owners on the quay welcomed the vote and asked for a passage that stays open to all.",
    "The ferry to the islands leaves from the southern basin until the last stone has been laid.",
]


def page(body, head=""):
    return f"<html lang='en'><head><title>Pier</title>{head}</head><body>{body}</body></html>"


def paragraphs(sentences=SENTENCES):
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"%PDF-1.7 stream", "application/pdf"),
        (b"%PDF-1.7 stream", "text/html"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b'{"title": "<b>not</b> a page"}', "application/json"),
        (b'{"title": "x"}', "text/html"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"just some words", "text/plain"),
    ],
)
def test_what_is_no_page_is_refused(data, content_type):
    """Whatever the server calls it."""
    with pytest.raises(ParseError) as caught:
        extract(data, URL, headers={"content-type": content_type})
    assert caught.value.kind is FailureKind.NOT_A_PAGE
    assert caught.value.subject == URL


@pytest.mark.parametrize("data", [b"", b"  \n ", b"<html><body></body></html>", b"<html><script>x</script>"])
def test_a_page_without_text_is_empty(data):
    with pytest.raises(ParseError) as caught:
        extract(data, URL)
    assert caught.value.kind is FailureKind.EMPTY


def test_paragraphs_are_split_by_blank_lines():
    article = extract(page(f"<article><h1>Pier</h1>{paragraphs()}</article>"), URL)
    assert article.text.split("\n\n") == SENTENCES


def test_a_longer_text_in_the_feed_is_taken():
    """A page that shows the first paragraphs only gives way to the feed that has them all."""
    content = "\n\n".join([*SENTENCES, *(sentence.replace("the", "a") for sentence in SENTENCES)])
    article = extract(page(paragraphs(SENTENCES[:2])), URL, entry=Entry(title="Pier", content=content))
    assert article.text_from is TextFrom.FEED
    assert article.text == content


def test_another_text_in_the_feed_is_not_taken():
    """Content that does not hold the page's words is of something else."""
    content = "Completely different words about gardening, tomatoes, greenhouses and compost heaps. " * 20
    article = extract(page(paragraphs()), URL, entry=Entry(title="Pier", content=content))
    assert article.text_from is TextFrom.PAGE
    assert SENTENCES[0] in article.text


def test_a_stub_gives_way_to_the_summary():
    article = extract(
        page("<p>Please subscribe.</p>"), URL, entry=Entry(title="Pier", summary=" ".join(SENTENCES))
    )
    assert article.text_from is TextFrom.SUMMARY
    assert article.text == " ".join(SENTENCES)


def test_the_body_in_json_ld_fills_an_empty_page():
    body = " ".join(SENTENCES)
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Pier","articleBody":"{body}"}}</script>'
    assert SENTENCES[3] in extract(page("<div id=app></div>", head), URL).text


def test_facts_missing_on_the_page_come_from_the_entry():
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    entry = Entry(title="Pier to be rebuilt", authors=("Ola Brandt",), published_at=at, updated_at=at)
    article = extract(f"<html><body>{paragraphs()}</body></html>", URL, entry=entry)
    assert (article.title, article.authors) == ("Pier to be rebuilt", ("Ola Brandt",))
    assert (article.published_at, article.modified_at) == (at, at)


@pytest.mark.parametrize("claimed", ["1970-01-01", "1989-12-31", "2031-05-05"])
def test_unbelievable_dates_are_not_believed(claimed):
    """Before 1990, or after the day the page was sent."""
    head = f'<meta property="article:published_time" content="{claimed}">'
    headers = {"date": "Tue, 10 Mar 2026 10:00:00 GMT"}
    assert extract(page(paragraphs(), head), URL, headers=headers).published_at is None


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("cp1252", '<meta charset="iso-8859-1">'),
        ("cp1252", ""),
        ("utf-16", ""),
    ],
)
def test_encodings(codec, declared):
    text = (
        "Der Bürgermeister von Düsseldorf erklärte am Dienstag, die Mole werde größer und schöner als zuvor."
    )
    html = f"<html lang='de'><head>{declared}</head><body><article><p>{text}</p></article></body></html>"
    assert text in extract(html.encode(codec), URL).text


def test_an_encoding_that_is_declared_late():
    """The charset stands behind three kilobytes of other elements."""
    text = "港町の町議会は十日、一月の嵐で壊れた北部の桟橋を再建する案を賛成多数で可決した。"
    filler = '<meta name="x" content="y">' * 110
    html = f"<html><head>{filler}<meta charset=shift_jis></head><body><p>{text}</p></body></html>"
    assert text in extract(html.encode("cp932"), URL).text


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "idna", "rot13"])
def test_encodings_that_no_browser_knows_are_not_honoured(charset):
    body = (
        b"<html><body><p>"
        + b"+ADw-script+AD4- \\u0041 is what the text says, letter for letter. " * 3
        + b"</p>"
    )
    text = extract(body, URL, headers={"content-type": f"text/html; charset={charset}"}).text
    assert "+ADw-script+AD4- \\u0041" in text


def test_no_controls_or_overrides_come_out():
    dirty = (
        "A line with \u202eoverrides\u202c and \x07bells and e\u0301 accents, long enough to be a sentence."
    )
    text = extract(page(f"<p>{dirty}</p>{paragraphs()}"), URL).text
    assert "\u202e" not in text
    assert "\x07" not in text
    assert "\u00e9 accents" in text


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_give_an_article_or_a_parse_error(data):
    """And its text is clean."""
    try:
        article = extract(b"<html><body>" + data, URL)
    except ParseError:
        return
    assert article.text.strip()
    assert article.text == unicodedata.normalize("NFC", article.text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in article.text)


HOSTILE = {
    "tables": "<table><tr><td>x</td></tr></table>" * 50_000 + paragraphs(),
    "nesting": "<div>" * 100_000 + paragraphs(),
    "paragraphs": paragraphs() * 13_000,
    "list of links": "<ul>" + "<li><a href='/x'>read this headline now if you please</a></li>" * 7_000 + "</ul>" + paragraphs(),
    "class name": f'<p class="{"a-" * 1_000_000}">x</p>' + paragraphs(),
    "title": "<h1>" + "a - b " * 500_000 + "</h1>" + paragraphs(),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end_with_a_text(name):
    """Not within a measured time, but without a worker being killed for it."""
    article = extract(page(HOSTILE[name]), URL)
    assert len(article.text) <= 200_000
    assert article.text


def test_from_entry_prefers_the_content():
    entry = Entry(title="Pier", content="\n\n".join(SENTENCES), summary=SENTENCES[0], authors=("Ola Brandt",))
    article = from_entry(entry, URL)
    assert (article.text, article.text_from) == ("\n\n".join(SENTENCES), TextFrom.FEED)
    assert (article.title, article.authors, article.url) == ("Pier", ("Ola Brandt",), URL)
    assert article.language == "en"


def test_from_entry_falls_back_on_the_summary():
    article = from_entry(Entry(title="Pier", summary=SENTENCES[0]), URL)
    assert (article.text, article.text_from) == (SENTENCES[0], TextFrom.SUMMARY)


def test_from_entry_of_a_bare_link():
    article = from_entry(Entry(title="Pier"), URL)
    assert (article.text, article.text_from, article.language) == ("", TextFrom.SUMMARY, None)


BODY = "The text of the article as its publisher's own data holds it, which is longer than any stub of words would be, twenty and more."
SELECTABLE = f"""<html><head><title>Pier</title><script type="application/ld+json">
{{"@type": "NewsArticle", "headline": "Pier by data", "articleBody": "{BODY}", "datePublished": "2026-01-02"}}</script></head>
<body><h1>Pier</h1><div class=promo>Buy the harbour calendar now, it is cheap.</div>
<div class=x1>First words that stand where nobody looks. <script>var x = 1;</script><p>Second words.</p></div>
<div class=x1><div class=x1>Third words.</div></div><p>{"A sentence of the harbour that is long enough for prose. " * 4}</p></body></html>"""


def test_the_text_is_taken_from_where_the_source_says():
    """Each selected element once, what nobody reads left out; where nothing is selected, as for any page."""
    url = "https://gazette.example/pier"
    text = extract(SELECTABLE, url, content_selector=".x1").text
    assert text == "First words that stand where nobody looks.\n\nSecond words.\n\nThird words."
    plain = extract(SELECTABLE, url)
    for nothing in (".gone", "a[", ""):
        assert extract(SELECTABLE, url, content_selector=nothing) == plain


def test_json_ld_is_believed_as_far_as_the_source_says():
    """Its text is taken on demand only, and where it is not to be believed nothing of it is."""
    url = "https://gazette.example/pier"
    told = extract(SELECTABLE, url, json_ld=JsonLd.TEXT)
    assert (told.text, told.published_at) == (BODY, datetime(2026, 1, 2, tzinfo=UTC))
    assert extract(SELECTABLE, url, json_ld=JsonLd.AUTO).text != BODY
    unbelieved = extract(SELECTABLE, url, json_ld=JsonLd.OFF)
    assert unbelieved.title == "Pier"
    assert unbelieved.published_at is None
    stub = SELECTABLE.replace(BODY, "A stub.")
    assert extract(stub, url, json_ld=JsonLd.TEXT).text == extract(stub, url).text


@pytest.mark.parametrize("tag", ["article", "main", "section", "p", "div"])
@pytest.mark.parametrize("head", ["<title>Pier</title>", "<html><title>Pier</title><script>x()</script>", ""])
def test_a_page_may_leave_out_head_and_body(tag, head):
    """HTML allows it, and programs that make pages small do it."""
    sentence = "The harbour council voted on Tuesday to rebuild the northern pier after the winter storm."
    html = f"<!doctype html>{head}<{tag}><p>{sentence}</p></{tag}><p>{sentence[::-1]}</p>"
    assert extract(html, "https://gazette.example/pier").text.startswith(sentence)
