"""One service and one browser for every story; they end with the last test of this folder."""

from datetime import timedelta

import pytest
from playwright.sync_api import sync_playwright

from arrears.web import advice_page, pages_shown, site_page
from tests.browser import made
from tests.browser.chromium import chromium_path
from tests.browser.looked import READERS, visiting
from tests.browser.pages import LOOKED_AT, PARTS
from tests.peers.running import running
from tests.web.account.conftest import SECRET
from tests.web.conftest import LEAVE_KEY, NOW, serving


class Clock:
    """The service's. It moves on between stories, so that no story meets the limits that another used up."""

    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at


@pytest.fixture(scope="package")
def clock():
    return Clock()


@pytest.fixture(scope="package")
def smsc():
    with running() as found:
        yield found


@pytest.fixture(scope="package")
def shown():
    """The templates of the pages that the service and its files were made of so far, in their order; parts of pages left out."""
    made, rendered = [], pages_shown.rendered

    def noted(template, /, **values):
        if template not in PARTS:
            made.append(template)
        return rendered(template, **values)

    with pytest.MonkeyPatch.context() as patch:
        for module in (pages_shown, site_page, advice_page):
            patch.setattr(module, "rendered", noted)
        yield made


@pytest.fixture(scope="package")
def service(smsc, clock, shown, tmp_path_factory):
    """The address of the running service."""
    from arrears.installation import load_installation
    from arrears.notice.keys import make_keys
    from arrears.store.connect import open_store
    from arrears.store.personal import open_personal

    folder = tmp_path_factory.mktemp("browser")
    url = f"sqlite:///{folder / 'store.db'}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PAY_SECRET", SECRET)
        environment.setenv("SMSC_PASSWORD", "secret")
        environment.setenv("LEAVE_KEY", LEAVE_KEY)
        path = folder / "arrears.yaml"
        path.write_text(made.CONFIG.format(database=url, smsc=smsc.port), "utf-8")
        installation = load_installation(path)
        make_keys(installation.keys, "demo", NOW, bytes(range(64)))
        store = open_store(url, create=True)
        made.fill(store, open_personal(store, installation.keys), installation, folder)
        store.close()
        with serving(installation, clock) as client:
            yield str(client.base_url)


@pytest.fixture
def first_day(service, clock, tmp_path):
    """The address of a service over a store without anything but a member of staff for each reader, whose second factor is not set up."""
    from arrears.installation import load_installation
    from arrears.notice.keys import make_keys
    from arrears.store.connect import open_store

    url = f"sqlite:///{tmp_path / 'store.db'}"
    path = tmp_path / "arrears.yaml"
    path.write_text(made.LENDER.format(database=url), "utf-8")
    installation = load_installation(path)
    make_keys(installation.keys, "demo", NOW, bytes(range(64)))
    store = open_store(url, create=True)
    made.new_members(store)
    store.close()
    with serving(installation, clock) as client:
        yield str(client.base_url)


@pytest.fixture(scope="package")
def browser(service):
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium_path(playwright), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(params=READERS, ids=lambda one: f"{one.language}-{one.width}")
def reader(request):
    """In Chinese on a phone, in English on a desk."""
    return request.param


@pytest.fixture
def visitor(request, browser, service, reader, clock, shown):
    """The reader's browser, named after the story, which looks at the pages that `pages.py` says."""
    clock.at += timedelta(minutes=10)
    story = request.node.originalname
    with visiting(browser, service, reader, story.removeprefix("test_")[:24], shown=shown) as found:
        yield found
        assert found.looked_at == LOOKED_AT.get(story, set())
