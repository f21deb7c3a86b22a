"""The culture of one visitor: in what language and in what time zone things are shown to them."""

from dataclasses import dataclass

from portico.culture import locales, zones


@dataclass(frozen=True, slots=True)
class Culture:
    """A locale of `locales` and a name of the time zone database."""

    locale: str = locales.DEFAULT
    zone: str = zones.UTC


def culture_of(accept_language: str, zone: str | None, *, fallback: Culture) -> Culture:
    """What a visitor's browser says: its header and its cookie. What is missing, or not to be used,
    is taken from `fallback`; neither is believed beyond what there is (hard-cases 38)."""
    return Culture(
        locales.accepted(accept_language) or fallback.locale,
        zone if zone is not None and zones.exists(zone) else fallback.zone,
    )
