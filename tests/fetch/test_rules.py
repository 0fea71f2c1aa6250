"""What the lines of a robots.txt mean for us (N14). Source: RFC 9309 section 2.2."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from bot.fetch.rules import Parsed, decoded, judged, only_ours, product_token

US = "User-agent: newsbot\n"


def allows(text: str, path: str, *tokens: str) -> bool:
    tokens = tokens or ("newsbot",)
    parsed = Protego.parse(only_ours(text, tokens))
    return judged(parsed, tokens[0], f"https://site.example{path}", "site.example").allowed


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        # 2.2.2: paths are compared as they are meant, not as they are spelled
        ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("Disallow: /foo/bar/baz", "/foo/bar/%62%61%7A", False),
        ("Disallow: /ツ", "/%E3%83%84", False),
        ("Disallow: /%e3%83%84", "/ツ", False),
        ("Disallow: /a%2fb", "/a/b", True),
        # 2.2.2: the longest rule wins, and of two equal ones the one that allows
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Disallow: /\nAllow: /p", "/page", True),
        ("Allow: /folder\nDisallow: /folder", "/folder/page", True),
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/page", False),
        # 2.2.2: robots.txt itself is always allowed
        ("Disallow: /", "/robots.txt", True),
        # 2.2.3: # * $, and the same characters meant as they are
        ("Disallow: /a#b", "/a", False),
        ("Disallow: /*?", "/a?b", False),
        ("Disallow: /*?", "/a", True),
        ("Disallow: /*.pdf$", "/a.pdf", False),
        ("Disallow: /*.pdf$", "/a.pdf?x", True),
        ("Disallow: /with-%2A", "/with-*", False),
        ("Disallow: /with-%24", "/with-$", False),
        # 2.2.4: other lines say nothing and end nothing
        ("Sitemap: https://x/\nDisallow: /", "/a", False),
        ("Noindex: /a\nDisallow: /a", "/a", False),
        # what people write
        ("Disallow:", "/a", True),
        ("disallow:/a", "/a", False),
        ("  Disallow : /a  # why", "/a", False),
        ("Dissallow: /a", "/a", False),
        ("Disallow /a", "/a", False),
        ("Disallow: *", "/a", False),
    ],
)
def test_rules_mean_what_the_standard_says(rules: str, path: str, allowed: bool) -> None:
    assert allows(US + rules, path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: a\nUser-agent: newsbot\nDisallow: /", False),
        ("User-agent: a\n\n# x\nUser-agent: newsbot\nDisallow: /", False),
        ("User-agent: newsbot\nSitemap: x\nUser-agent: b\nDisallow: /", False),
        ("User-agent: newsbot\nNoindex: /\nUser-agent: b\nDisallow: /", False),
        ("User-agent: a\nDisallow: /\nUser-agent: newsbot\nDisallow: /x", True),
        ("User-agent: a\nCrawl-delay: 1\nUser-agent: newsbot\nDisallow: /", False),
        (
            "User-agent: newsbot\nDisallow: /x\nUser-agent: a\nDisallow: /\nUser-agent: newsbot\nDisallow: /p",
            False,
        ),
        ("User-agent: *\nDisallow: /\nUser-agent: newsbot\n", True),
        ("User-agent: *\nUser-agent: newsbot\nDisallow: /", False),
        ("User-agent: *\nDisallow: /x\nUser-agent: *\nDisallow: /p", False),
        ("Disallow: /\nUser-agent: newsbot\nDisallow: /x", True),
    ],
)
def test_groups_are_kept_apart(text: str, allowed: bool) -> None:
    """2.2.1: ours, or everybody's where we are not named, and all groups of one name together."""
    assert allows(text, "/page") is allowed


def test_whoever_has_two_names_obeys_both() -> None:
    text = f"{US}Disallow: /ours\n\nUser-agent: desk\nDisallow: /theirs\n\nUser-agent: *\nDisallow: /\n"
    paths = ("/ours", "/theirs", "/free")
    assert [allows(text, path, "newsbot", "desk") for path in paths] == [False, False, True]
    assert [allows(text, path, "newsbot", "") for path in paths] == [False, True, True]
    assert [allows(text, path, "newsbot", "other") for path in paths] == [False, True, True]


@pytest.mark.parametrize(
    ("agent", "token"),
    [("newsbot/1.0 (+x)", "newsbot"), ("My_Bot-x 2", "my_bot-x"), ("Bot2000/1", "bot"), ("", ""), ("1x", "")],
)
def test_the_product_token_is_letters(agent: str, token: str) -> None:
    assert product_token(agent) == token


def test_what_was_cut_ends_with_its_last_whole_line() -> None:
    """Half a line may forbid far more than the whole."""
    body = b"User-agent: *\nDisallow: /a\nDisallow: /private"
    assert decoded(body[:-7], cut=True).splitlines()[-1] == "Disallow: /a"
    assert decoded(body, cut=False).splitlines()[-1] == "Disallow: /private"
    assert decoded(b"x" * 100, cut=True) == ""
    assert decoded(b"\xef\xbb\xbfUser-agent: *\xff", cut=False) == "User-agent: *\ufffd"


lines = st.lists(
    st.sampled_from(
        ["User-agent: newsbot", "User-agent: *", "User-agent: other", "User-agent: news", "Disallow: /a",
         "Allow: /a/b", "Disallow: /", "Disallow:", "Crawl-delay: 3", "Sitemap: x", "junk", "", "# c", "Host: x"]
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(lines)
def test_nothing_is_lost_with_the_lines_of_others(text: list[str]) -> None:
    """The parser says the same of the whole file, where nobody's name looks like ours."""
    whole = "\n".join(line for line in text if line not in ("User-agent: news", "junk"))
    ours = only_ours(whole, ("newsbot",))
    assert only_ours(ours, ("newsbot",)) == ours
    assert "other" not in ours
    for path in ("/", "/a", "/a/b", "/c"):
        url = f"https://site.example{path}"
        assert Protego.parse(ours).can_fetch(url, "newsbot") == Protego.parse(whole).can_fetch(url, "newsbot")
    assert Protego.parse(ours).crawl_delay("newsbot") == Protego.parse(whole).crawl_delay("newsbot")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_any_text_is_read(text: str) -> None:
    parsed = Protego.parse(only_ours(text, ("newsbot",)))
    assert judged(parsed, "newsbot", "https://site.example/a?b=c", "site.example").allowed in (True, False)


def test_what_is_kept_parsed_is_bounded() -> None:
    """The longest unused go first; one that is too large alone stays until the next."""
    kept = Parsed()
    rules = Protego.parse("")
    texts = [f"{number} {'x' * 300_000}" for number in range(5)]
    for text in texts[:3]:
        kept.keep(text, rules)
    assert kept.get(texts[0]) is rules
    kept.keep(texts[3], rules)
    assert [kept.get(text) is not None for text in texts[:4]] == [True, False, True, True]
    kept.keep("y" * 5_000_000, rules)
    assert kept.get(texts[0]) is None
    kept.keep("z", rules)
    assert kept.get("y" * 5_000_000) is None
    assert kept._size == 2
