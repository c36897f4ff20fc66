"""What Alembic runs: our versions, each in its own transaction, over the connection `migrate` opened."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
