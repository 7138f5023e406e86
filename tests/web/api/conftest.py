"""The API over a store with two accounts whose terms are known, one of them on tonight's list, and a client that may do everything."""

from importlib import resources

import pytest

from arrears.store.moving import put_terms
from arrears.web.tokens import SCOPES
from tests.payments.conftest import lender  # noqa: F401
from tests.web.conftest import NOW, installation, serving  # noqa: F401
from tests.web.others import TERMS

ALL = "a-token-for-everything-0123456789"
LAW_ONLY = "a-token-for-law-alone-0123456789"


def own_policy(folder, example):
    """The lender's own authority: that of an example."""
    text = resources.files("arrears.plans").joinpath("policies", f"{example}.yaml").read_text("utf-8")
    (folder / "plans.yaml").write_text(text, "utf-8")


@pytest.fixture
def api(installation, lender, monkeypatch):  # noqa: F811
    """A client with every scope before the running service; `law_only` is the header of one that may read law alone."""
    from arrears.installation import load_installation

    monkeypatch.setenv("ALL_TOKEN", ALL)
    monkeypatch.setenv("LAW_TOKEN", LAW_ONLY)
    text = installation.path.read_text("utf-8") + "plans: {policy: plans.yaml}\n"
    own_policy(installation.path.parent, "cn-loan")
    tokens = f"    - {{name: crm, scopes: [{', '.join(SCOPES)}], token_env: ALL_TOKEN}}\n    - {{name: reader, scopes: [law], token_env: LAW_TOKEN}}\n"
    installation.path.write_text(text.replace("channels:\n", f"{tokens}channels:\n", 1), "utf-8")
    with lender.begin() as connection:
        put_terms(connection, "small", TERMS, NOW)
    with serving(load_installation(installation.path)) as client:
        client.headers["authorization"] = f"Bearer {ALL}"
        client.law_only = {"authorization": f"Bearer {LAW_ONLY}"}
        yield client
