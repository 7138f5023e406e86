"""A store with borrowers, and workers of the tests."""

from tests.store.conftest import *  # noqa: F403
from tests.store.conftest import _template  # noqa: F401
