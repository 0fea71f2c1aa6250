"""Sizes as people write them: ``10 MB``, ``512 KiB``. Pure; refuses what has no unit."""

import re

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([^\W\d_]*)")
#: Source: IEC 80000-13; what everybody else calls MB is a million.
_UNITS = {
    "b": 1, "byte": 1, "bytes": 1,
    "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000,
    "kib": 1_024, "mib": 1_024**2, "gib": 1_024**3,
}  # fmt: skip


class SizeError(ValueError):
    """A text that is no size; ``hint`` says what to write."""

    def __init__(self, hint: str) -> None:
        super().__init__("must be a size such as '10 MB' or '512 KB'")
        self.hint = hint


def parse_size(text: str) -> int:
    """Return the bytes that a text means: a number, then B, KB, MB, KiB or MiB. Raises SizeError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise SizeError("")
    number, unit = found[1], found[2].casefold()
    if not unit:
        raise SizeError(f"did you mean '{number} MB'?")
    if unit not in _UNITS:
        raise SizeError(
            f"did you mean '{number} {unit.upper()}B'?" if unit in "kmg" else "units: KB, MB, KiB, MiB"
        )
    return round(float(number) * _UNITS[unit])


def size_in_words(size: int) -> str:
    """Return a size as ``parse_size`` reads it, in the largest unit that divides it."""
    for unit in ("GB", "GiB", "MB", "MiB", "KB", "KiB"):
        count, rest = divmod(size, _UNITS[unit.casefold()])
        if count and not rest:
            return f"{count} {unit}"
    return f"{size} B"
