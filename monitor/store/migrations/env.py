"""Alembic's entry: runs on the connection, and in the transaction, that `schema.migrate` opened."""

from alembic import context

from monitor.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
