"""What a person can do about a source that needs a look: the words that stand beside a trouble.

Commands and settings stand in backticks; how they are shown is the business of whoever shows them.
"""

from collections.abc import Mapping
from typing import Final

from bot.errors import FailureKind
from bot.model import Health

#: What helps against a failure; "KEY" is the source's, "SITE" the address of its host.
_FAILURES: Final[Mapping[str, str]] = {
    FailureKind.UNAUTHORISED: "give it `basic_auth:` or `headers:` in sources.yaml",
    FailureKind.FORBIDDEN: "see whether a browser is let in; some sites want `headers:` or a `contact:`",
    FailureKind.NOT_FOUND: "`newsbot source try SITE` shows where its feed is now",
    FailureKind.GONE: "`newsbot source fix KEY`",
    FailureKind.NOT_A_FEED: "`newsbot source fix KEY` looks for its feed",
    FailureKind.TLS: "its certificate is the site's matter; `ca_file:` trusts an authority of your own",
    FailureKind.DNS: "see whether the name in its address is still right",
    FailureKind.REFUSED_ADDRESS: "if it stands in your own network, say so: `allow_private:` in sources.yaml",
    FailureKind.BAD_URL: "correct its address in sources.yaml",
    FailureKind.RATE_LIMITED: "it is asked less often by itself; a longer `every:` or `host_pause:` helps",
    FailureKind.TOO_LARGE: "give it a higher `max_body:` in sources.yaml",
    FailureKind.EMPTY: "`newsbot source try KEY` shows what it answers now",
    FailureKind.TOO_COMPLEX: "`newsbot source try KEY` shows whether it lasts",
}
_STATES: Final[Mapping[Health, str]] = {
    Health.PARTIAL: "`full_text: feed` in sources.yaml takes what the feed itself says",
    Health.EMPTY: "`newsbot source try KEY` shows what it lists now",
    Health.QUIET: "`newsbot source try KEY` shows what it lists now; perhaps its news is elsewhere",
}
_RESUME: Final = "`newsbot source resume KEY`"


def advice(health: Health, *, key: str, host: str, kind: str | None = None, paused: bool = False) -> str:
    """Return what can be done about a source that is doing so; "" where there is nothing to do.

    ``key`` and ``host`` are the source's, ``kind`` is how it fails, a word of FailureKind.
    """
    if paused and kind != FailureKind.GONE:
        said = _RESUME
    elif health is Health.FAILING:
        said = _FAILURES.get(kind or "", "")
    else:
        said = _STATES.get(health, "")
    return said.replace("KEY", key).replace("SITE", f"https://{host}")
