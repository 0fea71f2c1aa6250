"""What the options of every kind of channel share."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60}
_DURATION = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s*([a-z]*)")


class Options(BaseModel):
    """Options of a channel: unknown keys are mistakes, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


def _seconds(value: object) -> object:
    found = _DURATION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        return value
    if found[2] not in _UNITS:
        raise ValueError("write seconds or minutes, as in `30 s` or `2 min`")
    return float(found[1]) * _UNITS[found[2]]


#: A duration in seconds, at most ten minutes; ``30``, ``30 s`` and ``2 min`` are all read.
Seconds = Annotated[float, BeforeValidator(_seconds, json_schema_input_type=float | str), Field(gt=0, le=600)]
