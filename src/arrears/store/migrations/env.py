"""What Alembic runs for each change of version: over the connection that it was handed, and no other."""

from alembic import context

from arrears.store.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
context.run_migrations()
