"""Slack: what is posted, and what its answers mean, against a real webhook."""

import json
from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.deliver import KINDS
from bot.deliver.slack import Slack, SlackOptions
from bot.errors import DeliveryError, FailureKind, Retry
from tests.deliver.examples import flood, morning_brief, quiet_day
from tests.sinks import Answer, WebhookSink, closed_port


def a_channel(url, *, pause=timedelta(0), timeout=20) -> Slack:
    options = SlackOptions.model_validate({"webhook_url": url, "timeout": timeout})
    return Slack("desk", options, pause=pause)


async def sent(channel, digest=None):
    body = channel.payload(digest or morning_brief(), target="desk", message_id="<one@bot.example>")
    return body, await channel.send(body, target="desk", message_id="<one@bot.example>")


async def failed(sink, *answers, patience=20) -> DeliveryError:
    sink.answers = list(answers)
    with pytest.raises(DeliveryError) as caught:
        await sent(a_channel(sink.url, timeout=patience))
    assert "canary-secret" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"
    assert caught.value.__cause__ is None
    return caught.value


async def test_the_frozen_bytes_are_posted_as_they_are():
    with WebhookSink() as sink:
        sink.answers = [Answer(headers={"x-slack-req-id": "r-1"})]
        body, receipt = await sent(a_channel(sink.url))
        [post] = sink.posts
        assert post.body == body
        assert post.path == "/services/T0/B0/canary-secret"
        assert post.headers["content-type"].startswith("application/json")
        assert receipt.remote_id == "r-1"


def test_a_digest_reads_as_it_should():
    channel = a_channel("https://hooks.example/services/x")
    message = json.loads(channel.payload(morning_brief(), target="desk", message_id="<one@bot.example>"))
    texts = json.dumps(message, ensure_ascii=False)
    assert message["text"] == "Morning brief: 19 mentions in 5 stories (CSpO, AsterX)"
    assert "*CSpO*  12 mentions · 9 outlets · ▲ 126%" in texts
    assert (
        "*<https://orbital.example/1|Ten CSpO partners agree on shared rules for on-orbit manoeuvres>*"
        in texts
    )
    assert "(*CSpO*) signed" in texts
    assert "Matched CSpO (title, 4× text), Combined Space Operations (2× text)" in texts
    assert "newsbot explain 10" in texts
    assert "214 sources checked, 3 failing, 1,930 articles" in texts
    assert [block for block in message["blocks"] if block["type"] == "actions"] == []


def test_with_a_web_part_there_are_links_to_it():
    channel = a_channel("https://hooks.example/services/x")
    digest = morning_brief(web_url="https://news.example/")
    message = channel.payload(digest, target="desk", message_id="<one@bot.example>").decode()
    assert "https://news.example/mentions?digest=d-20261121-060000-morning" in message
    assert "<https://news.example/mentions/10|Wrong match?>" in message
    assert "newsbot explain" not in message


def test_a_quiet_day_says_what_was_checked():
    channel = a_channel("https://hooks.example/services/x")
    message = channel.payload(quiet_day(), target="desk", message_id="<one@bot.example>").decode()
    assert "nothing new" in message
    assert "1,312 articles from 46 sources" in message


