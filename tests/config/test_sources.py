"""What the configuration makes of sources: kinds, what `fetch:` sets for all, keys, secrets, warnings."""

import base64
import ssl
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import FetchSettings, Settings
from bot.config.credentials import OWN_HEADERS
from bot.config.fields import MAX_ENTRIES
from bot.config.sizes import SizeError, parse_size, size_in_words
from bot.fetch import terms_of
from bot.fetch.terms import OWN_HEADERS as NEVER_SENT
from bot.log import Redactor
from bot.model import Access, FullText, JsonLd, PauseScope, Source, SourceKind
from bot.parse.raw import MAX_ENTRIES as EVER_TAKEN
from tests.config.folder import Folder

AUTHORITY = Path(__file__).parents[1] / "fetch" / "tls" / "authority.pem"
FEED = "https://a.example/feed"


def source_of(folder: Folder, keys: str, *, newsbot: str = "contact: a@b.org\n") -> Source:
    """Return the one source of a list with these keys."""
    return settings_of(folder, keys, newsbot=newsbot).sources[0]


def settings_of(
    folder: Folder, keys: str, *, newsbot: str = "contact: a@b.org\n", **environ: str
) -> Settings:
    return folder.load(environ, newsbot=newsbot, sources=f"sources:\n  - {{{keys}}}\n")


def access_of(folder: Folder, keys: str, **environ: str) -> Access:
    settings = settings_of(folder, keys, **environ)
    return settings.access_of(settings.sources[0])


@pytest.mark.parametrize(
    ("keys", "kind", "links"),
    [
        ("feed: 'https://a.example/feed'", SourceKind.FEED, None),
        ("sitemap: 'https://a.example/map.xml'", SourceKind.SITEMAP, None),
        ("page: 'https://a.example/', links: h3 a", SourceKind.LISTING, "h3 a"),
        ("page: 'https://a.example/'", SourceKind.LISTING, None),
        ("page: 'https://a.example/', watch: text", SourceKind.PAGE, None),
        ("search: 'https://a.example/?q={query}'", SourceKind.SEARCH, None),
    ],
)
def test_the_key_of_its_address_says_what_a_source_is(
    folder: Folder, keys: str, kind: SourceKind, links: str | None
) -> None:
    """A page is followed, by its links or those that are found; or watched for itself."""
    source = source_of(folder, keys)
    assert (source.kind, source.links) == (kind, links)
    assert source.url.startswith("https://a.example/")


def test_every_key_of_a_source_has_its_effect(folder: Folder) -> None:
    """Each in the words of the model."""
    folder.write("ca.pem", AUTHORITY.read_bytes())
    source = source_of(
        folder,
        """
    id: press, was: old-press, name: Press, page: 'https://a.example/', links: h3 a, title: h3, date: time,
    next: a.next, pages: 3, full_text: page, json_ld: off, content_selector: article, timeout: 9 s,
    max_body: 10 MB, max_entries: 50, host_pause: 5 s, scope: domain, robots: ignore, user_agent: press/1,
    ca_file: ca.pem, every: 1 h, language: en, tags: [x], tier: official, baseline: off, enabled: true""",
    )
    assert source == Source(
        key="press",
        was="old-press",
        name="Press",
        kind=SourceKind.LISTING,
        url="https://a.example/",
        links="h3 a",
        title="h3",
        date="time",
        next="a.next",
        pages=3,
        full_text=FullText.PAGE,
        json_ld=JsonLd.OFF,
        content_selector="article",
        timeout=timedelta(seconds=9),
        max_body=10_000_000,
        max_entries=50,
        host_pause=timedelta(seconds=5),
        scope=PauseScope.DOMAIN,
        robots=False,
        user_agent="press/1",
        ca_file=str(folder.path / "ca.pem"),
        every=timedelta(hours=1),
        adapts=False,
        language="en",
        tags=("x",),
        tier=source.tier,
        baseline=False,
    )


