"""What the operating system, the resolver and TLS say when no connection comes about, in plain words."""

import errno
import socket
import ssl
from typing import Final

from bot.errors import FailureKind, FetchError, Retry

_OS_WORDS: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ENETUNREACH: "there is no way to that network from here",
    errno.EHOSTUNREACH: "there is no way to that machine from here",
    errno.ETIMEDOUT: "the server did not take the connection",
    errno.ECONNRESET: "the server broke the connection off",
    errno.EMFILE: "this program has too many files open",
    errno.ENFILE: "this machine has too many files open",
}

#: Source: OpenSSL x509_vfy.h, X509_V_ERR_*
_CERTIFICATE_WORDS: Final = {
    9: "the server's certificate is not valid yet",
    10: "the server's certificate has expired",
    18: "the server's certificate is self-signed",
    19: "the server's certificate is signed by a self-signed certificate that nobody here knows",
    20: "the server's certificate is signed by an authority that nobody here knows",
    21: "the server does not send the certificates that vouch for its own",
    23: "the server's certificate was revoked",
    62: "the server's certificate is for another name",
    64: "the server's certificate is for another address",
}


def dns_error(error: OSError, host: str, subject: str) -> FetchError:
    """Return the error of a look-up without an answer."""
    if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
        why, hint = f"no such host name: {host}", "check the spelling"
    elif error.errno == socket.EAI_AGAIN:
        why, hint = f"the name server gave no answer for {host}", "is the network up?"
    else:
        why, hint = f"the name {host} could not be looked up: {error.strerror or error}", ""
    return FetchError(why, kind=FailureKind.DNS, subject=subject, retry=Retry.LATER, hint=hint)


def connect_error(error: OSError, subject: str) -> FetchError:
    """Return the error of a connection that could not be made."""
    if isinstance(error, TimeoutError) and error.errno is None:
        why = "the server did not take the connection in time"
        return FetchError(why, kind=FailureKind.TIMEOUT, subject=subject, retry=Retry.LATER)
    why = _OS_WORDS.get(error.errno or 0) or f"could not connect: {error.strerror or error}"
    kind = FailureKind.RESET if isinstance(error, ConnectionResetError) else FailureKind.CONNECT
    return FetchError(why, kind=kind, subject=subject, retry=Retry.LATER)


def tls_error(error: ssl.SSLError, host: str, subject: str) -> FetchError:
    """Return the error of a TLS handshake; the words name what is wrong with a certificate."""
    hint = ""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = _CERTIFICATE_WORDS.get(error.verify_code) or (
            f"the server's certificate is not trusted: {error.verify_message}"
        )
        if error.verify_code in (62, 64):
            why = f"{why} than {host}"
        if error.verify_code == 20:
            hint = "are the authorities' certificates (ca-certificates) installed here?"
    elif error.reason == "WRONG_VERSION_NUMBER":
        why, hint = "the server does not speak TLS on this port", "is it http instead of https?"
    else:
        reason = (error.reason or str(error)).lower().replace("_", " ")
        why = f"no secure connection could be agreed on ({reason})"
    return FetchError(why, kind=FailureKind.TLS, subject=subject, retry=Retry.LATER, hint=hint)
