"""The facts room: tables and their schema, case files, tapes, and the book on disk."""
