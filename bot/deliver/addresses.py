"""Mail addresses as configured: read once, checked before anything is sent."""

import re
from dataclasses import dataclass
from email.headerregistry import Address

from bot.deliver.clean import clean

#: ``name <address>``, ``"name" <address>`` or the address alone; one, never a list.
_FORM = re.compile(r'"?(?P<name>[^"<>]*?)"?\s*<(?P<boxed>[^<>\s]+)>|(?P<bare>[^<>\s",;]+)')
#: RFC 5322 §3.2.3 (dot-atom) within the lengths of RFC 5321 §4.5.3.1.
_LOCAL = re.compile(r"(?!.{65})[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?!.{254})(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailbox:
    """A person or program that has mail."""

    #: ASCII only, ready for the envelope
    address: str
    #: what is shown beside it; "" when nothing is
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the ``@``."""
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        """The value for a From or To header."""
        return Address(display_name=self.name, addr_spec=self.address)


def parse_mailbox(text: str) -> Mailbox:
    """Read ``ada@example.org`` or ``Ada Example <ada@example.org>``.

    A domain in other letters becomes its ASCII form. Raises ValueError, in words for the user, for
    what is no address, and for other letters before the ``@``, which many servers refuse.
    """
    if text != clean(text):
        raise ValueError("an address holds no line breaks or other control characters")
    found = _FORM.fullmatch(text.strip())
    name, address = (found["name"] or "", found["boxed"] or found["bare"]) if found else ("", "")
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError(f"{text!r} is not a mail address; write name@example.org or Name <name@example.org>")
    if not local.isascii():
        raise ValueError(
            f"{address!r} has letters before the @ that many mail servers refuse; use an ASCII address"
        )
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(f"{domain!r} is not a host name") from None
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{address!r} is not a mail address; write name@example.org")
    return Mailbox(address=f"{local}@{domain}", name=name)
