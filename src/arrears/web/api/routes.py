"""All operations of the API. A parameter that none of them knows is refused: a filter with a slip in its name would filter nothing."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from arrears.web.api import accounts, events, health, law, may, payments, plans, returned, verify, work
from arrears.web.problems import Told


def no_other_parameters(request: Request) -> None:
    """A problem for a parameter of the address that the operation does not have, or that is given twice."""
    known = {parameter.alias for parameter in request.scope["route"].dependant.query_params}
    names = [name for name, _ in request.query_params.multi_items()]
    wrong = [
        {
            "pointer": f"/{name[:64]}",
            "detail": "is given twice" if name in known else "is no parameter of this operation",
        }
        for name in dict.fromkeys(names)
        if name not in known or names.count(name) > 1
    ]
    if wrong:
        raise Told(422, "The request is not in the documented form", wrong)


router = APIRouter(dependencies=[Depends(no_other_parameters)])
for operations in (accounts, may, work, events, payments, plans, verify, law, returned, health):
    router.include_router(operations.router)
