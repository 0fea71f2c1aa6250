"""Which hosts were quick the last time; the others may hold their slot for long, and get only so many."""

from typing import Final

#: A step of a host that takes longer holds its slot for long.
_QUICK_S: Final = 2.0
#: So many steps of hosts are remembered.
_MAX_KNOWN: Final = 20_000


class Patience:
    """Remember how long the steps of hosts took; the longest not asked is forgotten first."""

    def __init__(self, *, most: int = _MAX_KNOWN) -> None:
        self._most = most
        self._known: dict[tuple[str, str], bool] = {}
        #: how many of them were not quick
        self.slow = 0

    def is_quick(self, step: str, host: str) -> bool:
        """Tell whether a host was quick; one that was never asked may be anything."""
        return self._known.get((step, host), False)

    def took(self, step: str, host: str, seconds: float) -> None:
        """Remember how long a step took."""
        self._forget((step, host))
        quick = seconds < _QUICK_S
        self._known[step, host] = quick
        self.slow += not quick
        if len(self._known) > self._most:
            self._forget(next(iter(self._known)))

    def _forget(self, key: tuple[str, str]) -> None:
        if not self._known.pop(key, True):
            self.slow -= 1