@pytest.mark.parametrize(("stories", "watches"), [(1000, 1), (1000, 4), (1000, 30), (1000, 200)])
def test_a_flood_is_cut_to_the_limits_and_the_rest_is_counted(stories, watches):
    channel = a_channel("https://hooks.example/services/x")
    body = channel.payload(flood(stories, watches), target="desk", message_id="<one@bot.example>")
    message = json.loads(body)
    assert len(body.decode()) <= 10_000
    assert len(message["blocks"]) <= 50
    assert "1,000 mentions" in message["blocks"][0]["text"]["text"]
    assert "more" in body.decode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "retry"),
    [
        (429, "rate_limited", FailureKind.RATE_LIMITED, Retry.LATER),
        (400, "invalid_payload", FailureKind.REJECTED, Retry.NEVER),
        (403, "invalid_token", FailureKind.CHANNEL_GONE, Retry.NEVER),
        (404, "no_service", FailureKind.CHANNEL_GONE, Retry.NEVER),
        (410, "channel_is_archived", FailureKind.CHANNEL_GONE, Retry.NEVER),
        (413, "too large", FailureKind.REJECTED, Retry.NEVER),
        (302, "", FailureKind.REJECTED, Retry.NEVER),
        (500, "oops", FailureKind.UNCERTAIN, Retry.UNKNOWN),
        (503, "oops", FailureKind.UNCERTAIN, Retry.UNKNOWN),
    ],
)
async def test_each_answer_is_judged(status, body, kind, retry):
    with WebhookSink() as sink:
        error = await failed(
            sink, Answer(status=status, body=body, headers={"location": "https://evil.example/"})
        )
        assert (error.kind, error.retry) == (kind, retry)
        assert body in error.message
        assert str(status) in error.message
        assert error.subject == "desk"
        assert len(sink.posts) == 1


@pytest.mark.parametrize("fault", ["drop", "hang"])
async def test_an_answer_that_is_lost_leaves_it_uncertain(fault):
    with WebhookSink() as sink:
        error = await failed(sink, Answer(fault=fault), patience=0.8 if fault == "hang" else 20)
        assert (error.kind, error.retry) == (FailureKind.UNCERTAIN, Retry.UNKNOWN)
        assert len(sink.posts) == 1


async def test_a_slack_that_is_away_is_tried_later():
    with closed_port() as port, pytest.raises(DeliveryError) as caught:
        await sent(a_channel(f"http://127.0.0.1:{port}/x"))
    assert (caught.value.kind, caught.value.retry) == (FailureKind.TEMPORARY, Retry.LATER)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "2"}, timedelta(seconds=2)),
        ({"retry-after": "30"}, timedelta(seconds=30)),
        ({"retry-after": "86400"}, timedelta(hours=1)),
        ({"retry-after": "99999999999999999999"}, timedelta(hours=1)),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
async def test_a_rate_limit_says_how_long_to_wait_at_most_an_hour(headers, wait):
    with WebhookSink() as sink:
        error = await failed(sink, Answer(status=429, body="rate_limited", headers=headers))
        assert error.retry_after == wait


async def test_refused_blocks_are_posted_once_more_as_plain_text():
    with WebhookSink() as sink:
        sink.answers = [Answer(status=400, body="invalid_blocks_format")]
        await sent(a_channel(sink.url))
        plain = json.loads(sink.posts[1].body)
        assert "blocks" not in plain
        assert "Ten CSpO partners" in plain["text"]
        assert "AsterX" in plain["text"]


async def test_blocks_that_are_refused_twice_are_given_up():
    with WebhookSink() as sink:
        error = await failed(sink, *[Answer(status=400, body="invalid_blocks")] * 2)
        assert (error.kind, error.retry) == (FailureKind.REJECTED, Retry.NEVER)
        assert len(sink.posts) == 2


async def test_messages_of_a_channel_keep_their_distance():
    with WebhookSink() as sink:
        channel = a_channel(sink.url, pause=timedelta(milliseconds=150))
        await sent(channel)
        body, _ = await sent(channel)
        assert [post.body for post in sink.posts] == [body, body]


async def test_the_environment_s_proxy_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    with WebhookSink() as sink:
        await sent(a_channel(sink.url))
        assert len(sink.posts) == 1


@pytest.mark.parametrize(
    "url", ["http://hooks.example/x", "ftp://hooks.example/x", "hooks.example/x", "", "https://"]
)
def test_an_address_that_is_not_https_is_refused_without_being_shown(url):
    with pytest.raises(ValidationError) as caught:
        SlackOptions.model_validate({"webhook_url": url + "/canary-secret"})
    assert "canary-secret" not in str(caught.value)


def test_the_address_is_shown_nowhere():
    options = SlackOptions.model_validate({"webhook_url": "https://hooks.example/services/canary-secret"})
    channel = KINDS["slack"].build("desk", options)
    assert "canary-secret" not in f"{options!r} {channel.targets()} {channel!r}"
    assert channel.targets() == ("desk",)
