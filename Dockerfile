# The bot alone: one process, one SQLite file on the volume /newsbot/data, its configuration in /newsbot/config.
FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir '.[postgres]' \
    && find /venv -name '__pycache__' -type d -prune -exec rm -rf {} +

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --home-dir /newsbot newsbot \
    && install -d -o newsbot -g newsbot /newsbot /newsbot/data /newsbot/config
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 NEWSBOT_CONFIG=/newsbot/config
WORKDIR /newsbot
USER newsbot
VOLUME /newsbot/data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s \
    CMD ["python", "-c", "import json,subprocess,sys; s=json.loads(subprocess.check_output(['newsbot','status','--json'])); sys.exit(s['running'] is None)"]
CMD ["newsbot", "run"]
