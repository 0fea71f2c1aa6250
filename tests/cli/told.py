"""A command run inside the test: its exit code and what it said on either stream."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.cli import main


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Say = Callable[..., Told]


def sayer(capsys: pytest.CaptureFixture[str]) -> Say:
    """Return what runs ``newsbot`` with the given words."""

    def say(*words: str) -> Told:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        heard = capsys.readouterr()
        assert "Traceback" not in heard.out + heard.err
        assert "newsbot itself" not in heard.err
        return Told(code=int(ended.value.code or 0), out=heard.out, err=heard.err)

    return say
