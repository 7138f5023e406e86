"""Telling a database from a folder, before anything of the store is loaded."""

from __future__ import annotations

#: How a URL of a database begins; anything else that names a book is a folder.
SCHEMES = ("sqlite:", "postgresql:", "postgresql+psycopg:", "postgres:")


def is_url(text: str | None) -> bool:
    """Whether a text names a database, not a folder."""
    return text is not None and text.startswith(SCHEMES)
