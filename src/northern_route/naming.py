"""How organisations are called in tables and in sentences."""

from __future__ import annotations

from northern_route.evidence import by_id

WITH_ARTICLE = ("sco", "osce", "csto")


def name(organisation: str) -> str:
    """The short name of an organisation."""
    return by_id("organisations", "name")[organisation]["name"]


def called(organisation: str) -> str:
    """The name as a sentence uses it: the OSCE, but UNODC."""
    return f"the {name(organisation)}" if organisation in WITH_ARTICLE else name(organisation)
