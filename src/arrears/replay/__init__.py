"""The replay room."""
