"""The service: one application over one installation.

Pages need no script and keep nothing. Every answer carries the headers of `web.safety`; every error of the API is problem+json, every
error of a page is a page, and neither shows how the service is made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import resources

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from arrears import __version__
from arrears.installation import Installation
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.web import (
    account,
    account_sign_in,
    desk_sign_in,
    home_pages,
    own_sessions,
    problems,
    provider_sign_in,
    question_pages,
    stand_pages,
    unsubscribe_pages,
    verify_pages,
)
from arrears.web.api import routes as api
from arrears.web.api.described import SAYS, TAGS, describe
from arrears.web.desk import routes as desk
from arrears.web.identity_settings import sign_in_settings
from arrears.web.limits import LookUps
from arrears.web.safety import Safety
from arrears.web.served import Served
from arrears.web.tokens import read_tokens


def create_app(
    installation: Installation, now: Callable[[], datetime] | None = None, loopback: bool = False
) -> FastAPI:
    """The application. `now` gives the instant (UTC); the machine's clock if it is left out. Refusal if settings are unfit.

    `loopback`: it will listen on this machine alone; only then may a cookie go over plain http (`web.cookies`).
    """
    sign_in_settings(installation)
    store = open_store(installation.database)
    served = Served(
        installation, store, open_personal(store, installation.keys), now or (lambda: datetime.now(UTC)),
        read_tokens(installation), LookUps(), loopback=loopback,
    )  # fmt: skip

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(stand_pages.warm)
        yield
        await served.close()
        store.close()

    app = FastAPI(
        lifespan=life,
        title="arrears", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json",
        description=SAYS, openapi_tags=TAGS,
    )  # fmt: skip
    app.state.served = served
    app.include_router(home_pages.router)
    app.include_router(verify_pages.router)
    app.include_router(stand_pages.router)
    app.include_router(question_pages.router)
    app.include_router(unsubscribe_pages.router)
    app.include_router(account_sign_in.router)
    app.include_router(account.router)
    app.include_router(desk_sign_in.router)
    app.include_router(own_sessions.router)
    app.include_router(provider_sign_in.router)
    app.include_router(api.router)
    app.include_router(desk.router)
    folder = str(resources.files("arrears.web").joinpath("assets"))
    app.mount("/assets", StaticFiles(directory=folder), name="assets")
    problems.install(app)
    describe(app)
    app.add_middleware(Safety, too_large=problems.too_large)
    return app
