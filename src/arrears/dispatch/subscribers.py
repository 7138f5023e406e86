"""Who is told of facts that are recorded: the section `webhooks` of an installation's file, one receiver each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arrears.dispatch.channels.settings import Settings
from arrears.dispatch.channels.webhook_settings import Webhook, read_webhook
from arrears.errors import refuse
from arrears.facts.schema import KINDS
from arrears.installation import Installation

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Subscription:
    """A receiver by its settings. `kinds`: of the events that it is told; None: every kind."""

    name: str
    webhook: Webhook
    kinds: tuple[str, ...] | None


def subscriptions_of(installation: Installation) -> dict[str, Subscription]:
    """All receivers of the installation by name. Refusal for settings that are missing, unknown or unfit, by their field."""
    section = installation.section("webhooks")
    return {str(name): _subscription(installation, str(name), given) for name, given in section.items()}


def chosen(installation: Installation, there: Mapping[str, Subscription], named: Sequence[str]) -> tuple[str, ...]:
    """The named ones; all where none is named. Refusal for one that is not set up."""
    for name in named:
        if name not in there:
            raise refuse("webhooks", "is not set up", file=str(installation.path), field=f"webhooks.{name}", exit_code=2,
                         todo=f"there are: {', '.join(there) or 'none'}")  # fmt: skip
    return tuple(dict.fromkeys(named)) or tuple(there)


def _subscription(installation: Installation, name: str, given: object) -> Subscription:
    if not _NAME.fullmatch(name) or not isinstance(given, Mapping):
        raise refuse("webhooks", "must be a mapping, under a name of 1 to 64 letters, digits, - and _", file=str(installation.path),
                     field=f"webhooks.{name}", exit_code=2)  # fmt: skip
    settings = Settings(given, installation.path, f"webhooks.{name}")
    if "status_url" in given:
        raise settings.refuse("status_url", "has no use here: what may have failed is told again", "take it out")
    # the receiver takes a webhook-id once only; it must, for nothing else here could be told at least once
    webhook = read_webhook(settings, idempotent=True)
    kinds = settings.choices("kinds", KINDS)
    settings.done()
    return Subscription(name, webhook, kinds)