def test_what_a_source_does_not_say_is_as_fetch_has_it(folder: Folder) -> None:
    """Of an address alone, too; and what it says holds for it."""
    folder.write("ca.pem", AUTHORITY.read_bytes())
    settings = folder.load(
        newsbot="""\
contact: a@b.org
fetch:
  every: 20 min
  shortest: 5 min
  longest: 6 h
  host_pause: 4 s
  timeout: 20 s
  concurrency: 9
  max_body: 7 MB
  max_entries: 70
  scope: domain
  robots: ignore
  user_agent: desk/1
  ca_file: ca.pem
  proxy: http://proxy.example:3128
""",
        sources="""\
sources:
  - https://bare.example/
  - {name: Silent, feed: 'https://silent.example/'}
  - name: Own
    feed: https://own.example/
    every: 1 h
    max_body: 1 MB
    max_entries: 10
    scope: source
    robots: obey
    tls_verify: true
    proxy: none
""",
    )
    assert settings.fetch == FetchSettings(
        every=timedelta(minutes=20),
        shortest=timedelta(minutes=5),
        longest=timedelta(hours=6),
        host_pause=timedelta(seconds=4),
        timeout=timedelta(seconds=20),
        concurrency=9,
        max_body=7_000_000,
        max_entries=70,
        scope=PauseScope.DOMAIN,
        robots=False,
        user_agent="desk/1",
        ca_file=str(folder.path / "ca.pem"),
        proxy="http://proxy.example:3128",
    )
    bare, silent, own = settings.sources
    for source in (bare, silent):
        assert (source.every, source.adapts) == (timedelta(minutes=20), True)
        assert (source.max_body, source.max_entries, source.scope) == (7_000_000, 70, PauseScope.DOMAIN)
        assert (source.robots, source.ca_file) == (False, settings.fetch.ca_file)
        # these are the fetcher's own for whoever says nothing
        assert (source.host_pause, source.timeout, source.user_agent) == (None, None, None)
        assert settings.access_of(source) == Access(proxy="http://proxy.example:3128")
    assert (own.every, own.adapts) == (timedelta(hours=1), False)
    assert (own.max_body, own.max_entries, own.scope, own.robots) == (1_000_000, 10, PauseScope.SOURCE, True)
    assert settings.access_of(own) == Access() == settings.access[own.key]
    tried = settings.fetch.source("https://tried.example/")
    assert replace(tried, key=bare.key, name=bare.name, url=bare.url) == bare
    assert settings.access_of(tried).proxy == settings.fetch.proxy


def test_a_proxy_for_all_with_one_exception_and_certificates_that_are_not_checked(folder: Folder) -> None:
    """A source may be stricter than the rest, and laxer."""
    newsbot = "contact: a@b.org\nfetch: {tls_verify: false}\n"
    assert source_of(folder, f"feed: '{FEED}'", newsbot=newsbot).tls_verify is False
    assert source_of(folder, f"feed: '{FEED}', tls_verify: true", newsbot=newsbot).tls_verify is True
    assert source_of(folder, f"feed: '{FEED}', tls_verify: false").tls_verify is False


def test_a_source_without_secrets_has_no_access(folder: Folder) -> None:
    """Only those that have any are in the map."""
    settings = settings_of(folder, f"feed: '{FEED}', headers: {{}}")
    assert settings.access == {}
    assert settings.access_of(settings.sources[0]) == Access()


