"""What a configuration amounts to: defaults, merged files, text that stays text, warnings."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Settings, defaults, load
from bot.errors import ConfigError
from bot.model import SourceKind, Tier
from tests.config.folder import VALIDATORS, Folder


def warned(settings: Settings) -> list[str]:
    return [warning.message for warning in settings.warnings]


def test_everything_has_a_default(folder: Folder) -> None:
    """newsbot.yaml may be missing; only the contact is asked for."""
    settings = folder.load(newsbot=None)
    assert settings.timezone == "UTC"
    assert settings.database == defaults().database == "sqlite:///data/newsbot.db"
    assert settings.fetch == defaults().fetch
    assert (settings.fetch.every, settings.fetch.host_pause) == (timedelta(minutes=15), timedelta(seconds=2))
    assert (settings.channels, settings.digests, settings.contact) == ((), (), None)
    assert warned(settings) == ["'contact' is missing"]


def test_comments_alone_are_a_valid_newsbot_file(folder: Folder) -> None:
    """Everything in it may be commented out; sections without content are as good as absent."""
    assert folder.load(newsbot="# nothing yet\n").timezone == "UTC"
    assert folder.load(newsbot="contact:\nfetch:\nchannels:\n  # mail: …\ndigests:\n").channels == ()


@pytest.mark.parametrize("name", ["sources", "watchlists"])
def test_a_missing_file_is_told_with_the_way_out(folder: Folder, name: str) -> None:
    """`newsbot init` writes what is missing."""
    (fault,) = folder.faults(**{name: None})
    assert (fault.file, fault.line, fault.column) == (str(folder.path / f"{name}.yaml"), 1, 1)
    assert (fault.message, fault.hint) == ("not found", "`newsbot init` writes one")


def test_a_file_of_the_wrong_name_is_recognised(folder: Folder) -> None:
    """.yml is a common spelling."""
    folder.write("sources.yml", "sources: []\n")
    (fault,) = folder.faults(sources=None)
    assert "rename" in fault.hint


def test_a_missing_folder_is_one_fault() -> None:
    """Not three missing files."""
    with pytest.raises(ConfigError) as caught:
        load(Path("no/such/folder"), validators=VALIDATORS, environ={})
    assert [str(fault) for fault in caught.value.faults] == [
        "no/such/folder:1:1: there is no such folder (`newsbot init` writes one)"
    ]


def test_a_folder_that_cannot_be_looked_into_is_a_fault() -> None:
    """Whatever the file system says."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load(Path("x" * 5000), validators=VALIDATORS, environ={})


def test_files_are_named_as_the_folder_was_given(folder: Folder) -> None:
    """Editors and terminals open what is printed."""
    assert {fault.file for fault in folder.faults(newsbot="x: y\n")} == {f"{folder.path}/newsbot.yaml"}


@pytest.mark.parametrize(
    "text", ["NO", "on", "off", "yes", "07:30", "010", "1_000", "2026-11-21", "1.10", "0x1F", "1e3", "12"]
)
def test_words_that_yaml_would_turn_into_something_else_stay_text(folder: Folder, text: str) -> None:
    """Nothing is a number, a date or a truth value unless its key says so."""
    settings = folder.load(
        watchlists=f"watches:\n  a:\n    name: {text}\n    any: [{text}]\n",
        sources=f"sources:\n  - {{name: {text}, feed: 'https://a.example', tags: [{text}]}}\n",
    )
    assert (settings.watches[0].name, settings.sources[0].name, settings.sources[0].tags) == (
        text,
        text,
        (text,),
    )


