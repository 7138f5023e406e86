"""Consent and replies in SQL: what lifts a closed hour or takes a contact out of a count."""

from __future__ import annotations

#: How many calendar days a consent lasts, its own day the first, where a clause says nothing else; a conversation ends it too.
CONSENT_DAYS = 7


def live_consent(contact: str, days: object = None, hours: str = "any") -> str:
    """SQL: whether a consent of the person is live for the contact of that alias.

    `days`: as a clause says it: a number (None: `CONSENT_DAYS`), or `until_withdrawn`, and then no conversation ends it either.
    `hours`: `covered` if the consent must name the hour or none, `named` if it must name it.
    """
    x, lasting = contact, days == "until_withdrawn"
    lasts = "" if lasting else f"AND {x}.day < c.day + {int(str(days)) if days is not None else CONSENT_DAYS}"
    talked = f"""AND NOT EXISTS (SELECT 1 FROM log AS t WHERE t.kind = 'contact' AND t.outcome = 'conversation'
        AND t.account_id = {x}.account_id AND t.who = {x}.who AND (t.made_at, t.n) > (c.made_at, c.n) AND (t.made_at, t.n) < ({x}.made_at, {x}.n))"""
    named = f"""AND (c.hours_from IS NULL OR (timezone({x}.zone, {x}.made_at)::TIME >= c.hours_from
        AND timezone({x}.zone, {x}.made_at)::TIME < c.hours_until))"""
    return f"""EXISTS (
        SELECT 1 FROM log AS c WHERE c.kind = 'consent' AND c.account_id = {x}.account_id AND c.who = {x}.who
        AND (c.channel IS NULL OR c.channel = {x}.channel) AND (c.number IS NULL OR c.number = {x}.number)
        AND (c.made_at, c.n) < ({x}.made_at, {x}.n) AND (c.until IS NULL OR {x}.day <= c.until) {lasts} {"" if hours == "any" else named} {"AND c.hours_from IS NOT NULL" if hours == "named" else ""}
        AND NOT EXISTS (SELECT 1 FROM log AS o WHERE o.who = c.who AND (o.made_at, o.n) > (c.made_at, c.n) AND (o.made_at, o.n) < ({x}.made_at, {x}.n)
            AND (o.kind = 'cease' OR (o.kind = 'opt_out' AND (o.channel IS NULL OR o.channel = {x}.channel) AND (o.number IS NULL OR o.number = {x}.number))))
        {"" if lasting else talked})"""


def replying(contact: str, closed_since: str | None = None) -> str:
    """SQL: whether the contact is the one answer to a person who got in touch on this channel, since an instant or on this day."""
    x = contact
    recent = f"i.day = {x}.day" if closed_since is None else f"i.made_at >= {closed_since}"
    return f"""EXISTS (
        SELECT 1 FROM log AS i WHERE i.kind = 'contact' AND i.direction = 'in' AND i.who = {x}.who AND i.channel = {x}.channel
        AND (i.made_at, i.n) < ({x}.made_at, {x}.n) AND {recent}
        AND NOT EXISTS (SELECT 1 FROM log AS b WHERE b.kind = 'contact' AND b.direction = 'out' AND b.who = {x}.who
            AND b.channel = {x}.channel AND b.event <> {x}.event AND (b.made_at, b.n) > (i.made_at, i.n) AND (b.made_at, b.n) < ({x}.made_at, {x}.n)))"""
