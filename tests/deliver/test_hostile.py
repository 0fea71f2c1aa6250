"""Whatever strangers write, every transport sends text: nothing active, no header, no control character."""

import json
import re
import unicodedata
from email.parser import BytesParser
from email.policy import default as email_policy
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.deliver import KINDS, message_id, render
from bot.deliver.blocks import escape
from bot.deliver.clean import clean, web_link
from bot.deliver.email import EmailOptions
from bot.deliver.plain import columns
from bot.deliver.slack import SlackOptions
from bot.model import Health, Outlet, SourceFlood, SourceRecovery, SourceTrouble, Span, WatchHistory
from tests.deliver.examples import SLOT, a_mention, composed, found
from tests.deliver.hostile_words import TEXTS, URLS

#: what a mail may have, whoever wrote its words
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe",
    "Auto-Submitted", "X-Newsbot-Digest", "MIME-Version", "Content-Type",
}  # fmt: skip
TARGET = "ada@desk.example"
SAFE_TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td",
    "h1", "h2", "h3", "p", "a", "b", "span", "br",
}  # fmt: skip
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def a_digest(text, url="https://outlet.example/1"):
    """A digest in which every word of a stranger is ``text`` and every address ``url``."""
    mentions = [
        a_mention(
            number,
            watch="cspo",
            story_id=1 if number < 3 else None,
            title=text,
            outlet=f"{number}{text}",
            url=url,
            language=text,
            excerpt=text,
            marks=((0, min(4, len(text))), (2, 9), (-1, 3), (5, 10_000)) if text else (),
            spans=(Span(field="title", start=0, end=1, term=text),),
        )
        for number in range(1, 4)
    ]
    watches = [
        WatchHistory(key="cspo", name=text, description=text, days=(1,) * 14),
        WatchHistory(key="quiet", name=text),
    ]
    return composed(
        found(*mentions),
        watches,
        name=text,
        troubles=[
            SourceTrouble(name=text, message=text, since=SLOT),
            SourceTrouble(key="a", name=text, message=text, kind="unauthorised", told_at=SLOT),
        ],
        recovered=[SourceRecovery(name=text, message=text, trouble=Health.FAILING, since=SLOT)],
        floods=[SourceFlood(name=text, entries=99)],
    )


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert "url(" not in (value or "") or name != "style"
            if name in ("href", "src", "action"):
                self.links.append((name, value))


def assert_only_text(text):
    for char in text:
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"), repr(char)
        assert char not in BIDI


def mail(digest):
    options = {"from": "Newsbot <bot@bot.example>", "to": [TARGET], "smtp": {"host": "127.0.0.1"}}
    channel = KINDS["email"].build("mail", EmailOptions.model_validate(options))
    name = message_id(digest="morning", slot=SLOT, channel="mail", target=TARGET)
    return channel.payload(digest, target=TARGET, message_id=name)


def slack(digest):
    options = SlackOptions.model_validate({"webhook_url": "https://hooks.example/services/x"})
    return json.loads(
        KINDS["slack"].build("desk", options).payload(digest, target="desk", message_id="<a@b>")
    )


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_text_stays_text(text):
    check_html(a_digest(text))
    check_text(a_digest(text))
    check_mail(a_digest(text))
    check_slack(a_digest(text))


@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_hostile_addresses_are_links_to_the_web_or_none(url):
    digest = a_digest("A title", url)
    check_html(digest)
    check_text(digest)
    check_mail(digest)
    check_slack(digest)


@given(st.text(max_size=200), st.text(max_size=80).map(lambda rest: f"https://a.example/{rest}"))
@settings(max_examples=60, deadline=None)
def test_any_text_stays_text(text, url):
    digest = a_digest(text, url)
    check_html(digest)
    check_mail(digest)
    check_slack(digest)


def check_html(digest):
    page = render.html(digest)
    assert len(page.encode()) < 95_000
    assert_only_text(page)
    parsed = Page(page)
    assert parsed.tags <= SAFE_TAGS
    for name, link in parsed.links:
        assert name == "href"
        assert link.startswith(("https://", "http://"))
        assert "@" not in link.split("/")[2]
        assert not set(link) & set("\"'<> \\")


def check_text(digest):
    text = render.text(digest)
    assert_only_text(text)
    for line in text.splitlines():
        assert columns(line) <= 78 or line.strip().startswith("http")


def check_mail(digest):
    body = mail(digest)
    assert len(body) < 95_000
    assert body.isascii()
    assert all(len(line) <= 998 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    message = BytesParser(policy=email_policy).parsebytes(body)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert not message.defects
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["To"] == TARGET
    assert len(message["Subject"]) <= 210
    assert_only_text(message["Subject"])
    for part in message.iter_parts():
        assert not part.defects
        assert_only_text(part.get_content().replace("\r\n", "\n"))


def check_slack(digest):
    message = slack(digest)
    assert len(message["blocks"]) <= 50
    assert len(json.dumps(message, ensure_ascii=False, separators=(",", ":"))) <= 10_000
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    check_markup(message["text"])
    for block in message["blocks"]:
        if block["type"] == "header":
            assert block["text"]["type"] == "plain_text"
            assert 0 < len(block["text"]["text"]) <= 150
            assert_only_text(block["text"]["text"])
        for element in [block.get("text"), *block.get("elements", [])]:
            if element and element["type"] == "mrkdwn":
                assert 0 < len(element["text"]) <= 3000
                assert element["verbatim"] is True
                check_markup(element["text"])


def check_markup(markup):
    assert_only_text(markup)
    # what stands in angle brackets is a link to the web, and nothing else is in any
    for inner in re.findall(r"<([^>]*)>", markup):
        address, _, label = inner.partition("|")
        assert re.fullmatch(r"https?://[^\s|<>]+", address)
        assert "<" not in label
    bare = re.sub(r"<[^>]*>", "", markup)
    assert "<" not in bare
    assert not re.search(r"&(?!amp;|lt;|gt;)", markup)
    assert not re.search(r"@(channel|here|everyone)", markup)


def unescaped(markup):
    return markup.replace("\u200b", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(st.text(alphabet=st.characters(exclude_characters="\u200b")))
def test_slack_escaping_loses_nothing_and_leaves_no_bracket(text):
    assert unescaped(escape(text)) == text
    assert not set(escape(text)) & set("<>")


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/x?y=1&z=2#part", "https://a.example/x?y=1&z=2#part"),
        (" https://a.example/ ", "https://a.example/"),
        ("https://a.example/a|b<c>'\"", "https://a.example/a%7Cb%3Cc%3E%27%22"),
        ("https://ünï.example/ä", "https://ünï.example/ä"),
        ("https://a.example:8080/", "https://a.example:8080/"),
        *((url, "") for url in URLS[:12]),
    ],
)
def test_an_address_is_linked_as_it_is_encoded_or_not_at_all(url, link):
    assert web_link(url) == link


def test_an_outlet_that_cannot_be_linked_is_still_named():
    digest = a_digest("A title", "javascript:alert(1)")
    assert Outlet(name="2A title", url="javascript:alert(1)") in digest.watches[0].stories[0].also
    assert "2A title" in render.html(digest)
