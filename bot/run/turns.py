"""Whose turn it is where both a host's listings and its pages are due: pure.

A host is asked for one thing at a time. One whose listings are due again whenever they were read, because it
has many or they are asked for every second, would never be asked for a page.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Literal

Step = Literal["refresh", "read"]


class Turns:
    """Remember which hosts had their listings read last."""

    def __init__(self) -> None:
        self._listed: set[str] = set()

    def order(self, refresh: Sequence[str], read: Sequence[str]) -> Iterator[tuple[Step, str]]:
        """Yield what is due by turns, for what was listed must be read, too, however much there is to list.

        A host stands there once for each thing that is due, the one whose turn it is first.
        """
        self._listed.intersection_update(read)
        later = [host for host in refresh if host in self._listed]
        now = [host for host in refresh if host not in self._listed]
        for listing, page in zip_longest(now, read):
            if listing is not None:
                yield "refresh", listing
            if page is not None:
                yield "read", page
        yield from (("refresh", host) for host in later)

    def began(self, step: Step, host: str) -> None:
        """Take note of what a host is asked for."""
        if step == "refresh":
            self._listed.add(host)
        else:
            self._listed.discard(host)
