"""Newsbot reads the news sources you name and tells you, once, whenever one of your watches is mentioned.

The flow, and the layout of this package::

    Source → fetch → Entry → parse → Article (revision) → match → Mention → digest → deliver → a person
"""

__version__ = "0.1.0"
