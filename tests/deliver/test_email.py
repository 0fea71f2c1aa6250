"""The mail: its headers, its two parts, its size."""

from datetime import timedelta
from email.parser import BytesParser
from email.policy import default as email_policy
from email.utils import parsedate_to_datetime

import pytest
from pydantic import ValidationError

from bot.deliver import KINDS, message_id, render
from bot.deliver.addresses import parse_mailbox
from bot.deliver.email import EmailOptions
from bot.model import WatchHistory
from tests.deliver.examples import SLOT, a_mention, composed, flood, found, morning_brief, quiet_day

TARGET = "ada@desk.example"


def a_channel(sender="Newsbot <newsbot@bot.example>", to=TARGET):
    options = {"from": sender, "to": to, "smtp": {"host": "mail.example"}}
    return KINDS["email"].build("mail", EmailOptions.model_validate(options))


def a_mail(digest, channel=None, target=TARGET):
    name = message_id(digest=digest.key, slot=digest.slot, channel="mail", target=target)
    body = (channel or a_channel()).payload(digest, target=target, message_id=name)
    return body, BytesParser(policy=email_policy).parsebytes(body)


def test_the_headers_say_who_what_and_when():
    _, mail = a_mail(morning_brief())
    assert mail["From"] == "Newsbot <newsbot@bot.example>"
    assert mail["To"] == TARGET
    assert mail["Subject"] == "Morning brief: 19 mentions in 5 stories (CSpO, AsterX)"
    assert parsedate_to_datetime(mail["Date"]) == SLOT
    assert mail["List-Id"] == "<morning.bot.example>"
    assert mail["List-Unsubscribe"] == "<mailto:newsbot@bot.example?subject=unsubscribe%20morning>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Newsbot-Digest"] == morning_brief().id
    assert "Precedence" not in mail


def test_issues_of_a_digest_are_one_thread_and_each_its_own_message():
    _, today = a_mail(morning_brief())
    _, tomorrow = a_mail(morning_brief(slot=SLOT + timedelta(days=1)))
    assert today["References"] == tomorrow["References"] == today["In-Reply-To"]
    assert today["Message-ID"] != tomorrow["Message-ID"]
    assert today["References"] not in (today["Message-ID"], tomorrow["Message-ID"])


def test_the_same_digest_is_the_same_bytes():
    assert a_mail(morning_brief())[0] == a_mail(morning_brief())[0]


def test_both_parts_say_what_render_says():
    digest = morning_brief()
    _, mail = a_mail(digest)
    text, page = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == render.text(digest)
    assert page.get_content().replace("\r\n", "\n").strip() == render.html(digest).strip()
    assert {part.get_content_charset() for part in (text, page)} == {"utf-8"}


@pytest.mark.parametrize(("stories", "watches"), [(1000, 1), (1000, 4), (1000, 30), (1000, 200)])
def test_a_flood_is_one_mail_below_95_000_bytes(stories, watches):
    digest = flood(stories, watches)
    body, mail = a_mail(digest)
    assert len(body) < 95_000
    text, page = (part.get_content() for part in mail.iter_parts())
    assert "more" in text
    assert "1,000" in text
    assert "1,000" in page


def test_scripts_that_need_more_bytes_still_fit():
    mentions = (a_mention(n, title="新聞記事" * 30, excerpt="宇宙作戦" * 75, marks=()) for n in range(1, 101))
    watches = [WatchHistory(key="cspo", name="宇宙")]
    body, mail = a_mail(composed(found(*mentions), watches, name="新聞" * 30))
    assert "新聞" in mail["Subject"]
    assert len(body) < 95_000
    assert "新聞記事" in mail.get_body(("html",)).get_content()


def test_a_quiet_day_is_said_in_the_subject():
    _, mail = a_mail(quiet_day())
    assert mail["Subject"] == "Morning brief: nothing new"


def test_names_in_other_letters_arrive():
    channel = a_channel("Neuigkeiten für Jürgen <newsbot@bot.example>", ["Åsa Öberg <asa@desk.example>"])
    _, mail = a_mail(morning_brief(), channel, "asa@desk.example")
    assert mail["From"].addresses[0].display_name == "Neuigkeiten für Jürgen"
    assert mail["To"].addresses[0].display_name == "Åsa Öberg"
    assert mail["To"].addresses[0].addr_spec == "asa@desk.example"


def test_one_recipient_a_message_and_nobody_twice():
    channel = a_channel(to=["Ada <ada@desk.example>", "bo@desk.example", "ada@desk.example"])
    assert channel.targets() == ("ada@desk.example", "bo@desk.example")
    body, mail = a_mail(morning_brief(), channel, "bo@desk.example")
    assert mail["To"] == "bo@desk.example"
    assert b"ada@" not in body


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("ada@desk.example", "ada@desk.example", ""),
        ("Ada L. <ada+news@Desk.Example>", "ada+news@desk.example", "Ada L."),
        ('"Lovelace, Ada" <ada@desk.example>', "ada@desk.example", "Lovelace, Ada"),
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example", ""),
        ("root@localhost", "root@localhost", ""),
    ],
)
def test_addresses_are_read(text, address, name):
    mailbox = parse_mailbox(text)
    assert (mailbox.address, mailbox.name) == (address, name)


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "@desk.example", "ada@", "ada@@desk.example", "ada desk@desk.example", "ada@desk example",
        "ada@-desk.example", "ada..x@desk.example", ".ada@desk.example", "ada@desk..example",
        "jürgen@desk.example", "ada@desk.example\r\nBcc: eve@evil.example", "\u202eada@desk.example",
        "ada@desk.example, eve@evil.example", "<ada@desk.example> x <y", "ada@[127.0.0.1]",
        "a" * 65 + "@desk.example", "ada@" + "d" * 64 + ".example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_where_it_is_configured(text):
    with pytest.raises(ValidationError):
        a_channel(to=[text])
    with pytest.raises(ValidationError):
        a_channel(sender=text)


def test_a_password_is_never_shown():
    options = EmailOptions.model_validate(
        {"from": TARGET, "to": TARGET, "smtp": {"host": "h", "user": "u", "password": "canary-pass"}}
    )
    assert "canary-pass" not in f"{options!r} {options}"
    with pytest.raises(ValidationError) as caught:
        EmailOptions.model_validate(
            {"from": TARGET, "to": TARGET, "smtp": {"host": "h", "password": "canary-pass"}}
        )
    assert "canary-pass" not in str(caught.value)