def test_secrets_come_from_the_file_the_environment_or_a_file_of_their_own(folder: Folder) -> None:
    """And end up in the access of their source, and nowhere else."""
    folder.write("cookie.txt", "canary-cookie-1\n")
    settings = settings_of(
        folder,
        f"""
    id: a, feed: '{FEED}', basic_auth: {{user: desk, password_env: PASSWORD}},
    headers: {{Accept-Language: fr, X-Api-Key: canary-plain-key, X-One_env: ONE, X-Two: {{env: TWO}}}},
    cookies: {{session: canary-session, other_file: cookie.txt, third: {{file: cookie.txt}}, ok: "1"}},
    proxy_env: PROXY""",
        PASSWORD="canary-p:w",
        ONE=" canary-one ",
        TWO="canary-two",
        PROXY="http://u:canary%40proxy@proxy.example:3128",
    )
    access = settings.access["a"]
    assert access == Access(
        headers=(
            ("Accept-Language", "fr"),
            ("X-Api-Key", "canary-plain-key"),
            ("X-One", "canary-one"),
            ("X-Two", "canary-two"),
        ),
        cookies=(
            ("session", "canary-session"),
            ("other", "canary-cookie-1"),
            ("third", "canary-cookie-1"),
            ("ok", "1"),
        ),
        basic_auth=("desk", "canary-p:w"),
        proxy="http://u:canary%40proxy@proxy.example:3128",
    )
    assert "canary" not in repr(settings)
    assert "canary" not in repr(access)
    redact = Redactor(settings.secrets)
    told = [
        *(value for _, value in access.headers + access.cookies),
        "canary-p:w",
        "canary@proxy",
        "canary%40proxy",
    ]
    assert "canary" not in redact(" | ".join(told))
    assert redact(base64.b64encode(b"desk:canary-p:w").decode()) == "…"
    # what is no secret stays readable in the log
    assert redact("fr 1 desk proxy.example") == "fr 1 desk proxy.example"


def test_a_token_is_a_secret_without_its_scheme_too(folder: Folder) -> None:
    """A server may say it back alone."""
    settings = settings_of(folder, f"feed: '{FEED}', headers: {{Authorization: Bearer canary-4711}}")
    assert Redactor(settings.secrets)("canary-4711") == "…"


def test_what_the_configuration_lets_pass_the_fetcher_sends(folder: Folder) -> None:
    """The rules of both are the same: nothing is left out silently."""
    assert OWN_HEADERS == NEVER_SENT
    assert MAX_ENTRIES == EVER_TAKEN
    settings = settings_of(
        folder,
        f"feed: '{FEED}', headers: {{X-Ümlaut_env: V}}".replace("Ü", "U")
        + ", cookies: {a: 'b, \"c\"'}, basic_auth: {user: u, password: p}, proxy: 'http://p.example'",
        V="wört\tx",
    )
    (source,) = settings.sources
    terms = terms_of(source, settings.access_of(source))
    access = settings.access_of(source)
    assert (terms.headers, terms.cookies, terms.basic_auth) == (
        access.headers,
        access.cookies,
        access.basic_auth,
    )
    assert terms.policy.proxy is not None
    assert terms.policy.proxy.name == "p.example:80"


SECRETIVE = [
    "headers: {X-Api-Key: canary-1}, fed: x",
    "headers: {Accept: canary-1, Host: x}",
    "heders: {X-Api-Key: canary-1}",
    "cookie: {a: canary-1}",
    "cookies: {a: canary-1, 'b c': canary-2}",
    "cookies: {a: [canary-1]}",
    "cookies: canary-1",
    "basic_auth: {user: u, pasword: canary-1}",
    "basic_auth: {user: u, password: canary-1, x: y}",
    "proxy: 'u:canary-1@p.example'",
    "proxy: 'ftp://u:canary-1@p.example'",
    "proxy: 'http://canary-1@p.example/x'",
    'headers: {X-Y: "canary-1\\nx"}',
    "headers: {X-Y: {env: 'canary 1'}}",
    "headers: {X-Y: {value: canary-1}}",
]


@pytest.mark.parametrize("keys", SECRETIVE)
def test_no_fault_shows_a_secret(folder: Folder, keys: str) -> None:
    """Not in its message, not in its hint, not in the line under it."""
    faults = folder.faults(sources=f"sources:\n  - {{feed: '{FEED}', {keys}}}\n")
    assert faults
    assert "canary" not in repr(faults)


