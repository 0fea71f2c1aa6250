"""Whose certificates are believed: one TLS context for each answer to that question, made when needed."""

import ssl
from typing import Final

from bot.errors import FailureKind, FetchError, Retry
from bot.fetch.policy import Policy

#: contexts kept: as many as there are files of authorities in one configuration
_MAX_CONTEXTS: Final = 64


class Trust:
    """Make and keep the contexts; the system's authorities are those of ``system`` where it is given."""

    def __init__(self, system: ssl.SSLContext | None = None) -> None:
        self._contexts: dict[tuple[bool, str | None], ssl.SSLContext] = {}
        if system is not None:
            self._contexts[True, None] = system

    def context(self, policy: Policy, *, subject: str) -> ssl.SSLContext:
        """Return the context to speak to a server with; raises FetchError (tls) for an unreadable file."""
        return self._get(policy.tls_verify, policy.ca_file if policy.tls_verify else None, subject)

    def for_proxy(self, policy: Policy, *, subject: str) -> ssl.SSLContext:
        """Return the context to speak to a proxy with, which is told a password: always verified."""
        return self._get(True, policy.ca_file, subject)

    def _get(self, verify: bool, ca_file: str | None, subject: str) -> ssl.SSLContext:
        key = (verify, ca_file)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _made(verify, ca_file, subject)
            if len(self._contexts) > _MAX_CONTEXTS:
                del self._contexts[next(iter(self._contexts))]
        return context


def _made(verify: bool, ca_file: str | None, subject: str) -> ssl.SSLContext:
    if not verify:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        why = "holds no certificates in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise FetchError(
            f"the authorities' certificates in {ca_file} cannot be used: {why or error}",
            kind=FailureKind.TLS,
            subject=subject,
            retry=Retry.LATER,
            hint="check “ca_file” of this source",
        ) from error
