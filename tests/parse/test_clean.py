"""Cleaning: plain text of HTML, what is never stored, links."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.parse import clean


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<P CLASS='x'>One.<P>Two.", "One.\n\nTwo."),
        ("One<br>two<br/><br />three", "One\ntwo\n\nthree"),
        ("a <b>bold</b>, <a href='x'>linked</a> word", "a bold, linked word"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("One<!-- <p>no</p> --> two", "One two"),
        ("<style>p{}</style>One<script>if (a<b) x()</script> two", "One two"),
        ("<svg><title>no</title></svg>One", "One"),
        ('<img alt="a > b" src="x">One', "One"),
        ('One <a href="x" title="<p>">two</a>', "One two"),
        ("One <a href='cut", "One"),
        ("a < b and c > d", "a < b and c > d"),
        ("AT&amp;T &lt;x&gt; &#8217; &nbsp; &copy;", "AT&T <x> ’ ©"),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", "One.\n\nTwo."),
        ("<p>Write &amp;lt;b&amp;gt;</p>", "Write &lt;b&gt;"),
        ("One\n two\n\nThree", "One two\n\nThree"),
        ("<pre>  a\n   b</pre>", "a b"),
        ("", ""),
        ("<p></p>", ""),
        ("if x <y then z", "if x <y then z"),
        ("One <!-- <p>a</p> <b -- > --> two", "One two"),
        ("One<!--> two", "One two"),
        ("<!DOCTYPE html><html><head><title>T</title></head><body>One</body></html>", "One"),
        ("<script>if (a<b) { x('</p>') }</script>One", "One"),
        ("<script>never ended", ""),
        ("<iframe src='x' />One<iframe src=y></iframe> two", "One two"),
        ("<svg><title>no</title><svg/></svg>One", "One"),
        ("<noscript><img src=x>no</noscript>One", "One"),
        ("One <object>two", "One two"),
        ("<a title='x > y' href=z>One</a>", "One"),
        ("<a title=it's>One</a>", "One"),
        ("<custom-tag x=1>One</custom-tag> <O:P>two</O:P>", "One two"),
        ("<![CDATA[One <b>two</b>]]>", "One two"),
        ("a\xa0&nbsp;b\tc", "a b c"),
        ("<p>\u201cOne\u201d\xa0two</p><p>e\u0301</p>", "\u201cOne\u201d two\n\n\xe9"),
        ("&bogus; &amp &copy2026", "&bogus; & ©2026"),
        (f"a &#{'9' * 5000}; b", f"a &#{'9' * 5000}; b"),
        ("&#x1F600; &#128512; &#0; &#xD83D;", "😀 😀 \ufffd \ufffd"),
    ],
)
def test_html_becomes_paragraphs(markup: str, text: str) -> None:
    assert clean.plain(markup) == text


def test_long_texts_are_cut() -> None:
    assert len(clean.plain("<p>" + "word " * 10_000, 100)) <= 100
    assert len(clean.line("x " * 10_000)) <= 500


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "<",
            "</",
            "<p <",
            "<a href='",
            '<a ="',
            "<div>",
            "<!--",
            "<!-- -->",
            "<script>",
            "<style",
            "<svg>",
        ),
        *("<iframe/", "&", "&#", "&#x", "<![CDATA[", "\n ", "\xa0a ", "<br>", "]]>", "<?", "</svg>", "<a\n="),
    ],
)
def test_a_megabyte_of_anything_is_read_in_bounded_work(unit: str) -> None:
    for read in (clean.plain, clean.title, clean.line, clean.clean):
        assert isinstance(read(unit * (1_000_000 // len(unit))), str)


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=300))
def test_cleaned_text_holds_nothing_that_must_not_be_stored(text: str) -> None:
    for cleaned in (clean.clean(text), clean.line(text), clean.title(text), clean.plain(text)):
        assert unicodedata.is_normalized("NFC", cleaned)
        assert not any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in cleaned)
        assert not any(mark in cleaned for mark in "\u202a\u202e\u2066\u2069\ufeff")
        assert cleaned.encode("utf-8").decode() == cleaned
    assert clean.clean(clean.clean(text)) == clean.clean(text)


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("http://good.example\\@evil.example/", "http://good.example/@evil.example/"),
        ("https:\\\\n.example\\a?b=\\c", "https://n.example/a?b=%5Cc"),
        ("\\\\evil.example/x", "https://evil.example/x"),
        ("java\\script:alert(1)", "https://n.example/java/script:alert(1)"),
    ],
)
def test_a_backslash_leads_where_browsers_go(href: str, link: str) -> None:
    assert clean.link(href, "https://n.example/") == link


@settings(deadline=None, max_examples=200)
@given(href=st.text(max_size=60), base=st.sampled_from(["https://n.example/a/b", "http://[", "x:y"]))
def test_a_link_is_http_and_safe_or_none(href: str, base: str) -> None:
    link = clean.link(href, base)
    assert link is None or (
        link.lower().startswith(("http://", "https://")) and not set(link) & set(' "<>\\\n\x00')
    )


@pytest.mark.parametrize(
    ("tag", "code"), [("en-GB", "en"), ("DE", "de"), ("pt_BR", "pt"), ("eng", None), ("", None), (None, None)]
)
def test_a_language_is_its_two_letters(tag: str | None, code: str | None) -> None:
    assert clean.language(tag) == code
