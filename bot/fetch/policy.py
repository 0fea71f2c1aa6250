"""What one source may reach, and by which way: the values that judging, connecting and keeping go by.

A connection belongs to the Policy that it was opened under, and is never lent to another.
"""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """A machine that asks for us; only ever one that the configuration names."""

    #: "http" or "https": how the proxy itself is spoken to
    scheme: str
    #: in ASCII; "" where the configured address cannot be used, and then nothing is asked at all
    host: str
    port: int
    #: the value of Proxy-Authorization
    authorization: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What messages call it, without its password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What one source may reach beyond the public network, through whom, and whose word is trusted."""

    #: CIDRs; link-local and metadata addresses only as an exact /32 or /128
    allow_private: tuple[str, ...] = ()
    proxy: Proxy | None = None
    #: False: any certificate will do
    tls_verify: bool = True
    #: path of the authorities' certificates; None: the system's
    ca_file: str | None = None


#: the rules of a source that says nothing about all this
PUBLIC: Final = Policy()
