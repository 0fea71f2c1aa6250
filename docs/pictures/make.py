"""Draw the pictures of the digest that stand in this folder; needs Chromium on the machine.

Run it from anywhere: ``python docs/pictures/make.py [folder]``. The digest is an invented example.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.deliver import render  # noqa: E402
from tests.deliver.examples import morning_brief, quiet_day  # noqa: E402

WEB = "https://newsbot.example.org"
#: name → (digest, width in CSS pixels, height, dark)
PICTURES = {
    "digest-light": (morning_brief(), 760, 1580, False),
    "digest-dark": (morning_brief(), 760, 1580, True),
}
#: drawn only into another folder, to look at
MORE = {
    "mobile-light": (morning_brief(), 390, 2060, False),
    "mobile-dark": (morning_brief(), 390, 2060, True),
    "web-light": (morning_brief(web_url=WEB), 760, 1680, False),
    "quiet-light": (quiet_day(), 760, 600, False),
    "quiet-web-light": (quiet_day(web_url=WEB), 760, 640, False),
}


def main() -> int:
    """Draw all pictures; 1 where no Chromium is found."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("no Chromium found", file=sys.stderr)
        return 1
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    pictures = PICTURES | (MORE if len(sys.argv) > 1 else {})
    with tempfile.TemporaryDirectory() as scratch:
        for name, (digest, width, height, dark) in pictures.items():
            page = Path(scratch, f"{name}.html")
            page.write_text(_framed(digest, width, dark), encoding="utf-8")
            _draw(chromium, page, folder / f"{name}.png", (width, height), scratch, dark=dark)
            print(folder / f"{name}.png")
    return 0


def _framed(digest, width: int, dark: bool) -> str:
    """Chromium draws no window narrower than 500 pixels: a frame gives a phone's width."""
    page = render.html(digest)
    if width >= 500:
        return page
    escaped = page.replace("&", "&amp;").replace('"', "&quot;")
    scheme = "dark" if dark else "light"
    frame = f"border:0;width:{width}px;height:4000px;color-scheme:{scheme}"
    return (
        f'<!doctype html><html style="color-scheme:{scheme}"><body style="margin:0">'
        f'<iframe srcdoc="{escaped}" style="{frame}"></iframe>'
    )


def _draw(
    chromium: str, page: Path, picture: Path, size: tuple[int, int], scratch: str, *, dark: bool
) -> None:
    command = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        f"--user-data-dir={scratch}/profile",
        f"--window-size={size[0]},{size[1]}",
        f"--screenshot={picture}",
        page.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    raise SystemExit(main())