@pytest.mark.parametrize(
    "line",
    ["X-Odd: canary-1", "'X-Odd': canary-1 @", "Authorization: Bearer canary-1", "X-Odd_env: [canary-1"],
)
def test_no_fault_of_a_file_that_is_no_yaml_shows_a_secret(folder: Folder, line: str) -> None:
    """Then nobody knows where values begin, and what stands under a telling key is covered."""
    faults = folder.faults(sources=f"sources:\n  - feed: {FEED}\n    headers:\n      {line}: @x\n")
    assert faults
    assert "canary" not in repr(faults)


def test_sources_that_hold_secrets_for_others_to_read_are_a_warning(folder: Folder) -> None:
    """As newsbot.yaml is."""
    folder.write_all(newsbot="contact: a@b.org\n")
    text = f"sources:\n  - {{feed: '{FEED}', headers: {{X-Api-Key: canary-4711}}}}\n"
    folder.write("sources.yaml", text, mode=0o644)
    (warning,) = folder.read().warnings
    assert "others may read it (mode 0644)" in warning.message
    folder.write("sources.yaml", text.replace("X-Api-Key: canary-4711", "Accept: text/html"), mode=0o644)
    assert folder.read().warnings == ()


def warned(folder: Folder, keys: str, **more: str) -> list[tuple[int, str]]:
    settings = settings_of(folder, keys, **more)
    return [(warning.column, warning.message.partition(":")[0]) for warning in settings.warnings]


def test_less_care_than_usual_is_a_standing_warning(folder: Folder) -> None:
    """Each time, where it is written."""
    folder.write("ca.pem", AUTHORITY.read_bytes())
    assert warned(folder, "feed: 'https://a.example', tls_verify: false") == [
        (45, "certificates are not checked")
    ]
    assert warned(folder, "feed: 'https://a.example', ca_file: ca.pem") == [
        (42, "only the certificates in this file are trusted here")
    ]
    assert warned(folder, "feed: 'https://a.example', robots: ignore") == [
        (41, "robots.txt is not obeyed here")
    ]
    assert warned(folder, "feed: 'https://a.example', robots: obey, tls_verify: true") == []
    assert warned(folder, "feed: 'https://a.example', tls_verify: false, enabled: false") == []
    for newsbot in ("tls_verify: false", "robots: ignore", "ca_file: ca.pem"):
        text = f"contact: a@b.org\nfetch: {{{newsbot}}}\n"
        (warning,) = settings_of(folder, f"feed: '{FEED}'", newsbot=text).warnings
        assert (warning.file, warning.line) == (str(folder.path / "newsbot.yaml"), 2)


def test_a_password_in_the_clear_is_a_warning(folder: Folder) -> None:
    """Where others may listen."""
    secret = "basic_auth: {user: u, password_env: P}"
    assert [m for _, m in warned(folder, f"feed: 'http://a.example', {secret}", P="p")] == [
        "'basic_auth' goes to a.example in the clear"
    ]
    assert warned(folder, f"feed: 'https://a.example', {secret}", P="p") == []
    assert warned(folder, f"feed: 'http://a.example', allow_private: [10.0.0.0/8], {secret}", P="p") == []


def test_a_file_without_certificates_is_refused(folder: Folder) -> None:
    """It would be found out at three in the morning."""
    folder.write("x.pem", "-----BEGIN NOTHING-----\n")
    (fault,) = folder.faults(sources=f"sources:\n  - {{feed: '{FEED}', ca_file: x.pem}}\n")
    assert "holds no certificate" in fault.message
    (fault,) = folder.faults(sources=f"sources:\n  - {{feed: '{FEED}', ca_file: .}}\n")
    assert "there is no file" in fault.message
    path = folder.write("good.pem", AUTHORITY.read_bytes())
    assert source_of(folder, f"feed: '{FEED}', ca_file: {path}").ca_file == str(path)
    assert ssl.create_default_context(cafile=str(path)).get_ca_certs()