def test_a_source_is_read_with_all_its_options(folder: Folder) -> None:
    """Every key of a source has its effect."""
    settings = folder.load(
        newsbot="fetch: {every: 1 h, host_pause: 3 s, concurrency: 8, timeout: 20 s}\n",
        sources="""\
sources:
  - https://www.orbital-ledger.example/feed.xml
  - name: Défense Hebdo
    feed: https://defense.example/rss
    language: NO
    tags: [defence, trade-press, defence]
    tier: specialist
    every: 2 h
    enabled: false
    baseline: off
    allow_private: [10.1.0.0/16, 127.0.0.1]
  - id: agency
    page: https://agency.example/press
    links: main h3 a
    title: h3
    date: time
  - sitemap: https://toulouse.example/news.xml
    newer_than: 3 days
""",
    )
    bare, feed, page, sitemap = settings.sources
    assert (bare.key, bare.kind, bare.name) == (
        "orbital-ledger-example-feed-xml", SourceKind.AUTO, "orbital-ledger.example",
    )  # fmt: skip
    assert bare.every == timedelta(hours=1)
    assert (feed.key, feed.kind, feed.language, feed.tier) == (
        "defense-hebdo", SourceKind.FEED, "no", Tier.SPECIALIST,
    )  # fmt: skip
    assert (feed.tags, feed.every, feed.enabled, feed.baseline) == (
        ("defence", "trade-press"), timedelta(hours=2), False, False,
    )  # fmt: skip
    assert feed.allow_private == ("10.1.0.0/16", "127.0.0.1/32")
    assert (page.key, page.kind, page.links, page.title, page.date) == (
        "agency", SourceKind.LISTING, "main h3 a", "h3", "time",
    )  # fmt: skip
    assert (sitemap.key, sitemap.kind, sitemap.newer_than) == (
        "toulouse-example-news-xml", SourceKind.SITEMAP, timedelta(days=3),
    )  # fmt: skip


def test_a_digest_is_read_with_all_its_options(folder: Folder) -> None:
    """Words or cron, all watches or some, each in its zone."""
    settings = folder.load(
        newsbot="""\
timezone: Europe/Paris
channels:
  out: {type: stdout}
digests:
  morning: {name: Morning brief, schedule: every day at 07:00, channels: [out, out]}
  week: {cron: 0 7 * * mon, timezone: Asia/Tokyo, watches: [cspo], channels: [out], when_empty: skip}
"""
    )
    morning, week = settings.digests
    assert (morning.key, morning.name, morning.schedule, morning.cron) == (
        "morning", "Morning brief", "every day at 07:00", None,
    )  # fmt: skip
    assert (morning.timezone, morning.watches, morning.channels, morning.when_empty) == (
        "Europe/Paris", None, ("out",), "send",
    )  # fmt: skip
    assert (week.name, week.cron, week.timezone, week.watches, week.when_empty) == (
        "week", "0 7 * * mon", "Asia/Tokyo", ("cspo",), "skip",
    )  # fmt: skip
    assert [(channel.key, channel.kind) for channel in settings.channels] == [("out", "stdout")]


def test_unquoted_braces_are_the_exact_term(folder: Folder) -> None:
    """YAML reads a mapping; the analyst meant the watch language."""
    quoted = folder.load(watchlists="watches:\n  a: {any: ['{CSpO}', '{Aster X}'], not: ['{CSPO}']}\n")
    bare = folder.load(watchlists="watches:\n  a:\n    any: [{CSpO}, {Aster X}]\n    not:\n      - {CSPO}\n")
    assert bare.watches[0].query == quoted.watches[0].query
    assert folder.load(watchlists="watches:\n  a:\n    query: {CSpO}\n").watches[0].query == "{CSpO}"


def test_items_without_operators_are_phrases(folder: Folder) -> None:
    """`any`, `all` and `not` become one query."""
    (watch,) = folder.load(
        watchlists="watches:\n  a:\n    any: [Combined Space Operations, CSpO]\n"
        "    all: [space*]\n    not: [scrum]\n"
    ).watches
    assert watch.query == VALIDATORS.compose(
        any=["Combined Space Operations", "CSpO"], all=["space*"], none=["scrum"]
    )
    assert (watch.name, watch.enabled) == ("a", True)


