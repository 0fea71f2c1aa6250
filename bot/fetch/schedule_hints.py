"""How long a server says that its answer stays fresh."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.fetch.answers import http_date

#: nobody means more than that
_LONGEST_S: Final = 365 * 86_400
_DIRECTIVE: Final = re.compile(r'([a-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?', re.ASCII)


def freshness(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long an answer stays fresh by its headers (names in lower case), more than 0.

    None where it does not say, says junk, or says that it is stale already. ``max-age`` goes before
    ``Expires``, which counts from the answer's own Date, so that a wrong clock does no harm; the time
    that the answer spent in caches (Age) is taken off. ``s-maxage`` is for shared caches: not for us.
    Source: RFC 9111 sections 4.2.1, 4.2.3, 5.1, 5.2.2 and 5.3.
    """
    rules: dict[str, str] = {}
    for name, quoted, bare in _DIRECTIVE.findall(headers.get("cache-control", "")[:1000].lower()):
        rules.setdefault(name, quoted or bare)
    if "no-store" in rules or rules.get("no-cache") == "":
        return None
    age_s = _whole_seconds(headers.get("age", "")) or 0
    lifetime_s = _whole_seconds(rules["max-age"]) if "max-age" in rules else _until_expiry_s(headers)
    if lifetime_s is None or lifetime_s <= age_s:
        return None
    return timedelta(seconds=lifetime_s - age_s)


def hint_of(headers: Mapping[str, str], *, ttl: timedelta | None) -> timedelta | None:
    """Return the longest that headers or listing (``ttl``) say an answer stays fresh; None: neither does."""
    said = [span for span in (freshness(headers), ttl) if span is not None and span > timedelta()]
    return max(said, default=None)


def _until_expiry_s(headers: Mapping[str, str]) -> int | None:
    expires, sent = http_date(headers.get("expires", "")), http_date(headers.get("date", ""))
    if expires is None or sent is None:
        return None
    return min(int((expires - sent).total_seconds()), _LONGEST_S)


def _whole_seconds(text: str) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:12]), _LONGEST_S)
