"""What a robots.txt says about us, purely: which of its lines apply, what they allow, how they are kept.

A file may name a thousand programs and take megabytes once it is parsed (twenty bytes for each of its own,
measured). So only the lines that can apply to us are kept, and parsed for the few sites being read.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from protego import Protego

from bot.fetch.pacing import MAX_DELAY

#: characters of rules that are kept parsed
_MAX_PARSED: Final = 1024 * 1024

#: Source: RFC 9309 section 2.2.1, the product token is letters, "_" and "-"
_AGENT: Final = re.compile(r"user[- ]?agent[ \t:]+(?P<name>\*(?=[ \t]*(?:#|$))|[a-z_-]*)", re.IGNORECASE)
#: with the misspellings that the parser knows; any other line says nothing, and ends no group
#: (RFC 9309 section 2.2.4)
_RULE: Final = re.compile(
    r"(?:allow|diss?all?ow|diasllow|disallaw|crawl[- ]delay)[ \t]*[: \t]", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotsVerdict:
    """Whether a page may be asked for."""

    allowed: bool
    #: at most 60 s; None when the site says nothing
    crawl_delay: timedelta | None = None
    #: in words; also for what is allowed
    why: str = ""
    #: not for now: only the rules could not be read, they do not forbid it
    temporary: bool = False


def product_token(user_agent: str) -> str:
    """Return the name that robots.txt would call this user agent by, lower-case; "" where it has none."""
    match = re.match(r"[A-Za-z_-]*", user_agent)
    return match[0].lower() if match else ""


def decoded(body: bytes, *, cut: bool) -> str:
    """Return the text of a robots.txt; of one that was cut, without the line that the cut went through.

    Half a line may forbid far more than the whole: ``Disallow: /`` of ``Disallow: /private``.
    """
    if cut:
        end = max(body.rfind(b"\n"), body.rfind(b"\r"))
        body = body[: end + 1]
    return body.decode("utf-8", "replace").removeprefix("\ufeff")


def only_ours(text: str, tokens: Collection[str]) -> str:
    """Return the groups of a robots.txt that can apply to whoever is called by one of these names.

    They are named by the first of the names, or ``*``; the lower-case tokens must be the same, since the
    parser takes a group for ``news`` as one for ``newsbot``. Source: RFC 9309 section 2.2.1.
    """
    ours = next(iter(tokens))
    kept: list[str] = []
    named: list[str] = []
    begun = False
    for line in text.splitlines():
        line = line.strip()
        if agent := _AGENT.match(line):
            if begun:
                named, begun = [], False
            name = agent["name"].lower()
            if name == "*" or (name and name in tokens):
                named.append(f"user-agent: {'*' if name == '*' else ours}")
        elif _RULE.match(line):
            if not begun:
                kept += named
                begun = True
            if named:
                kept.append(line)
    # a group without rules counts: whoever names us and forbids nothing allows everything
    return "\n".join([*kept, *([] if begun else named)])


def judged(parsed: Protego, token: str, url: str, host: str) -> RobotsVerdict:
    """Return what the rules, as ``only_ours`` leaves them, say of an address."""
    allowed = parsed.can_fetch(url, token)
    delay_s = parsed.crawl_delay(token)
    forbidden = f"robots.txt of {host} does not allow {token} to read this"
    return RobotsVerdict(
        allowed=allowed,
        crawl_delay=timedelta(seconds=min(delay_s, MAX_DELAY.total_seconds())) if delay_s else None,
        why="robots.txt allows it" if allowed else forbidden,
    )


class Parsed:
    """Keep the rules of the sites being read in the form that answers."""

    def __init__(self) -> None:
        #: text → its rules, the longest unused first
        self._known: dict[str, Protego] = {}
        self._size = 0

    def get(self, text: str) -> Protego | None:
        """Return the rules of a text that was parsed before, if they are still here."""
        parsed = self._known.pop(text, None)
        if parsed is not None:
            self._known[text] = parsed
        return parsed

    def keep(self, text: str, parsed: Protego) -> None:
        """Remember them; what was not used for longest makes room."""
        if text not in self._known:
            self._size += len(text) + 1
        self._known[text] = parsed
        while self._size > _MAX_PARSED and len(self._known) > 1:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._size -= len(oldest) + 1
