"""The store on each backend, for the channels that write into it."""

from tests.store.conftest import *  # noqa: F403
from tests.store.conftest import _template  # noqa: F401
