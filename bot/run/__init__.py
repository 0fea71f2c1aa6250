"""Engines: who calls the steps, and when.

``once`` does the whole job one time and ends; ``embedded`` does it for ever, in one process, with
APScheduler as the alarm clock. What is due is always asked of the database, so that both may be
killed at any line.
"""

from bot.run.embedded import Daemon
from bot.run.once import Once, OnceReport, run_once

__all__ = ["Daemon", "Once", "OnceReport", "run_once"]
