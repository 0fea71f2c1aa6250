"""The log: one event is one line, and no secret is in it."""

import contextlib
import json
import logging

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.log import Redactor, configure, one_line


@pytest.fixture(autouse=True)
def _plain_again():
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def _logged(capsys: pytest.CaptureFixture[str], **fields: object) -> str:
    structlog.get_logger("test").warning("event", **fields)
    return capsys.readouterr().err


def test_a_configured_secret_is_never_written(capsys):
    configure(secrets=["hunter2-is-long"])
    line = _logged(capsys, why="535 hunter2-is-long refused")
    assert "hunter2" not in line
    assert "535" in line


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("POST https://hooks.slack.com/services/T000/B000/XXXX failed", "XXXX"),
        ("GET https://desk:pass@intranet.example/rss", "pass@"),
        ("https://api.example/feed?token=abcdef&x=1", "abcdef"),
        ("https://api.example/feed?a=1&API_KEY=abcdef", "abcdef"),
    ],
)
def test_what_looks_like_a_secret_is_not_written_either(capsys, text, hidden):
    configure()
    assert hidden not in _logged(capsys, why=text)


def test_an_event_is_one_line_whatever_a_headline_holds(capsys):
    configure(style="human")
    line = _logged(capsys, title="one\ntwo\r\x1b[31mred\u2028three")
    assert line.count("\n") == 1
    assert "\x1b[31mred" not in line


def test_json_lines_are_json(capsys):
    configure(style="json")
    event = json.loads(_logged(capsys, title="é\n", count=3))
    assert event["event"] == "event"
    assert event["count"] == 3
    assert event["title"] == "é\\x0a"


def test_other_libraries_obey_the_same_rules(capsys):
    configure(style="json", secrets=["topsecret"])
    logging.getLogger("some.library").warning("cannot log in with %s", "topsecret")
    event = json.loads(capsys.readouterr().err)
    assert event["logger"] == "some.library"
    assert "topsecret" not in event["text"]


def test_a_closed_terminal_does_not_end_the_program():
    class Gone:
        def write(self, _text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

        def isatty(self) -> bool:
            return False

    with contextlib.redirect_stderr(Gone()):
        configure()
        structlog.get_logger("test").warning("event")


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1


@given(st.lists(st.text(alphabet="abcxyz", min_size=4, max_size=8)), st.text(alphabet="abcxyz"))
@settings(max_examples=100, deadline=None)
def test_no_secret_survives(secrets, around):
    redact = Redactor(secrets)
    for secret in secrets:
        assert secret not in redact(f"{around} {secret} {around}")
