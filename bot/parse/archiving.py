"""Whether a page lets its readers keep a copy of it.

Source: https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag (noarchive, none), which
the X-Robots-Tag header follows.
"""

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

#: Whose rules we follow: everybody's, and those for us.
_OURS = frozenset({"robots", "newsbot", "*"})
_REFUSING = frozenset({"noarchive", "none"})
#: Directives that have a value; any other name before a colon is a robot's.
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_MAX_META = 500
_SPLIT = re.compile(r"[,;\s]+")


def allowed(root: HtmlElement, headers: Mapping[str, str]) -> bool:
    """Return False where the page, by a meta element or a header, asks that no copy be kept."""
    for count, element in enumerate(root.iter("meta")):
        if count >= _MAX_META:
            break
        if (element.get("name") or "").strip().lower() in _OURS and _refuses(element.get("content") or ""):
            return False
    return not any(
        name.lower() == "x-robots-tag" and _refused_by_header(value) for name, value in headers.items()
    )


def _refuses(content: str) -> bool:
    return not _REFUSING.isdisjoint(_SPLIT.split(content[:1000].lower()))


def _refused_by_header(value: str) -> bool:
    """Read ``noindex, otherbot: noarchive``: what follows a robot's name is for that robot."""
    ours = True
    for part in value[:4000].lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in _VALUED:
            ours = name.strip() in _OURS
            part = rest
        if ours and _refuses(part):
            return True
    return False
