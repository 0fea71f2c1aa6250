"""What every kind of channel keeps to, and the names of messages."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deliver import KINDS, message_id
from bot.deliver.identity import short_id, thread_root
from tests.deliver.examples import SLOT, flood, morning_brief, quiet_day

OPTIONS = {
    "email": {"from": "bot@bot.example", "to": ["ada@desk.example"], "smtp": {"host": "mail.example"}},
    "slack": {"webhook_url": "https://hooks.example/services/x"},
    "file": {"path": "out"},
    "stdout": {},
}
#: RFC 5322 §3.6.4: a dot-atom on both sides
MESSAGE_ID = re.compile(r"<[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(\.[\w-]+)*>", re.ASCII)


def a_channel(kind):
    return KINDS[kind].build("key", KINDS[kind].options.model_validate(OPTIONS[kind]))


def test_every_kind_is_tried_here():
    assert set(OPTIONS) == set(KINDS) == {kind.name for kind in KINDS.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_refuses_unknown_keys_and_has_a_schema(kind):
    with pytest.raises(ValueError, match="nonsense"):
        KINDS[kind].options.model_validate(OPTIONS[kind] | {"nonsense": 1})
    assert KINDS[kind].options.model_json_schema()["additionalProperties"] is False


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("digest", [morning_brief(), quiet_day(), flood(300)], ids=["rich", "quiet", "flood"])
def test_payloads_are_bytes_and_the_same_every_time(kind, digest):
    channel = a_channel(kind)
    assert channel.kind == kind
    for target in channel.targets():
        first = channel.payload(digest, target=target, message_id="<a@b.example>")
        assert first == channel.payload(digest, target=target, message_id="<a@b.example>")
        assert b"Morning brief" in first or b"MORNING BRIEF" in first


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_test_message_that_names_the_channel(kind):
    channel = a_channel(kind)
    [target] = channel.targets()
    body = channel.test_payload(target=target, message_id="<a@b.example>", now=SLOT)
    assert b"test" in body
    assert b"key" in body


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=40))
def test_message_ids_are_well_formed_whatever_the_names(digest, channel, target):
    name = message_id(digest=digest, slot=SLOT, channel=channel, target=target)
    root = thread_root(digest=digest, channel=channel, target=target)
    assert MESSAGE_ID.fullmatch(name)
    assert MESSAGE_ID.fullmatch(root)
    assert max(len(name), len(root)) <= 66
    assert name != root
    assert name == message_id(digest=digest, slot=SLOT, channel=channel, target=target)


def test_each_delivery_has_a_name_of_its_own_that_leaks_no_address():
    base = {"digest": "morning", "slot": SLOT, "channel": "mail", "target": "ada@desk.example"}
    others = (
        {"digest": "evening"},
        {"slot": SLOT + timedelta(microseconds=1)},
        {"channel": "mail2"},
        {"target": "bo@desk.example"},
    )
    names = {message_id(**base), *(message_id(**base | other) for other in others)}
    assert len(names) == 5
    assert not any("ada" in name or "desk" in name for name in names)
    assert len(short_id(message_id(**base))) == 8
