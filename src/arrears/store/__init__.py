"""The store room: the database of facts and the outbox, on SQLite or PostgreSQL."""
