"""A configuration folder for a test, with all three files valid unless the test says otherwise."""

from collections.abc import Mapping
from pathlib import Path

from bot.config import Settings, Validators, load
from bot.deliver import KINDS
from bot.digest.due import parse_cron, parse_schedule
from bot.errors import ConfigError, Fault
from bot.match.advice import advise
from bot.match.items import context_term, phrase
from bot.match.query import compose, parse
from bot.match.searchable import search_text


def _only_judged(_value: object) -> None:
    return None


VALIDATORS = Validators(
    query=lambda text: _only_judged(parse(text)),
    compose=compose,
    phrase=phrase,
    context=context_term,
    advice=lambda watch: ((said.message, said.hint, (said.term, *said.also)) for said in advise(watch)),
    schedule=lambda text: _only_judged(parse_schedule(text)),
    cron=lambda text: _only_judged(parse_cron(text)),
    searchable=lambda text: search_text(text) is not None,
    channels={name: kind.options for name, kind in KINDS.items()},
)
GOOD = {
    "newsbot.yaml": "contact: mailto:desk@example.org\n",
    "watchlists.yaml": "watches:\n  cspo: {any: ['{CSpO}']}\n  asterx: {any: [AsterX]}\n",
    "sources.yaml": "sources:\n  - https://one.example/feed\n",
}


class Folder:
    """Writes files and reads them as the program does."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: str | bytes, *, mode: int = 0o640) -> Path:
        """Write one file, folders included."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def write_all(self, **changed: str | bytes | None) -> None:
        """Write the three files; ``newsbot=…`` changes one, None leaves it out."""
        for name, good in GOOD.items():
            content = changed.get(name.removesuffix(".yaml"), good)
            if content is not None:
                self.write(name, content)

    def load(self, environ: Mapping[str, str] | None = None, **changed: str | bytes | None) -> Settings:
        """Write the three files, read them, and return the settings."""
        self.write_all(**changed)
        return self.read(environ)

    def read(self, environ: Mapping[str, str] | None = None) -> Settings:
        """Read what stands there."""
        return load(self.path, validators=VALIDATORS, environ=environ or {})

    def faults(
        self, environ: Mapping[str, str] | None = None, **changed: str | bytes | None
    ) -> tuple[Fault, ...]:
        """Write the three files and return the faults that reading them gives; none when it succeeds."""
        self.write_all(**changed)
        try:
            self.read(environ)
        except ConfigError as error:
            return error.faults
        return ()
