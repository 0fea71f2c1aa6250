"""What a source is asked with: its secrets, its proxy, the certificates it trusts; and what is said of that.

A source that is asked with less care than others is a warning, each time the configuration is checked.
"""

import base64
import ssl
from datetime import timedelta
from pathlib import Path

from bot.config.credentials import NO_PROXY
from bot.config.durations import in_words
from bot.config.faults import Place, Report
from bot.config.secrets import Vault
from bot.config.settings import FetchSettings
from bot.config.source_model import SourceModel
from bot.config.validate import head
from bot.config.yaml_nodes import Mapping
from bot.model import Access, Source

#: Source: the manners of the design; sites block those that ask faster.
LEAST_PAUSE = timedelta(seconds=1)
NO_ACCESS = Access()


def access_of(model: SourceModel, fetch: FetchSettings, report: Report) -> Access:
    """Return the secrets that a source is asked with; its proxy is its own, else that of all."""
    basic = None
    if model.basic_auth is not None:
        basic = (model.basic_auth.user, model.basic_auth.password.get_secret_value())
        # as it is sent
        report.secrets.add(base64.b64encode(":".join(basic).encode("utf-8", "replace")).decode("ascii"))
    own = model.proxy.get_secret_value() if model.proxy is not None else fetch.proxy
    return Access(
        headers=tuple((name, value.get_secret_value()) for name, value in model.headers.items()),
        cookies=tuple((name, value.get_secret_value()) for name, value in model.cookies.items()),
        basic_auth=basic,
        proxy=None if own == NO_PROXY else own,
    )


def ca_path(named: str | None, folder: Path) -> str | None:
    """Return the path of a ``ca_file``, relative ones from the configuration's folder."""
    return None if named is None else str(folder / named)


def check_ca_file(path: str, place: Place, report: Report) -> None:
    """Report a file of certificates that is not there, or has none in it."""
    try:
        if not Path(path).is_file():
            report.fault(
                place, f"there is no file {path}", hint="'ca_file' names a file of certificates (PEM)"
            )
            return
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        report.fault(
            place, f"{path} holds no certificate", hint="write it as PEM: -----BEGIN CERTIFICATE-----"
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such name"
        report.fault(place, f"{path} cannot be read: {why}", hint="check who may read it")


def check_source(source: Source, access: Access, item: Mapping, vault: Vault) -> None:
    """Report what a source must not do, and warn of what it does with less care than others."""
    report = vault.report
    if source.host_pause is not None and source.host_pause < LEAST_PAUSE and not source.allow_private:
        report.fault(
            _place(item, "host_pause"),
            f"'host_pause' under {in_words(LEAST_PAUSE)} is only for networks of one's own",
            hint="the source has no allow_private",
        )
    if item.get("ca_file") is not None and source.ca_file is not None:
        check_ca_file(source.ca_file, _place(item, "ca_file"), report)
    if source.enabled:
        _warn(source, access, item, report)


def _warn(source: Source, access: Access, item: Mapping, report: Report) -> None:
    for key in ("tls_verify", "ca_file", "robots"):
        if item.get(key) is not None:
            warn_of_risk(source, key, _place(item, key), report)
    is_secret = access.headers or access.cookies or access.basic_auth
    if is_secret and source.url.startswith("http://") and not source.allow_private:
        key = next(key for key in ("basic_auth", "headers", "cookies") if item.get(key) is not None)
        report.warning(
            _key_place(item, key),
            f"'{key}' goes to {source.host} in the clear: whoever stands between can read it",
            hint="ask for the address by https://",
        )


def warn_of_risk(source: Source | FetchSettings, key: str, place: Place, report: Report) -> None:
    """Warn of one of the keys by which sources are asked with less care; of one that does no harm, not."""
    if key == "tls_verify" and not source.tls_verify:
        report.warning(
            place,
            "certificates are not checked: whoever stands between may read and change what is fetched",
            hint="better: ca_file: PATH of the certificate that is to be trusted",
        )
    elif key == "ca_file" and source.ca_file is not None:
        report.warning(
            place,
            "only the certificates in this file are trusted here",
            hint="whoever holds their keys may read and change what is fetched",
        )
    elif key == "robots" and not source.robots:
        report.warning(
            place, "robots.txt is not obeyed here", hint="only where the publisher has agreed to it"
        )


def _place(item: Mapping, key: str) -> Place:
    value = item.get(key)
    return value.place if value is not None and not isinstance(value, Mapping) else _key_place(item, key)


def _key_place(item: Mapping, key: str) -> Place:
    found = item.key(key)
    return found.place if found is not None else head(item)
