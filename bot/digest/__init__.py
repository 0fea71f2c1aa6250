"""From mentions to a digest: which schedules are due, and what their digests say. Pure."""

from bot.digest.compose import compose
from bot.digest.due import Schedule, due_slot, next_slots, parse_cron, parse_schedule

__all__ = ["Schedule", "compose", "due_slot", "next_slots", "parse_cron", "parse_schedule"]
