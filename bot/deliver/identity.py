"""Names of messages: the same digest for the same target is always the same message.

A receiver that keeps Message-IDs can so throw a repeat away. Addresses of people stand in no name.
"""

import hashlib
import re
from datetime import datetime

from bot.model import Digest

#: A reserved name (RFC 2606 §2): message names belong to no real host.
DOMAIN = "newsbot.invalid"
_NO_ATOM = re.compile(r"[^A-Za-z0-9-]+")


def message_id(*, digest: str, slot: datetime, channel: str, target: str) -> str:
    """Return the Message-ID of one delivery, with its angle brackets; deterministic.

    Source: RFC 5322 §3.6.4 (``msg-id``, a dot-atom on both sides).
    """
    unique = _hash(digest, slot.isoformat(), channel, target)
    return f"<{_short(digest)}.{slot:%Y%m%d%H%M%S}.{unique}@{DOMAIN}>"


def thread_root(*, digest: str, channel: str, target: str) -> str:
    """Return the name of a message that was never sent and that all issues of a digest answer.

    So mail programs show the issues for one person as one conversation (RFC 5322 §3.6.4).
    """
    return f"<{_short(digest)}.{_hash(digest, channel, target)}@{DOMAIN}>"


def short_id(name: str) -> str:
    """Return eight characters that let people see whether two messages are the same one."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def safe_id(digest: Digest) -> str:
    """Return the digest's id fit for headers and file names, whatever its key holds."""
    return f"d-{digest.slot:%Y%m%d-%H%M%S}-{atom(digest.key)}"


def atom(text: str) -> str:
    """Return the text with nothing but letters, digits and ``-``; never empty."""
    return _NO_ATOM.sub("-", text).strip("-")[:64] or "x"


def _short(digest: str) -> str:
    # with the other parts, a line of 78 characters (RFC 5322 §2.1.1): some programs misread folded names
    return atom(digest)[:16].strip("-")


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
