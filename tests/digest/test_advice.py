"""What can be done about a source: said wherever somebody can do something, and only there."""

import pytest

from bot.digest.advice import advice
from bot.errors import FailureKind
from bot.model import Health

#: what passes by itself, or is the server's to mend
_NOTHING_TO_DO = {"connect", "timeout", "reset", "server_error", "protocol", "http_status"}


@pytest.mark.parametrize("kind", FailureKind)
def test_commands_and_settings_stand_between_two_backticks_and_name_the_source(kind):
    said = advice(Health.FAILING, key="nordlicht", host="nord.example", kind=kind.value)
    assert said.count("`") % 2 == 0
    assert "KEY" not in said
    assert "SITE" not in said
    if kind.value in _NOTHING_TO_DO:
        assert said == ""


def test_a_refusal_a_wrong_address_and_a_name_that_is_none_are_for_somebody_to_mend():
    for kind in ("unauthorised", "forbidden", "not_found", "gone", "not_a_feed", "tls", "dns", "bad_url"):
        assert advice(Health.FAILING, key="a", host="a.example", kind=kind)


@pytest.mark.parametrize("health", [Health.OK, Health.UNKNOWN, Health.FLOOD])
def test_where_there_is_nothing_to_do_nothing_is_said(health):
    assert advice(health, key="a", host="a.example") == ""


def test_a_failure_of_no_known_kind_has_no_remedy():
    assert (
        advice(Health.FAILING, key="a", host="a.example")
        == advice(Health.FAILING, key="a", host="a.example", kind="?")
        == ""
    )


def test_what_is_paused_is_resumed_and_what_is_gone_is_mended_first():
    assert advice(Health.OK, key="a", host="a.example", paused=True) == "`newsbot source resume a`"
    assert "source resume" in advice(Health.FAILING, key="a", host="a.example", kind="forbidden", paused=True)
    assert "source fix a" in advice(Health.FAILING, key="a", host="a.example", kind="gone", paused=True)


def test_where_a_feed_is_gone_its_site_is_looked_at():
    said = advice(Health.FAILING, key="a", host="nord.example", kind="not_found")
    assert "`newsbot source try https://nord.example`" in said
