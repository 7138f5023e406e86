"""Who may sign in and how: the section `sign_in` of the installation.

sign_in:
  local: true                      # accounts of `arrears staff`
  sms: {system_id: codes}          # settings of a channel that hold for sign-in codes alone
  provider:                        # an OpenID Connect provider for staff
    name: {zh: 统一登录, en: Single sign-on}
    issuer: https://login.bank.example/realms/staff
    client_id: arrears
    client_secret_env: OIDC_SECRET
    redirect_uri: https://arrears.bank.example/desk/sign-in/back
    roles_claim: groups
    roles: {collector: [arrears-collectors], supervisor: [arrears-supervisors]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arrears.dispatch.channels.settings import Settings
from arrears.facts.beside import tongue_of
from arrears.installation import Installation
from arrears.web.roles import roles as all_roles


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider. `roles`: our role by the values of the claim that give it; `scopes`: what is asked for."""

    names: Mapping[str, str]
    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    scopes: str
    roles_claim: str
    roles: Mapping[str, frozenset[str]]

    def shown(self, language: str) -> str:
        """Its name in a language, else in the one it has."""
        return str(self.names.get(tongue_of(language)) or next(iter(self.names.values())))

    def roles_of(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """Our roles of somebody with these claims."""
        told: Any = claims
        for part in self.roles_claim.split("."):
            told = told.get(part) if isinstance(told, Mapping) else None
        values = {told} if isinstance(told, str) else {one for one in told or () if isinstance(one, str)}
        return tuple(role for role in all_roles() if values & self.roles.get(role, frozenset()))


@dataclass(frozen=True)
class SignIn:
    """`local`: accounts of `arrears staff` sign in; `provider`: or None."""

    local: bool
    provider: Provider | None


def sign_in_settings(installation: Installation) -> SignIn:
    """The section, read. Refusal for what is missing, unknown or unfit."""
    settings = Settings(installation.section("sign_in"), installation.path, "sign_in")
    for channel in ("sms", "email"):
        settings.section_of(channel)  # read by the channel itself
    inner = settings.section_of("provider")
    found = SignIn(settings.flag("local", True), _provider(inner) if inner.section else None)
    settings.done()
    return found


def _provider(settings: Settings) -> Provider:
    names = dict(settings.section_of("name").section) or {"en": "OpenID Connect"}
    if not set(names) <= {"zh", "en"}:
        raise settings.refuse("name", "must be names by language (zh, en)")
    found = Provider(
        names={key: str(name) for key, name in names.items()},
        issuer=settings.url("issuer"),
        client_id=settings.text("client_id"),
        client_secret=settings.secret("client_secret"),
        redirect_uri=settings.url("redirect_uri"),
        scopes=settings.text("scopes", "openid profile"),
        roles_claim=settings.text("roles_claim", "roles"),
        roles=_roles(settings),
    )
    settings.done()
    return found


def _roles(settings: Settings) -> Mapping[str, frozenset[str]]:
    told = settings.section_of("roles").section
    if not told or not set(told) <= set(all_roles()):
        raise settings.refuse(
            "roles", f"must name roles of {', '.join(all_roles())}, each with the values of the claim"
        )
    return {role: frozenset([values] if isinstance(values, str) else map(str, values)) for role, values in told.items()}
