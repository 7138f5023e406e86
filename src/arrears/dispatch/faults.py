"""The store being away, told apart from a fault of one piece of work: the first is waited for, the second is parked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from arrears.errors import Refusal

Given = ParamSpec("Given")
Result = TypeVar("Result")
_AWAY = (
    OperationalError, InterfaceError, InternalError, PoolTimeout, OSError, psycopg.OperationalError, psycopg.InterfaceError,
    psycopg.InternalError, sqlite3.OperationalError, sqlite3.InterfaceError,
)  # fmt: skip


class StoreAway(Exception):
    """The database cannot be reached, is locked, full or shutting down. Whether a commit under way was done, nobody knows."""


def is_away(error: BaseException) -> bool:
    """Whether an error means that the store is away."""
    if isinstance(error, Refusal):
        return error.findings[0].code == "store"
    return isinstance(error, (StoreAway, *_AWAY))


def away(step: Callable[Given, Result]) -> Callable[Given, Result]:
    """A step with the database whose failing for its sake is a `StoreAway`."""

    @wraps(step)
    def run(*given: Given.args, **named: Given.kwargs) -> Result:
        try:
            return step(*given, **named)
        except Exception as error:
            if is_away(error):
                raise StoreAway(
                    str(error).splitlines()[0] if isinstance(error, Refusal) else type(error).__name__
                ) from error
            raise

    return run
