"""``newsbot.yaml``: the settings of the bot itself, with their defaults."""

import re
from typing import Any, ClassVar
from urllib.parse import unquote

from pydantic import Field, SecretStr, field_validator

from bot.config.digests import DigestModel
from bot.config.faults import Report, did_you_mean
from bot.config.fields import Concurrency, Contact, Deadline, Interval, Pause, Strict, Timezone, wrong
from bot.config.settings import DEFAULT_DATABASE, DEFAULT_TIMEZONE, FetchSettings
from bot.config.yaml_nodes import Mapping, Scalar

_SCHEMES = ("sqlite", "postgresql")
_DEFAULTS = FetchSettings()


class FetchModel(Strict):
    """How sources are asked, unless they say otherwise."""

    later: ClassVar[frozenset[str]] = frozenset(
        {"proxy", "scope", "user_agent", "max_body", "robots", "ca_file", "tls_verify", "retries", "limits"}
    )

    every: Interval = Field(default=_DEFAULTS.every, description="How often a source is asked.")
    host_pause: Pause = Field(
        default=_DEFAULTS.host_pause, description="The pause between two requests to one host."
    )
    concurrency: Concurrency = Field(
        default=_DEFAULTS.concurrency, description="Hosts asked at the same time."
    )
    timeout: Deadline = Field(
        default=_DEFAULTS.timeout, description="For a whole request, redirects and body included."
    )

    def settings(self) -> FetchSettings:
        """Return the value that the program is given."""
        return FetchSettings(
            every=self.every, host_pause=self.host_pause, concurrency=self.concurrency, timeout=self.timeout
        )


class NewsbotModel(Strict):
    """The whole file; channels and digests are judged one by one, and stand here for the schema."""

    later: ClassVar[frozenset[str]] = frozenset(
        {
            "evidence",
            "retention",
            "backup",
            "heartbeat_url",
            "web",
            "log",
            "language",
            "proxy",
            "metrics",
            "notices",
        }
    )

    contact: Contact | None = Field(
        default=None,
        description="Sent with every request, so that publishers can reach you: an e-mail or web address.",
    )
    timezone: Timezone = Field(
        default=DEFAULT_TIMEZONE, description="The zone of all schedules that name none."
    )
    database: SecretStr = Field(
        default=SecretStr(DEFAULT_DATABASE),
        description="sqlite:///data/newsbot.db, or postgresql://user@host/name.",
    )
    fetch: FetchModel = Field(default=FetchModel(), description="How sources are asked.")
    channels: dict[str, Any] = Field(default={}, description="Ways to people, each with a type.")
    digests: dict[str, DigestModel] = Field(
        default={}, description="What is sent, when, and over which channels."
    )

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        scheme = url.partition(":")[0].partition("+")[0]
        if scheme not in _SCHEMES or "://" not in url:
            meant = did_you_mean(scheme, _SCHEMES) if "://" in url else "such as sqlite:///data/newsbot.db"
            raise wrong("must begin with sqlite:/// or postgresql://", meant)
        return value


def database_password(url: str) -> str | None:
    """Return the password inside a database's address, as written; None when it has none."""
    found = re.match(r"[^/]*://[^/@]*?:(.*)@", url)
    return found[1] if found and found[1] else None


def note_database_secrets(value: Scalar, report: Report) -> None:
    """Make only the password of a database's address a secret, as written and as meant."""
    report.secrets.discard(value.text)
    password = database_password(value.text)
    if password is None:
        report.inline_secrets = [place for place in report.inline_secrets if place != value.place]
        value.place.show()
    else:
        report.secrets |= {password, unquote(password)}


def warn_without_contact(model: NewsbotModel, root: Mapping, report: Report) -> None:
    """Say that publishers cannot reach whoever runs this bot."""
    if model.contact is None:
        report.warning(
            root.place.document.at(0, 0),
            "'contact' is missing",
            hint="publishers block bots that do not say who runs them: contact: mailto:you@example.org",
        )
