"""``newsbot.yaml``: the settings of the bot itself, with their defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.config.access import ca_path
from bot.config.credentials import NO_PROXY, ProxyAddress
from bot.config.digests import DigestModel
from bot.config.durations import in_words
from bot.config.faults import Report, did_you_mean
from bot.config.fields import (
    Agent,
    Bound,
    Concurrency,
    Contact,
    Deadline,
    Entries,
    Flag,
    Interval,
    Pause,
    Size,
    Strict,
    Timezone,
    Words,
    wrong,
    wrong_together,
)
from bot.config.settings import DEFAULT_DATABASE, DEFAULT_TIMEZONE, FetchSettings
from bot.config.source_model import RobotsName, ScopeName
from bot.config.yaml_nodes import Mapping as Node
from bot.model import PauseScope

_SCHEMES = ("sqlite", "postgresql")
_DEFAULTS = FetchSettings()


class FetchModel(Strict):
    """How sources are asked, unless they say otherwise."""

    later: ClassVar[frozenset[str]] = frozenset({"retries"})
    elsewhere: ClassVar[Mapping[str, str]] = {
        "limits": "write timeout, max_body and max_entries as keys of `fetch:`",
        "headers": "headers belong to one source: write them there",
        "cookies": "cookies belong to one source: write them there",
        "basic_auth": "a password belongs to one source: write it there",
        "allow_private": "private networks are opened for one source: write it there",
    }

    every: Interval = Field(
        default=_DEFAULTS.every,
        description="How often a source is asked at first; adapted to what it brings.",
    )
    shortest: Bound = Field(default=_DEFAULTS.shortest, description="An adapted interval is no shorter.")
    longest: Bound = Field(default=_DEFAULTS.longest, description="An adapted interval is no longer.")
    host_pause: Pause = Field(
        default=_DEFAULTS.host_pause, description="The pause between two requests to one host."
    )
    concurrency: Concurrency = Field(
        default=_DEFAULTS.concurrency, description="Hosts asked at the same time."
    )
    timeout: Deadline = Field(
        default=_DEFAULTS.timeout, description="For a whole request, redirects and body included."
    )
    max_body: Size | None = Field(
        default=None,
        description="What one answer may be given, unpacked; 5 MiB, of a page 3 MiB, when left out.",
    )
    max_entries: Entries | None = Field(
        default=None, description="Entries taken of one listing; 2,000, when left out."
    )
    scope: ScopeName = Field(
        default="host", description="Who is asked by one at a time, and is left alone after a Retry-After."
    )
    robots: RobotsName = Field(default="obey", description="Whether robots.txt is obeyed for pages.")
    user_agent: Agent | None = Field(
        default=None,
        description="What the program calls itself; its name, version and contact, when left out.",
    )
    tls_verify: Flag = Field(default=True, description="false: any certificate will do.")
    ca_file: Words | None = Field(
        default=None,
        description="The file of the certificates that are trusted; from the configuration's folder.",
    )
    proxy: ProxyAddress | None = Field(
        default=None, description="http://[user:password@]host:port; everything goes through it."
    )

    @model_validator(mode="after")
    def _fits(self) -> "FetchModel":
        if self.shortest > self.longest:
            raise wrong_together(
                f"'shortest' ({in_words(self.shortest)}) is longer than 'longest' ({in_words(self.longest)})",
                key="shortest" if "shortest" in self.model_fields_set else "longest",
                hint="an adapted interval lies between the two",
            )
        if self.ca_file is not None and not self.tls_verify:
            raise wrong_together(
                "'ca_file' says nothing beside 'tls_verify: false'", key="ca_file", hint="keep one of the two"
            )
        return self

    def settings(self, folder: Path) -> FetchSettings:
        """Return the value that the program is given; relative paths start in ``folder``."""
        proxy = self.proxy.get_secret_value() if self.proxy is not None else NO_PROXY
        return FetchSettings(
            every=self.every,
            shortest=self.shortest,
            longest=self.longest,
            host_pause=self.host_pause,
            concurrency=self.concurrency,
            timeout=self.timeout,
            max_body=self.max_body,
            max_entries=self.max_entries,
            scope=PauseScope(self.scope),
            robots=self.robots == "obey",
            user_agent=self.user_agent,
            tls_verify=self.tls_verify,
            ca_file=ca_path(self.ca_file, folder),
            proxy=None if proxy == NO_PROXY else proxy,
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


def warn_without_contact(model: NewsbotModel, root: Node, report: Report) -> None:
    """Say that publishers cannot reach whoever runs this bot."""
    if model.contact is None:
        report.warning(
            root.place.document.at(0, 0),
            "'contact' is missing",
            hint="publishers block bots that do not say who runs them: contact: mailto:you@example.org",
        )
