"""Mail: a digest as one message for one person, and its way to the mail server.

Here stands what is in the message; the dialogue with the server is ``smtp.py``. One message has one
recipient, so that one refusal is one failed delivery and nobody sees the others' addresses.
"""

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, BeforeValidator, Field

from bot.deliver import render
from bot.deliver.addresses import Mailbox, parse_mailbox
from bot.deliver.clean import shorten
from bot.deliver.identity import atom, safe_id, thread_root
from bot.deliver.options import Options
from bot.deliver.smtp import SmtpOptions, hand_over
from bot.deliver.wording import subject
from bot.model import Digest, Receipt

#: Text and HTML together with their encoding: below what Gmail clips, and small enough for any server.
MOST_BYTES = 95_000
_MOST_TEXT_BYTES = 24_000
#: Budgets for the HTML part, from the richest: what encoding adds depends on the script.
_HTML_BUDGETS = (66_000, 52_000, 40_000, 28_000, 20_000, 14_000)
_LONGEST_SUBJECT = 200


def _checked(text: str) -> str:
    parse_mailbox(text)
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_MailAddress = Annotated[str, AfterValidator(_checked)]


class EmailOptions(Options):
    """What a channel of type ``email`` needs."""

    sender: _MailAddress = Field(alias="from", description="Name <address> that the mail comes from")
    to: Annotated[
        list[_MailAddress],
        BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
        Field(min_length=1, description="who gets it, one message each"),
    ]
    smtp: SmtpOptions


class Email:
    """A channel that mails."""

    kind = "email"

    def __init__(self, key: str, options: EmailOptions) -> None:
        self._key = key
        self._sender = parse_mailbox(options.sender)
        self._smtp = options.smtp
        recipients = map(parse_mailbox, options.to)
        #: one each, however often an address is listed
        self._recipients = {mailbox.address: mailbox for mailbox in recipients}

    def targets(self) -> tuple[str, ...]:
        """Return the addresses."""
        return tuple(self._recipients)

    def payload(self, digest: Digest, *, target: str, message_id: str) -> bytes:
        """Return the whole message, as it goes over the wire, below 95,000 bytes."""
        message = self._message(digest.key, subject(digest), digest.slot, target, message_id)
        message["X-Newsbot-Digest"] = safe_id(digest)
        text = render.text(digest, most_bytes=_MOST_TEXT_BYTES)
        for budget in _HTML_BUDGETS:
            _fill(message, text, render.html(digest, most_bytes=budget), message_id)
            body = message.as_bytes()
            if len(body) < MOST_BYTES:
                break
        return body

    async def send(self, body: bytes, *, target: str, message_id: str) -> Receipt:
        """Hand the message to the mail server."""
        return await hand_over(
            body, server=self._smtp, sender=self._sender.address, recipient=target, channel=self._key
        )

    def test_payload(self, *, target: str, message_id: str, now: datetime) -> bytes:
        """Return a short message that says that the channel works."""
        words = f"This is a test from Newsbot. The channel “{self._key}” works: digests will come this way."
        message = self._message("test", f"Newsbot test: channel {self._key}", now, target, message_id)
        _fill(
            message,
            words + "\n",
            f'<!doctype html><html lang="en"><body><p>{escape(words)}</p></body></html>',
            message_id,
        )
        return message.as_bytes()

    def _message(self, digest: str, about: str, date: datetime, target: str, message_id: str) -> EmailMessage:
        """Return a message with all headers and no body.

        Source: RFC 5322 §3.6 (Date, Message-ID, References), RFC 2919 (List-Id), RFC 2369 §3.2
        (List-Unsubscribe), RFC 3834 §5 (Auto-Submitted).
        """
        root = thread_root(digest=digest, channel=self._key, target=target)
        unsubscribe = f"mailto:{quote(self._sender.address, safe='@')}?subject=unsubscribe%20{atom(digest)}"
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender.header
        message["To"] = self._recipients.get(target, Mailbox(address=target)).header
        message["Subject"] = _subject(about)
        message["Date"] = format_datetime(date)
        message["Message-ID"] = message_id
        message["In-Reply-To"] = root
        message["References"] = root
        message["List-Id"] = f"<{atom(digest).lower()}.{self._sender.domain}>"
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["Auto-Submitted"] = "auto-generated"
        return message


def _subject(text: str) -> str:
    # "=?" begins an encoded word: a title could smuggle one in and be shown as something else
    return shorten(text.replace("=?", "= ?"), _LONGEST_SUBJECT)


def _fill(message: EmailMessage, text: str, html: str, message_id: str) -> None:
    """Put both parts into the message, in place of what was there."""
    message.clear_content()
    message.set_content(text, cte=_encoding(text))
    message.add_alternative(html, subtype="html", cte=_encoding(html))
    # "=_" stands in neither encoding, so no line of a body can end a part
    message.set_boundary(f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}")


def _encoding(text: str) -> str:
    """Return the shorter encoding of the two that every server passes on unchanged."""
    encoded = text.encode()
    escaped = sum(byte > 126 or byte == 61 for byte in encoded)
    return "quoted-printable" if len(encoded) + 2 * escaped < len(encoded) * 4 / 3 else "base64"
