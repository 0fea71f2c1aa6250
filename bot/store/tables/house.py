"""The installation itself: since when it exists, and who works on it."""

from sqlalchemy import Column

from bot.store.tables.base import table
from bot.store.types import Count, Number, Text, Utc

leases = table(
    "leases",
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("since", Utc, nullable=False),
    Column("until", Utc),
    # grows with every holder: a former one can be told from the present one
    Column("epoch", Count, nullable=False),
)

installation = table(
    "installation",
    # one row, number 1
    Column("id", Number, primary_key=True),
    Column("created_at", Utc, nullable=False),
    # which folding made what the token index holds; NULL before anything was indexed
    Column("index_version", Text),
    # since when no source can be reached, which is nobody's fault but the network's; NULL while it is up
    Column("network_down_since", Utc),
)
