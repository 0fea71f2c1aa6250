"""How results are printed for people and for programs."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.output import Form, as_csv, clean, form_of, iso, marked, plain, print_rows, span, when
from bot.model import MentionState, Span
from tests.build import NOW


def test_times_are_iso_8601_in_utc():
    paris = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
    assert iso(paris) == "2026-11-23T09:00:00Z"
    assert iso(None) is None


def test_values_become_plain_json():
    value = {
        "state": MentionState.NEW,
        "spans": (Span(field="title", start=0, end=4, term="CSpO"),),
        "at": NOW,
    }
    assert plain(value) == {
        "state": "new",
        "spans": [{"field": "title", "start": 0, "end": 4, "term": "CSpO", "all_capitals": False}],
        "at": "2026-11-23T09:00:00Z",
    }


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", '"=1'])
def test_no_cell_of_a_csv_is_a_formula(cell):
    assert as_csv([{"title": cell}]).splitlines()[1].lstrip('"').startswith("'")


def test_csv_of_nothing_is_empty():
    assert as_csv([]) == ""


def test_json_lines_have_one_object_a_line(capsys):
    print_rows([{"id": 1}, {"id": 2}], Form.JSONL)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"id": 1}, {"id": 2}]


def test_only_one_form_at_a_time():
    assert form_of(as_csv=True) is Form.CSV
    with pytest.raises(Exception, match="choose one"):
        form_of(as_json=True, as_csv=True)


def test_foreign_text_steers_neither_terminal_nor_markup():
    assert clean("[red]x[/]\x1b[2J\n") == "\\[red]x\\[/]\\x1b[2J\\x0a"


def test_marks_are_left_out_where_control_characters_moved_them():
    assert marked("the CSpO", [(4, 8)]).spans
    assert not marked("a\nCSpO", [(2, 6)]).spans


def test_instants_are_short_for_people():
    assert when(NOW, now=NOW) == "09:00 UTC"
    assert when(NOW - timedelta(days=3), now=NOW) == "20 Nov 09:00"
    assert when(datetime(2024, 1, 2, tzinfo=UTC), now=NOW) == "02 Jan 2024"
    assert span(NOW + timedelta(minutes=5), now=NOW) == "in 5 min"
    assert span(NOW - timedelta(minutes=5), now=NOW) == "now"
