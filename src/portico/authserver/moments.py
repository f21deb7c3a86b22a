"""Moments as they are stored (milliseconds since 1970) and as they are sent (ISO 8601, always with `Z`)."""

from datetime import UTC, datetime, timedelta
from math import ceil

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The moment `to_ms` was given, without what it rounded off."""
    return _EPOCH + milliseconds * _MILLISECOND


def to_seconds(moment: datetime) -> int:
    """Whole seconds since 1970, rounded down: the NumericDate of RFC 7519."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds to wait, at least one: the Retry-After of RFC 9110."""
    return max(ceil((moment - now).total_seconds()), 1)


def iso(moment: datetime) -> str:
    """As JavaScript's `toISOString` writes it: `2026-01-02T03:04:05.678Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rfc3339(moment: datetime) -> str:
    """As Go's `time.RFC3339Nano` writes it: a fraction only where there is one, without zeros at its end."""
    whole, _, fraction = moment.isoformat(timespec="microseconds").removesuffix("+00:00").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def whole_seconds(span: timedelta) -> int:
    """Seconds of a span, rounded up."""
    return ceil(span.total_seconds())
