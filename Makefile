# Thin names for plain commands; each of them stands in the README, too.
.PHONY: setup test check bench run

setup:
	python3 -m venv .venv
	.venv/bin/pip install -e '.[dev]'

test:
	.venv/bin/pytest

check:
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest

bench:
	.venv/bin/python benchmarks/poll.py
	.venv/bin/python benchmarks/transport.py
	.venv/bin/python benchmarks/feeds.py
	.venv/bin/python benchmarks/matching.py
	.venv/bin/python benchmarks/backfill.py

run:
	.venv/bin/newsbot run
