"""Source keys made of names and addresses."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.slugs import name_of_url, slug, slug_of_url


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SpaceNews", "spacenews"),
        ("Défense Hebdo", "defense-hebdo"),
        ("DVIDS U.S. Space Command", "dvids-u-s-space-command"),
        ("Süddeutsche Straße", "suddeutsche-strasse"),
        ("Ærø Łódź", "aero-lodz"),
        ("Красная звезда", "krasnaya-zvezda"),
        ("Καθημερινή", "kathimerini"),
        ("Ｎａｓａ", "nasa"),
    ],
)
def test_names_become_plain_letters(name: str, key: str) -> None:
    """Latin, Cyrillic and Greek names stay readable."""
    assert slug(name) == key


def test_names_in_other_scripts_get_keys_of_their_own() -> None:
    """Never empty, never shared, and what is Latin in them stays."""
    keys = {
        slug(name)
        for name in ("防衛省", "宇宙航空研究開発機構", "NHK ニュース", "NHK 防災", "صحيفة", "!!!", "…")
    }
    assert len(keys) == 6 + 1
    assert slug("NHK ニュース").startswith("nhk-")
    assert slug("防衛省") == slug("防衛省")


def test_long_names_differ_where_they_were_cut() -> None:
    """Two names with the same first 64 letters have two keys."""
    assert slug("x" * 100) != slug("x" * 101)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_every_name_has_a_valid_key(name: str) -> None:
    """Whatever somebody calls a source."""
    assert re.fullmatch(r"[a-z0-9-]{1,64}", slug(name))


@pytest.mark.parametrize(
    ("url", "key", "name"),
    [
        ("https://spacenews.com/feed/", "spacenews-com-feed", "spacenews.com"),
        ("https://www.space.com:8443/feeds/all", "space-com-8443-feeds-all", "space.com"),
        ("https://x.example/rss?type=xml&n=1", "x-example-rss-type-xml-n-1", "x.example"),
        ("https://x.example", "x-example", "x.example"),
    ],
)
def test_addresses_become_keys_and_names(url: str, key: str, name: str) -> None:
    """A source that is only an address has both."""
    assert (slug_of_url(url), name_of_url(url)) == (key, name)
