"""Faults as they are written, in one spelling everywhere."""

import threading
from datetime import timedelta

import pytest

from portico.authserver.endpoints import Pattern, Role
from portico.authserver.fault_kinds import Delay, Drop, RevokedSession, Skew, Status, When
from portico.authserver.fault_words import SPELLINGS, FaultInvalid, kind_of
from portico.authserver.faults import Call, Fault, Faults


def test_text_and_mapping_say_the_same() -> None:
    """All parts, in either spelling."""
    text = Fault.parse("refresh: status 429 retry-after 30s x2 for anna")
    assert text == Fault(
        kind=Status(code=429, retry_after=timedelta(seconds=30)), endpoint=Role.REFRESH, times=2, user="anna"
    )
    apart = {"what": "status 429 retry-after 30s", "endpoint": "refresh", "times": 2, "user": "anna"}
    assert Fault.parse(apart) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop", Fault(kind=Drop())),
        ("me: drop midway x1", Fault(kind=Drop(when=When.MIDWAY), endpoint=Role.ME, times=1)),
        ("delay 1m30s for a@example.com", Fault(kind=Delay(by=timedelta(seconds=90)), user="a@example.com")),
        ("skew -5m", Fault(kind=Skew(by=timedelta(minutes=-5)))),
        ("GET /api/users/*: drop", Fault(kind=Drop(), endpoint=Pattern(method="GET", path="/api/users/*"))),
        ("revoked session for anna", Fault(kind=RevokedSession(), user="anna")),
    ],
)
def test_text_is_read(text: str, fault: Fault) -> None:
    """Parameters, patterns, and the parts at the end in either order."""
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("words", SPELLINGS)
def test_every_kind_is_written_as_it_is_read(words: str) -> None:
    """Each spelling that help and messages name is one, and comes back from the fault it makes."""
    words = words.replace("[FIELD…]", "expires_in").replace("FIELD…", "user token").replace("NAME", "editor")
    kind = kind_of(words)
    assert kind.words == words
    fault = Fault(kind=kind, user="anna")
    assert Fault.parse(fault.text) == fault


@pytest.mark.parametrize(
    ("spelled", "said"),
    [
        ("", "There is no fault ''"),
        ("explode", "There is no fault 'explode': there are delay 3s"),
        ("log_in: drop", "Not an endpoint: 'log_in'. Written sign_in, refresh"),
        ("FETCH /x: drop", "Not an endpoint"),
        ("status 200", "from 400 to 599"),
        ("status 429 30s", "retry-after 30s"),
        ("delay soon", "A duration is written 61m"),
        ("delay 1h", "at most 10m"),
        ("drop later", "not drop later"),
        ("huge 5TB", "at most 1000MB"),
        ("wrong answers", "wrong types"),
        ("missing x2", "Which field"),
        ("me: revoked session", "at once"),
        ("revoked session x2", "at once"),
        ({"what": "drop", "count": 2}, "no count"),
        ({"endpoint": "me"}, "What goes wrong?"),
        ({"what": "drop", "times": 0}, "at least 1, not 0"),
        ({"what": "drop", "times": True}, "at least 1, not True"),
        ({"what": "drop", "user": 7}, "are text"),
        ({"what": "drop", "user": "two words"}, "Not a user name"),
    ],
)
def test_what_is_none_says_what_there_is(spelled: str | dict[str, object], said: str) -> None:
    """A message for whoever typed it."""
    with pytest.raises(FaultInvalid) as caught:
        Fault.parse(spelled)
    assert said in caught.value.message


REFRESH = Call(
    method="POST", path="/auth/v1/token", roles=(Role.REFRESH,), users=frozenset({"anna"}), token="t1"
)
ME = Call(method="GET", path="/auth/v1/user", roles=(Role.ME,), users=frozenset({"Anna", "a@example.com"}))


def test_a_fault_is_used_up() -> None:
    """For the next two calls of its endpoint and user, and for no other call."""
    faults = Faults([Fault.parse("refresh: status 503 x2 for anna")])
    other = Call(method="POST", path="/auth/v1/token", roles=(Role.REFRESH,), users=frozenset({"ben"}))
    befallen = [bool(faults.take(call)) for call in (ME, other, REFRESH, REFRESH, REFRESH)]
    assert befallen == [False, False, True, True, False]
    assert faults.standing == ()


def test_a_fault_without_times_stands_until_it_is_cleared() -> None:
    """One of two is cleared, then all."""
    drop, delay = Fault.parse("drop"), Fault.parse("GET /auth/**: delay 1s for A@example.com")
    faults = Faults([drop, delay])
    assert faults.take(ME) == (drop, delay)
    assert faults.clear(drop) == 1
    assert (faults.take(ME), faults.take(REFRESH)) == ((delay,), ())
    assert faults.clear() == 1
    assert faults.take(ME) == ()


@pytest.mark.parametrize("words", ["expired at once x1", "strict refresh x1"])
def test_a_fault_is_not_used_up_where_it_means_nothing(words: str) -> None:
    """A call of `me` hands out no token."""
    faults = Faults([Fault.parse(words)])
    assert faults.take(ME) == ()
    assert faults.take(REFRESH) == (Fault.parse(words),)


def test_revocations_are_told_once() -> None:
    """They befall no call: they come before it."""
    faults = Faults([Fault.parse("revoked session"), Fault.parse("revoked session for anna")])
    assert faults.take(REFRESH) == ()
    assert faults.take_revocations() == ("", "anna")
    assert (faults.take_revocations(), faults.standing) == ((), ())


def test_calls_are_counted_by_endpoint_and_token() -> None:
    """And how many of them something befell."""
    faults = Faults([Fault.parse("refresh: drop x1")])
    for call in (REFRESH, REFRESH, ME):
        faults.take(call)
    counted = [
        (count.endpoint, count.user, count.token, count.calls, count.faulty) for count in faults.counters
    ]
    assert counted == [("refresh", "anna", "t1", 2, 1), ("me", "Anna", "", 1, 0)]
    assert (faults.calls("refresh"), faults.calls("me", user="ben")) == (2, 0)
    faults.reset_counters()
    assert faults.counters == ()


def test_threads_share_what_is_left() -> None:
    """Of 50 calls at once, a fault for 20 befalls 20."""
    faults, befallen = Faults([Fault.parse("drop x20")]), []

    def call() -> None:
        befallen.append(bool(faults.take(REFRESH)))

    threads = [threading.Thread(target=call) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(befallen), faults.calls("refresh")) == (20, 50)