def test_an_empty_not_with_commented_items_is_no_fault(folder: Folder) -> None:
    """Who comments out the last item should not have to comment out the key."""
    settings = folder.load(
        watchlists="watches:\n  a:\n    any: [foo]\n    not:   # none for now\n      # - bar\n"
    )
    assert settings.watches[0].query == "foo"


def test_the_files_of_a_d_folder_are_joined(folder: Folder) -> None:
    """Lists are joined, mappings united, in the order of the names."""
    folder.write("sources.d/b.yaml", "sources:\n  - https://b.example/feed\n")
    folder.write("sources.d/a.yaml", "sources:\n  - https://a.example/feed\n")
    folder.write("sources.d/notes.txt", "not: [yaml")
    folder.write("watchlists.d/extra.yaml", "watches:\n  extra: {any: [extra]}\n")
    folder.write("newsbot.d/channels.yaml", "channels: {out: {type: stdout}}\ntimezone: Asia/Tokyo\n")
    settings = folder.load(newsbot="channels: {file: {type: file, path: x}}\n")
    assert [source.key for source in settings.sources] == [
        "one-example-feed",
        "a-example-feed",
        "b-example-feed",
    ]
    assert [watch.key for watch in settings.watches] == ["cspo", "asterx", "extra"]
    assert [channel.key for channel in settings.channels] == ["file", "out"]
    assert settings.timezone == "Asia/Tokyo"


def test_a_d_folder_alone_is_enough(folder: Folder) -> None:
    """sources.yaml may be missing when sources.d has something."""
    folder.write("sources.d/a.yaml", "sources:\n  - https://a.example/feed\n")
    assert len(folder.load(sources=None).sources) == 1


def test_what_two_files_both_set_is_told_with_both_places(folder: Folder) -> None:
    """A watch, a setting and a source key may stand in one file only."""
    folder.write("watchlists.d/a.yaml", "watches:\n  cspo: {any: [x]}\n")
    folder.write("newsbot.d/a.yaml", "\ntimezone: UTC\n")
    folder.write("sources.d/a.yaml", "sources:\n  - https://one.example/feed\n")
    faults = folder.faults(newsbot="timezone: UTC\n")
    here = folder.path
    assert [(fault.file, fault.line, fault.column, fault.message) for fault in faults] == [
        (f"{here}/newsbot.d/a.yaml", 2, 1, f"'timezone' is also at {here}/newsbot.yaml:1:1"),
        (f"{here}/watchlists.d/a.yaml", 2, 3, f"'cspo' is also at {here}/watchlists.yaml:2:3"),
        (
            f"{here}/sources.d/a.yaml", 2, 5,
            f"two sources have the key 'one-example-feed': this one and {here}/sources.yaml:2:5",
        ),
    ]  # fmt: skip


def test_what_works_but_was_hardly_meant_is_a_warning(folder: Folder) -> None:
    """Warnings stop nothing."""
    folder.write("sources.d/left-out.yml", "sources: []\n")
    settings = folder.load(
        newsbot="contact: a@b.org\nchannels:\n  used: {type: stdout}\n  spare: {type: stdout}\n"
        "digests: {m: {schedule: hourly, channels: [used]}}\n",
        watchlists="watches:\n",
        sources="sources: []\n",
    )
    assert warned(settings) == [
        "no digest uses the channel 'spare'",
        "no watches: nothing will be found",
        "not read: its name must end in .yaml",
        "no sources: nothing will be read",
    ]


def test_an_address_given_twice_is_a_warning(folder: Folder) -> None:
    """Two names for one address ask it twice."""
    settings = folder.load(
        newsbot="contact: a@b.org\n",
        sources="sources:\n  - {name: A, feed: 'https://a.example'}\n  - {name: B, feed: 'https://a.example'}\n",
    )
    assert warned(settings) == [f"the same address is at {folder.path}/sources.yaml:2:12"]


