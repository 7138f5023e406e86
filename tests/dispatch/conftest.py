"""A store with borrowers, and workers of the tests."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _compiled():
    """The fold is there before a worker of the tests has to answer in time: in a fresh clone it is compiled first, which takes a minute."""
    from arrears.replay.compiled import warm

    warm()