def test_haste_is_for_ones_own_network_of_one_source_as_well(folder: Folder) -> None:
    """And a source that is asked slowly does not forbid haste for the others."""
    own = "sources:\n  - {feed: 'http://127.0.0.1:1/', allow_private: [127.0.0.0/8], host_pause: 0 s}\n"
    assert folder.load(sources=own).sources[0].host_pause == timedelta(0)
    slow = own.replace(", host_pause: 0 s", "") + "  - {feed: 'https://a.example', host_pause: 2 s}\n"
    assert folder.load(newsbot="fetch: {host_pause: 0 s}\n", sources=slow).fetch.host_pause == timedelta(0)


def told(folder: Folder, *items: str) -> list[tuple[int, int, str]]:
    text = "sources:\n" + "".join(f"  - {item}\n" for item in items)
    return [(fault.line, fault.column, fault.message) for fault in folder.faults(sources=text)]


def test_a_key_that_somebody_still_has_cannot_be_a_former_one(folder: Folder) -> None:
    """Nor can two sources have been one."""
    a, b = "{id: a, feed: 'https://a.example'}", "{id: b, was: a, feed: 'https://b.example'}"
    assert told(folder, a, b) == [
        (3, 18, f"'was' is the key of a source that there still is, at {folder.path}/sources.yaml:2:10")
    ]
    own = "{id: a, was: a, feed: 'https://a.example'}"
    assert [place[:2] for place in told(folder, own)] == [(2, 18)]
    c = "{id: c, was: a, feed: 'https://c.example'}"
    assert told(folder, b, c) == [
        (3, 18, f"two sources were 'a': this one and the one at {folder.path}/sources.yaml:2:18")
    ]
    assert told(folder, b) == []


def test_the_keys_that_a_search_gives_are_its_own(folder: Folder) -> None:
    """`news--cspo` is what the search `news` becomes for the watch `cspo`."""
    search = "{name: News, search: 'https://a.example/?q={query}'}"
    other = "{id: news--cspo, feed: 'https://b.example'}"
    assert told(folder, search, other) == [
        (3, 10, "the key 'news--cspo' is one of those that the search 'news' gives its watches")
    ]
    assert told(folder, other) == []


def test_a_filled_search_is_asked_as_its_template_is(folder: Folder) -> None:
    """The secrets are those of the source that was configured."""
    settings = settings_of(
        folder, "id: news, search: 'https://a.example/?q={query}', headers: {X-Key_env: K}", K="canary-1"
    )
    filled = replace(settings.sources[0], key="news--cspo", parent="news", url="https://a.example/?q=CSpO")
    assert settings.access_of(filled).headers == (("X-Key", "canary-1"),)


def test_one_page_may_be_read_and_watched(folder: Folder) -> None:
    """Two kinds of source at one address are no mistake."""
    settings = folder.load(
        newsbot="contact: a@b.org\n",
        sources="sources:\n  - page: https://a.example/\n  - {id: b, page: 'https://a.example/', watch: text}\n",
    )
    assert [source.kind for source in settings.sources] == [SourceKind.LISTING, SourceKind.PAGE]
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10 MB", 10_000_000),
        ("512 KB", 512_000),
        ("5 MiB", 5 * 1024**2),
        ("1.5 mb", 1_500_000),
        ("2000b", 2000),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """MB is a million, MiB is not."""
    assert parse_size(text) == size


@given(st.integers(1, 10**12))
def test_a_size_in_words_is_read_back(size: int) -> None:
    """Whatever it is."""
    assert parse_size(size_in_words(size)) == size


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_refused(text: str) -> None:
    """Nothing else leaves the function."""
    with suppress(SizeError):
        assert parse_size(text) >= 0


def test_a_folder_named_by_its_path_finds_its_certificates(folder: Folder, tmp_path: Path) -> None:
    """Relative paths start where the configuration is, not where the program was started."""
    folder.write("certs/ca.pem", AUTHORITY.read_bytes())
    source = source_of(folder, f"feed: '{FEED}', ca_file: certs/ca.pem")
    assert source.ca_file == str(tmp_path / "certs/ca.pem")
