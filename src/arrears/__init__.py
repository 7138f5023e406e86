"""arrears: everything that happens after a consumer loan goes overdue, for both sides of the debt."""

__version__ = "0.1.0"
