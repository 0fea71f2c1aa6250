"""The command line: one file a command group, results on stdout, everything else on stderr.

Exit codes: 0 done · 1 failed · 2 usage or configuration · 3 already running · 4 partly failed.
No traceback ever reaches a user.
"""

from bot.cli.main import app, main

__all__ = ["app", "main"]
