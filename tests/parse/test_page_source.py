"""A page whose own text is the article."""

from datetime import UTC, datetime

import pytest

from bot.model import Feed, SourceKind
from bot.parse import source
from bot.parse.jobs import ListingJob

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
SENTENCE = "Ferries leave the northern pier every twenty minutes from six in the morning until midnight."
PAGE = f"""<html lang=en><head><title>Timetable | Harbour</title><meta property=og:site_name content=Harbour></head>
<body><nav><a href=/>Home</a></nav><main><h1>Timetable</h1><p>{SENTENCE}</p><p id=note>Valid from 1 May 2026.</p>
</main></body></html>"""


def read(html: str = PAGE, **more: str) -> Feed:
    job = ListingJob(
        data=html.encode(),
        url="https://harbour.example/en/timetable-v3",
        address="https://harbour.example/timetable",
        now=NOW,
        kind=SourceKind.PAGE,
        **more,
    )
    return source.parse(job)


def test_its_one_entry_leads_to_it_and_holds_its_text() -> None:
    found = read()
    assert found.fault is None
    (entry,) = found.entries
    assert (entry.id, entry.link) == ("", "https://harbour.example/timetable")
    assert (entry.title, entry.outlet, entry.language) == ("Timetable", "", "en")
    assert SENTENCE in entry.content
    assert "Home" not in entry.content


def test_a_date_in_its_text_is_not_when_it_was_published() -> None:
    assert read().entries[0].published_at is None
    declared = PAGE.replace("</head>", "<meta property=article:published_time content=2026-11-20></head>")
    assert read(declared).entries[0].published_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_its_text_can_be_selected() -> None:
    assert read(content_selector="#note").entries[0].content == "Valid from 1 May 2026."


@pytest.mark.parametrize("selector", ["#gone", "p["])
def test_a_selector_that_finds_nothing_is_a_fault_not_another_text(selector: str) -> None:
    found = read(content_selector=selector)
    assert found.entries == ()
    assert found.fault is not None
    assert selector in found.fault


@pytest.mark.parametrize("html", ["", "<html><body><div id=root></div></body></html>", "{}", "%PDF-1.4"])
def test_no_text_is_a_fault(html: str) -> None:
    found = read(html)
    assert found.entries == ()
    assert found.fault
