"""The kinds of values that a source is asked with and nobody may read: headers, cookies, passwords, proxies.

What is refused here would be sent wrongly or not at all; no message holds a value.
"""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, WithJsonSchema

from bot.config.fields import Strict, wrong
from bot.model import OWN_HEADERS

#: Headers that a key of their own stands for.
_ELSEWHERE = {
    "user-agent": "write `user_agent:`",
    "proxy-authorization": "write `proxy: http://user:password@host:port`, by `proxy_env:` or `proxy_file:`",
}
#: Written as a proxy, it means that there is none, whatever `fetch:` says.
NO_PROXY = "none"
#: Source: RFC 9110 §5.6.2 (token), §5.5 (field value); RFC 6265 §4.1.1, less strict (cookie).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_BREAKS_LINE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
#: Servers refuse more than some 8 KB of headers.
_MAX_VALUE = 8_000


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise wrong("is not the name of a header", "letters, digits and -, such as X-Api-Key")
    if name.casefold() in _ELSEWHERE:
        raise wrong("does not belong here", _ELSEWHERE[name.casefold()])
    if name.casefold() in OWN_HEADERS:
        raise wrong("is set by newsbot itself", "remove it")
    return name


def _cookie_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise wrong(
            "is not the name of a cookie", "one name here for each cookie, its value behind the colon"
        )
    return name


def _header_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip(" \t")
    _check_value(text)
    return SecretStr(text)


def _cookie_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip(" \t")
    _check_value(text)
    if ";" in text:
        raise wrong("holds a ';', which ends a cookie", "write a line for each cookie")
    return SecretStr(text)


def _check_value(text: str) -> None:
    if _BREAKS_LINE.search(text):
        raise wrong("holds a line end or a control character", "")
    if len(text) > _MAX_VALUE:
        raise wrong(f"is longer than {_MAX_VALUE:,} characters", "")


def _user(value: str) -> str:
    if not value:
        raise wrong("must not be empty", "")
    # Source: RFC 7617 §2
    if ":" in value or _BREAKS_LINE.search(value):
        raise wrong("must not hold a colon or a control character", "")
    return value


def _password(value: SecretStr) -> SecretStr:
    if _BREAKS_LINE.search(value.get_secret_value()):
        raise wrong("holds a line end or a control character", "")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if text == NO_PROXY:
        return SecretStr(text)
    hint = "write http://host:port, or `none` to go without"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise wrong("is not the address of a proxy", hint) from None
    if parts.scheme not in ("http", "https"):
        raise wrong("must begin with http:// or https://", hint)
    if not host or re.search(r"[\s\\\x00-\x1f\x7f]", text) or parts.path not in ("", "/") or parts.query:
        raise wrong("is not the address of a proxy", hint)
    return SecretStr(text)


def _values(description: str) -> WithJsonSchema:
    """Return the schema of a value that may stand somewhere else."""
    pointer: dict[str, Any] = {"type": "string"}
    one_of = [
        {"type": ["string", "number", "boolean"]},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["env"],
            "properties": {"env": pointer},
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["file"],
            "properties": {"file": pointer},
        },
    ]
    return WithJsonSchema({"description": description, "anyOf": one_of})


HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[SecretStr, AfterValidator(_header_value), _values("The value, or where it is.")]
CookieName = Annotated[str, AfterValidator(_cookie_name)]
CookieValue = Annotated[SecretStr, AfterValidator(_cookie_value), _values("The value, or where it is.")]
ProxyAddress = Annotated[SecretStr, AfterValidator(_proxy)]
User = Annotated[str, AfterValidator(_user)]
Password = Annotated[SecretStr, AfterValidator(_password)]


class BasicAuthModel(Strict):
    """The user and the password that a server asks for."""

    user: User = Field(description="The name of the user.")
    password: Password = Field(description="Better by password_env or password_file.")
