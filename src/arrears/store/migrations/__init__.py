"""The steps from one version of the tables to the next, run by Alembic without a file of settings.

`HEAD` is the version that this arrears reads and writes; it stands here so that opening a store need not load Alembic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
OLDEST = "base"


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Bring the tables up to a version, in the connection's transaction."""
    from alembic import command

    command.upgrade(settings(connection), to)


def downgrade(connection: Connection, to: str = OLDEST) -> None:
    """Take the tables back to a version, in the connection's transaction. What they held is lost."""
    from alembic import command

    command.downgrade(settings(connection), to)


def version(connection: Connection) -> str | None:
    """The version that the tables are of; None where there are none."""
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def settings(connection: Connection) -> Config:
    """What Alembic must know: where the steps are, and over which connection they run."""
    from alembic.config import Config

    told = Config()
    told.set_main_option("script_location", "arrears.store:migrations")
    told.attributes["connection"] = connection
    return told