def test_haste_is_for_networks_of_ones_own(folder: Folder) -> None:
    """No pause between requests is refused where a public source would suffer."""
    own = "sources:\n  - {feed: 'http://127.0.0.1:1/', allow_private: [127.0.0.0/8]}\n"
    assert folder.load(newsbot="fetch: {host_pause: 0 s}\n", sources=own).fetch.host_pause == timedelta(0)


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"", (1, 1), "the file is empty"),
        (b" \n\n", (1, 1), "the file is empty"),
        (b"# only a comment\n", (1, 1), "'sources:' is missing"),
        ("sources: []\n".encode("utf-16"), (1, 1), "the file is UTF-16"),
        (b"sources:\n  - name: Caf\xe9\n", (2, 14), "the byte 0xE9 is not UTF-8"),
        (b"\xff", (1, 1), "the byte 0xFF is not UTF-8"),
        (b"sources:\n- a\x00b\n", (2, 4), "the file holds a control character"),
        (b"watches: {}\n", (1, 1), "unknown key 'watches'"),
        (b"sources: {a: b}\n", (1, 1), "'sources' must be a list: each item begins with '- '"),
        (b"sources: " + b"[" * 200 + b"]" * 200, (1, 41), "more than 32 levels of nesting"),
        (b"sources:" + b" " * (16 * 1024 * 1024), (1, 1), "the file is larger than 16 MiB"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_configuration(
    folder: Folder, content: bytes, place: tuple[int, int], message: str
) -> None:
    """Whatever an editor or a transfer made of the file, the place and the reason are told."""
    faults = folder.faults(sources=content)
    assert ((faults[0].line, faults[0].column), faults[0].message) == (place, message)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Folder) -> None:
    """Some editors write them, and nobody sees them."""
    content = "\ufeffsources:\r\n  - https://one.example/feed\r\n  - nowhere\r\n"
    (fault,) = folder.faults(sources=content.encode())
    assert (fault.line, fault.column, fault.source_line) == (3, 5, "  - nowhere")


def test_spaces_that_are_none_are_named(folder: Folder) -> None:
    """Text pasted from a web page is often indented with no-break spaces."""
    faults = folder.faults(newsbot="fetch:\n  every: 1 h\n\u00a0\u00a0timeout: 3 s\n")
    assert "only look like spaces" in " ".join(fault.hint for fault in faults)


def test_copies_by_alias_are_read_up_to_a_limit(folder: Folder) -> None:
    """Nine lists of nine aliases each are the classic bomb; one alias is a convenience."""
    one = (
        "sources:\n  - {name: A, feed: 'https://a.example', tags: &t [x, y]}\n"
        "  - {name: B, feed: 'https://b.example', tags: *t}\n"
    )
    assert folder.load(sources=one).sources[1].tags == ("x", "y")
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    faults = folder.faults(sources="\n".join(lines))
    assert faults[0].message == "aliases copy more than 10,000 values"


def test_a_folder_in_place_of_a_file_is_told(folder: Folder) -> None:
    """And so is a link that leads nowhere."""
    (folder.path / "sources.yaml").mkdir()
    (folder.path / "newsbot.yaml").symlink_to("nowhere")
    assert [fault.message for fault in folder.faults(newsbot=None, sources=None)] == [
        "leads to no file",
        "is not a file",
    ]


def test_values_show_no_database_password() -> None:
    """Settings may be printed."""
    assert "database" not in repr(defaults())


def test_faults_show_no_control_characters(folder: Folder) -> None:
    """A configuration file must not be able to move the terminal's cursor."""
    faults = folder.faults(newsbot="contact: x\x1b[2Jy\n")
    assert "\x1b" not in "".join(fault.source_line + fault.message for fault in faults)


def test_a_watch_that_a_search_cannot_be_asked_for_is_told(folder):
    settings = folder.load(
        sources="sources:\n  - {name: News, search: 'https://s.example/?q={query}'}\n",
        watchlists="watches:\n  pattern: {query: 're:/aster-?x/'}\n  words: {query: AsterX}\n",
    )
    told = [str(warning) for warning in settings.warnings if "cannot be looked for" in str(warning)]
    assert len(told) == 1
    assert "'pattern' cannot be looked for by News" in told[0]
