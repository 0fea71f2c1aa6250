"""Deliveries through real servers that misbehave, with a clock that is moved on: nothing lost, nothing doubled."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app import opened
from bot.config import defaults
from bot.deliver import KINDS, Transport
from bot.digest.due import parse_schedule
from bot.model import DeliveryState
from bot.pipeline import Deps, DigestPlan, compose_plan, deliver, due
from bot.store import Store, deliveries
from tests.build import FakeClock
from tests.sinks import Answer, SmtpSink, WebhookSink, closed_port

REFUSED_FOR_NOW = ("ehlo-421", "mail-451", "rcpt-450", "data-451", "body-451", "data-drop")


@pytest.fixture
def smtp() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def hook() -> Iterator[WebhookSink]:
    with WebhookSink() as sink:
        yield sink


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _mail(port: int, *to: str) -> Transport:
    kind = KINDS["email"]
    options = kind.options.model_validate(
        {
            "from": "Newsbot <bot@newsbot.invalid>",
            "to": list(to or ["desk@newsbot.invalid"]),
            "smtp": {"host": "127.0.0.1", "port": port, "security": "none"},
        }
    )
    return kind.build("mail", options)


def _slack(hook: WebhookSink) -> Transport:
    kind = KINDS["slack"]
    return kind.build("slack", kind.options.model_validate({"webhook_url": hook.url}))


@asynccontextmanager
async def _deps(folder: Path, clock: FakeClock, **transports: Transport):
    settings = replace(defaults(), database=f"sqlite:///{folder}/newsbot.db")
    store = Store.open(settings.database, clock_now=clock.now())
    try:
        async with opened(settings, store=store, clock=clock, workers=1) as deps:
            yield replace(deps, transports=transports)
    finally:
        store.close()


def _plan(*channels: str) -> DigestPlan:
    return DigestPlan(
        key="morning",
        name="Morning brief",
        schedule=parse_schedule("every day at 07:00"),
        zone=ZoneInfo("UTC"),
        watches=None,
        channels=channels,
        send_empty=True,
    )


async def _round(deps: Deps, clock: FakeClock) -> list[DeliveryState | None]:
    """Send what is due, as a tick of the daemon does."""
    waiting = (await due(deps, now=clock.now(), hosts=0)).deliver
    return [(await deliver(deps, number)).state for ids in waiting.values() for number in ids]


async def test_a_mail_server_that_is_down_for_a_day_gets_every_digest_once_it_is_back(tmp_path, clock, smtp):
    with closed_port() as nobody:
        async with _deps(tmp_path, clock, mail=_mail(nobody)) as deps:
            await compose_plan(deps, _plan("mail"), slot=clock.now())
            for _ in range(24):
                await _round(deps, clock)
                clock.forward(timedelta(hours=1))
            await compose_plan(deps, _plan("mail"), slot=clock.now())
    async with _deps(tmp_path, clock, mail=_mail(smtp.port)) as deps:
        for _ in range(24):
            await _round(deps, clock)
            clock.forward(timedelta(hours=1))
        states = [row.state for row in deps.store.read(deliveries.list_deliveries)]
    assert states == [DeliveryState.SENT] * 2
    assert len({mail.message["Message-ID"] for mail in smtp.accepted}) == len(smtp.mails) == 2


@pytest.mark.parametrize("fault", REFUSED_FOR_NOW)
async def test_a_refusal_for_now_is_tried_again_and_arrives_once(tmp_path, clock, smtp, fault):
    smtp.faults = [fault, fault]
    async with _deps(tmp_path, clock, mail=_mail(smtp.port)) as deps:
        await compose_plan(deps, _plan("mail"), slot=clock.now())
        seen = []
        for _ in range(30):
            seen += await _round(deps, clock)
            clock.forward(timedelta(minutes=1))
    assert seen == [DeliveryState.PENDING, DeliveryState.PENDING, DeliveryState.SENT]
    assert len(smtp.accepted) == 1


async def test_a_lost_answer_is_uncertain_and_the_repeat_is_the_same_message(tmp_path, clock, smtp):
    smtp.faults = ["body-drop"]
    async with _deps(tmp_path, clock, mail=_mail(smtp.port)) as deps:
        await compose_plan(deps, _plan("mail"), slot=clock.now())
        seen = []
        for _ in range(30):
            seen += await _round(deps, clock)
            clock.forward(timedelta(minutes=1))
    assert seen == [DeliveryState.UNCERTAIN, DeliveryState.SENT]
    first, second = smtp.mails
    assert first.body == second.body


async def test_a_webhook_that_limits_us_is_left_alone_for_as_long_as_it_asks(tmp_path, clock, hook):
    hook.answers = [Answer(status=429, headers={"Retry-After": "900"}, body="slow down")]
    async with _deps(tmp_path, clock, slack=_slack(hook)) as deps:
        await compose_plan(deps, _plan("slack"), slot=clock.now())
        assert await _round(deps, clock) == [DeliveryState.PENDING]
        clock.forward(timedelta(minutes=14))
        assert await _round(deps, clock) == []
        clock.forward(timedelta(minutes=2))
        assert await _round(deps, clock) == [DeliveryState.SENT]


async def test_a_webhook_that_takes_a_post_and_fails_then_is_uncertain(tmp_path, clock, hook):
    hook.answers = [Answer(status=500, body="oops")]
    async with _deps(tmp_path, clock, slack=_slack(hook)) as deps:
        await compose_plan(deps, _plan("slack"), slot=clock.now())
        assert await _round(deps, clock) == [DeliveryState.UNCERTAIN]
        clock.forward(timedelta(hours=1))
        assert await _round(deps, clock) == [DeliveryState.SENT]
    assert hook.posts[0].body == hook.posts[1].body


async def test_a_revoked_webhook_fails_once_and_the_mail_beside_it_arrives(tmp_path, clock, hook, smtp):
    hook.answers = [Answer(status=404, body="no_service")]
    async with _deps(tmp_path, clock, slack=_slack(hook), mail=_mail(smtp.port)) as deps:
        await compose_plan(deps, _plan("slack", "mail"), slot=clock.now())
        assert sorted(filter(None, await _round(deps, clock))) == [DeliveryState.FAILED, DeliveryState.SENT]
        clock.forward(timedelta(days=2))
        assert await _round(deps, clock) == []
    assert len(hook.posts) == 1
    assert len(smtp.accepted) == 1
