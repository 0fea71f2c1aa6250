"""The dialogue with a mail server, against a real one that fails at every stage."""

from datetime import timedelta

import pytest

from bot.deliver import KINDS, message_id
from bot.deliver.email import Email, EmailOptions
from bot.errors import DeliveryError, FailureKind, Retry
from tests.deliver.examples import SLOT, morning_brief
from tests.sinks import AUTHORITY, SmtpSink, closed_port, server_tls

TARGET = "ada@desk.example"
NAME = message_id(digest="morning", slot=SLOT, channel="mail", target=TARGET)


def a_channel(port, to=TARGET, **smtp) -> Email:
    server = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "timeout": 0.3,
        "total_timeout": 1,
    } | smtp
    options = EmailOptions.model_validate({"from": "Newsbot <newsbot@bot.example>", "to": to, "smtp": server})
    return KINDS["email"].build("mail", options)


async def sent(channel, target=TARGET):
    body = channel.payload(morning_brief(), target=target, message_id=NAME)
    return body, await channel.send(body, target=target, message_id=NAME)


async def failed(channel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await sent(channel)
    return caught.value


async def test_a_mail_arrives_byte_for_byte_for_its_one_recipient():
    with SmtpSink() as sink:
        channel = a_channel(sink.port, to=[TARGET, "Bo <bo@desk.example>"])
        body, receipt = await sent(channel)
        [mail] = sink.accepted
        assert mail.body == body
        assert (mail.sender, mail.recipients) == ("newsbot@bot.example", (TARGET,))
        assert receipt.remote_id == "00000001"


async def test_the_same_delivery_again_is_the_same_message():
    with SmtpSink() as sink:
        channel = a_channel(sink.port)
        await sent(channel)
        await sent(channel)
        first, second = sink.accepted
        assert first.body == second.body
        assert first.message["Message-ID"] == NAME


async def test_lines_that_begin_with_dots_arrive_as_they_were():
    with SmtpSink() as sink:
        channel = a_channel(sink.port)
        body = b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nlast.\r\n"
        await channel.send(body, target=TARGET, message_id=NAME)
        assert sink.accepted[0].body == body


@pytest.mark.parametrize(
    ("fault", "kind", "retry"),
    [
        ("banner-hang", FailureKind.TEMPORARY, Retry.LATER),
        ("banner-554", FailureKind.TEMPORARY, Retry.LATER),
        ("ehlo-421", FailureKind.TEMPORARY, Retry.LATER),
        ("mail-451", FailureKind.TEMPORARY, Retry.LATER),
        ("mail-550", FailureKind.REJECTED, Retry.NEVER),
        ("rcpt-450", FailureKind.TEMPORARY, Retry.LATER),
        ("rcpt-550", FailureKind.REJECTED, Retry.NEVER),
        ("data-451", FailureKind.TEMPORARY, Retry.LATER),
        ("data-554", FailureKind.REJECTED, Retry.NEVER),
        ("data-drop", FailureKind.TEMPORARY, Retry.LATER),
        ("data-hang", FailureKind.TEMPORARY, Retry.LATER),
        ("body-451", FailureKind.TEMPORARY, Retry.LATER),
        ("body-554", FailureKind.REJECTED, Retry.NEVER),
        ("body-drop", FailureKind.UNCERTAIN, Retry.UNKNOWN),
        ("body-hang", FailureKind.UNCERTAIN, Retry.UNKNOWN),
        ("body-garbage", FailureKind.UNCERTAIN, Retry.UNKNOWN),
    ],
)
async def test_each_fault_is_judged_by_whether_the_message_was_handed_over(fault, kind, retry):
    with SmtpSink() as sink:
        sink.faults = [fault]
        error = await failed(a_channel(sink.port, timeout=0.8 if fault.endswith("hang") else 20))
        assert (error.kind, error.retry) == (kind, retry)
        assert error.subject == "mail"
        assert "127.0.0.1" in error.message
        assert "\n" not in str(error)
        assert bool(sink.mails) == fault.startswith("body-")
        assert not sink.accepted


async def test_after_a_fault_the_next_try_gets_through():
    with SmtpSink() as sink:
        sink.faults = ["rcpt-450"]
        channel = a_channel(sink.port)
        await failed(channel)
        await sent(channel)
        assert len(sink.accepted) == 1


async def test_a_server_that_is_away_is_tried_later():
    with closed_port() as port:
        error = await failed(a_channel(port))
    assert (error.kind, error.retry) == (FailureKind.TEMPORARY, Retry.LATER)


async def test_a_server_that_answers_slowly_is_left_after_the_total_time():
    with SmtpSink() as sink:
        sink.faults = ["banner-hang"]
        error = await failed(a_channel(sink.port, timeout=60, total_timeout=0.3))
        assert error.retry is Retry.LATER


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_with_tls_login_and_message_are_encrypted(security):
    tls = server_tls()
    with SmtpSink(user="newsbot", password="canary-pass", tls=tls, implicit_tls=security == "tls") as sink:
        channel = a_channel(
            sink.port, security=security, user="newsbot", password="canary-pass", ca_file=AUTHORITY
        )
        await sent(channel)
        assert sink.logins == [("newsbot", "canary-pass", True)]
        [mail] = sink.accepted
        assert mail.tls
        assert mail.user == "newsbot"


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("certificate", ["expired", "other_name", "self_signed"])
async def test_a_certificate_that_cannot_be_trusted_stops_everything(security, certificate):
    with SmtpSink(tls=server_tls(certificate), implicit_tls=security == "tls") as sink:
        channel = a_channel(
            sink.port, security=security, user="newsbot", password="canary-pass", ca_file=AUTHORITY
        )
        error = await failed(channel)
        assert (error.kind, error.retry) == (FailureKind.TLS, Retry.LATER)
        assert not sink.logins
        assert "MAIL" not in sink.commands


async def test_without_starttls_nothing_is_sent_in_clear_text():
    with SmtpSink(user="newsbot", password="canary-pass") as sink:
        channel = a_channel(sink.port, security="starttls", user="newsbot", password="canary-pass")
        error = await failed(channel)
        assert (error.kind, error.retry) == (FailureKind.TLS, Retry.LATER)
        assert "STARTTLS" in error.message
        assert not sink.logins
        assert sink.commands == ["EHLO"]


async def test_a_refused_login_is_tried_once_and_not_again_within_an_hour():
    with SmtpSink(user="newsbot", password="right") as sink:
        error = await failed(a_channel(sink.port, user="newsbot", password="canary-wrong"))
        assert (error.kind, error.retry) == (FailureKind.AUTHENTICATION, Retry.LATER)
        assert error.retry_after >= timedelta(hours=1)
        assert len(sink.logins) == 1
        assert "canary-wrong" not in f"{error!r} {error}"
        assert error.hint


async def test_a_server_that_wants_a_login_says_so_as_an_authentication_failure():
    with SmtpSink(user="newsbot", password="right") as sink:
        error = await failed(a_channel(sink.port))
        assert error.kind is FailureKind.AUTHENTICATION


@pytest.mark.parametrize(
    "smtp",
    [
        {"host": "mail.example", "security": "none", "user": "a", "password": "b"},
        {"host": "mail.example", "user": "a"},
        {"host": "mail.example", "password": "b"},
        {"host": "mail.example", "port": 0},
        {"host": ""},
        {"host": "mail.example", "passwort": "b"},
        {"host": "mail.example", "timeout": "soon"},
    ],
)
def test_options_that_cannot_work_are_refused(smtp):
    with pytest.raises(ValueError, match="validation error"):
        EmailOptions.model_validate({"from": "a@b.example", "to": ["c@d.example"], "smtp": smtp})


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_security_unless_it_is_named(security, port):
    smtp = EmailOptions.model_validate(
        {"from": "a@b.example", "to": "c@d.example", "smtp": {"host": "mail.example", "security": security}}
    ).smtp
    assert smtp.port == port
    named = smtp.model_validate(
        {"host": "mail.example", "security": security, "port": 2525, "timeout": "20 s"}
    )
    assert (named.port, named.timeout) == (2525, 20)
