"""`newsbot trace`: why somebody was not told, for one address and for another tool's export."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.export_file import addresses_in
from bot.errors import FailureKind, NewsbotError
from tests.build import NOW
from tests.cli.told import Say, sayer
from tests.harness import Installation
from tests.sites import LocalSite

TRACE = [
    "url", "step", "watch", "subject", "detail", "hint", "title", "listed_by", "article_id", "mention_id",
    "told_at",
]  # fmt: skip
TEXT = [
    "Ministers of ten countries met in Wellington on Friday to agree on rules for manoeuvres in orbit.",
    "The initiative, CSpO for short, has existed since 2014 and now counts ten members, officials said.",
    "A joint statement is expected by the end of the week, together with a list of points of contact.",
]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, LocalSite]]:
    """One that read a site once and told a mention; one page could not be read."""
    made = Installation(tmp_path_factory.mktemp("trace"))
    with LocalSite(name="Ledger") as site:
        site.add_article("told", "Ten partners agreed", TEXT, published=NOW)
        site.add_article("other", "Rules for all", [TEXT[0], TEXT[2], *TEXT[:1], TEXT[2]], published=NOW)
        site.add_article("wall", "Behind a wall", ["For subscribers only."], published=NOW)
        site.fault("/news/wall", status=403)
        made.configure(
            sources=[{"name": "Ledger", "feed": site.feed_url}],
            channels={"folder": {"type": "file", "path": str(made.folder / "sent"), "format": "html"}},
            digests={"brief": {"name": "Brief", "schedule": "every day at 07:00", "channels": ["folder"]}},
        )
        made.newsbot("once", "--no-baseline")
        made.newsbot("digest", "send", "brief")
        yield made, site


@pytest.fixture
def say(capsys, monkeypatch, installation) -> Say:
    monkeypatch.chdir(installation[0].folder)
    return sayer(capsys)


@pytest.fixture
def site(installation) -> LocalSite:
    return installation[1]


def _address(site: LocalSite, slug: str) -> str:
    return f"{site.url}/news/{slug}"


def test_what_was_told_says_in_which_digest_and_where_it_went(say, site):
    told = say("trace", _address(site, "told") + "?utm_source=newsletter")
    assert (told.code, told.err) == (0, "")
    assert "TOLD  Ten partners agreed" in told.out
    assert "told in the digest 'Brief' of" in " ".join(told.out.split())
    assert "asterx  no match  AsterX is not in it" in told.out


def test_one_watch_may_be_asked_by_key_or_name(say, site):
    told = say("trace", _address(site, "told"), "--watch", "AsterX")
    assert told.code == 0
    assert "NO MATCH" in told.out
    assert "and the query does not hold: AsterX is not in it" in " ".join(told.out.split())


def test_an_unread_page_and_an_unlisted_one_say_what_to_do_next(say, site):
    wall = say("trace", _address(site, "wall"))
    assert (wall.code, "INCOMPLETE TEXT" in wall.out) == (0, True)
    assert "its page could not be read (forbidden)" in " ".join(wall.out.split())
    missing = say("trace", _address(site, "missing"))
    assert (missing.code, "NOT LISTED" in missing.out) == (0, True)
    assert "newsbot source try ledger" in missing.out
    assert "none is configured for elsewhere.example" in say("trace", "elsewhere.example/one").out


def test_json_is_one_object_with_the_way_of_every_watch(say, site):
    found = say("trace", _address(site, "told"), "--json").json
    assert list(found) == [*TRACE, "ways"]
    assert (found["step"], found["watch"], found["listed_by"]) == ("told", "cspo", ["ledger"])
    assert isinstance(found["article_id"], int) and isinstance(found["mention_id"], int)
    assert found["told_at"].endswith("Z")
    ways = {way["watch"]: way for way in found["ways"]}
    assert (ways["cspo"]["step"], ways["cspo"]["state"]) == ("told", "new")
    assert ways["cspo"]["digests"][0]["deliveries"][0]["state"] == "sent"
    assert ways["asterx"]["reasons"] == ["AsterX is not in it"]


def _export(folder: Path, text: str, encoding: str = "utf-8") -> str:
    (folder / "export.csv").write_bytes(text.encode(encoding))
    return "export.csv"


def test_another_tools_export_is_traced_and_summed_up(say, site, installation):
    rows = [
        "Date;Headline;Outlet address;URL",
        f"2026;Told;{site.url};{_address(site, 'told')}?utm_source=x",
        f"2026;Other;{site.url};{_address(site, 'other')}",
        f"2026;Missing;{site.url};https://elsewhere.example/one",
        f"2026;Again;{site.url};https://elsewhere.example/one",
        ";;;",
    ]
    name = _export(installation[0].folder, "\r\n".join(rows), "utf-16")
    told = say("trace", "--from", name)
    assert (told.code, told.err) == (0, "")
    assert "of 3 addresses: 1 told, 1 that no watch matches, 1 that no source lists" in told.out
    as_csv = list(csv.DictReader(io.StringIO(say("trace", "--from", name, "--csv").out)))
    assert list(as_csv[0]) == TRACE
    assert [row["step"] for row in as_csv] == ["told", "no_match", "unlisted"]
    as_json = say("trace", "--from", name, "--json").json
    assert [one["step"] for one in as_json] == ["told", "no_match", "unlisted"]


def test_an_address_in_an_export_that_is_none_is_left_out(say, installation):
    told = say(
        "trace",
        "--from",
        _export(installation[0].folder, "url\nhttp://\nhttps://a.example/1\nhttp://:80/x\n"),
    )
    assert (told.code, "of 1 address: 1 that no source lists" in told.out) == (0, True)
    assert "left out: http://:80/x is no web address" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ["trace"],
        ["trace", "https://a.example/", "--from", "export.csv"],
        ["trace", "nonsense"],
        ["trace", "https://a.example/", "--watch", "asterix"],
        ["trace", "--from", "missing.csv"],
        ["trace", "--from", "."],
        ["trace", "--from", "newsbot.db"],
        ["trace", "--from", "empty.csv"],
        ["trace", "https://a.example/", "--json", "--csv"],
    ],
)
def test_what_cannot_be_traced_is_a_usage_error(say, installation, words):
    (installation[0].folder / "empty.csv").write_text("")
    told = say(*words)
    assert (told.code, told.out) == (2, "")
    assert told.err.strip()


# Files of other tools.


A, B = "https://ledger.example/a,1", "https://ledger.example/b;2"


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}\n",
        f'url\n"{A}"\n{B}\n',
        f'title,url\nOne,"{A}"\n"Two, too",{B}\n',
        f'title;url\nOne;{A}\n"Two; too";"{B}"\n',
        f"title\turl\tsource\nOne\t{A}\tx\nTwo\t{B}\ty\n",
        f"title|url\nOne|{A}\nTwo|{B}\n",
        f'sep=;\n"title";"url"\n"One";"{A}"\n"Two";"{B}"\n',
        f"outlet,Article Link\nhttps://ledger.example,<{A.replace(',', '%2C')}>\nhttps://ledger.example,{B}\n",
        f'outlet,link\nhttps://ledger.example,"=HYPERLINK(""{A}"",""One"")"\nhttps://ledger.example,{B}\n',
        f'page_url,title\n"{A}",One\n,\n{B},Two\n{B},Two\n',
        f'text,permalink\n"See https://x.example/ and ""more"".\nOn two lines.","{A}"\nNo link here,{B}\n',
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_the_addresses_of_a_file_are_found_whatever_wrote_it(tmp_path, text, encoding):
    text = f"{text.rstrip()}\n"
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    assert [found.replace("%2C", ",") for found in addresses_in(path)] == [A, B]


def test_letters_of_western_spreadsheets_do_no_harm(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes("Titre;Adresse\nDéfense – “été”;https://ledger.example/é\n".encode("cp1252"))
    assert addresses_in(path) == ["https://ledger.example/é"]


def test_addresses_without_a_scheme_are_taken_too(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("title,url\nOne,ledger.example/a\nTwo,www.ledger.example/b?c=1\n")
    assert addresses_in(path) == ["ledger.example/a", "www.ledger.example/b?c=1"]


def test_a_cell_may_hold_a_whole_article(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(f"text,url\n{'word ' * 100_000},https://ledger.example/a\n")
    assert addresses_in(path) == ["https://ledger.example/a"]


@pytest.mark.parametrize(
    "data", [b"", b"title\nOne\n", b"PK\x03\x04rest", b"\x00\x01\x02" * 99, b"\xff\xfe\x00"]
)
def test_a_file_without_addresses_says_so(tmp_path, data):
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    with pytest.raises(NewsbotError) as caught:
        addresses_in(path)
    assert (caught.value.kind, caught.value.subject) == (FailureKind.CONFIG, str(path))
    assert caught.value.hint


@given(data=st.binary(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused_in_words(tmp_path, data):
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    with suppress(NewsbotError):
        assert all(addresses_in(path))
