"""The cookie's value: unguessable, meaningless, one spelling (promises 2, 3, 4, 6, 8)."""

import ast
import base64
import hashlib
import inspect
import json
import string
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico import values
from portico.auth import ticket as module
from portico.auth.ticket import Ticket
from portico.values import new_id

_ALPHABET = string.ascii_letters + string.digits + "-_"


def _bits(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in base64.urlsafe_b64decode(text + "="))


def test_ids_are_random_in_every_bit() -> None:
    """100,000 ids: none twice, and each of the 256 bits is set in half of them, give or take 0.01.

    A fair coin strays that far in one of 10^7 runs; the promise's 0.005 is for a million."""
    ids = [new_id(module.SIZE) for _ in range(100_000)]
    assert len(set(ids)) == len(ids)
    counts = [0] * 256
    for text in ids:
        number = int.from_bytes(base64.urlsafe_b64decode(text + "="), "big")
        for bit in range(256):
            counts[bit] += number >> bit & 1
    assert all(abs(count / len(ids) - 0.5) < 0.01 for count in counts)


def test_tickets_are_made_of_such_ids() -> None:
    """Id and secret have 256 bits each and are independent."""
    ticket = Ticket.new()
    assert len(_bits(ticket.id.reveal())) == len(_bits(ticket.secret.reveal())) == 256
    assert ticket.id != ticket.secret
    assert Ticket.new() != ticket


_SOURCES_OF_CHANCE = {"random", "uuid", "numpy", "time", "datetime"}


def _chance(source: str) -> set[str]:
    """The modules that could feed an id from something that can be guessed."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found & _SOURCES_OF_CHANCE


def test_only_the_secrets_module_feeds_ids() -> None:
    """Neither module that makes ids could use anything weaker."""
    assert _chance(inspect.getsource(module)) == set()
    assert _chance(inspect.getsource(values)) == set()
    calls = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(ast.parse(inspect.getsource(values.new_id)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }
    assert calls == {"secrets.token_urlsafe"}


def test_control_a_weak_source_is_found() -> None:
    """The check above sees both ways to import one."""
    assert _chance("import random\nfrom uuid import uuid4") == {"random", "uuid"}


def test_every_id_of_auth_comes_from_new_id() -> None:
    """No module of auth could make ids of its own from anything weaker."""
    folder = Path(inspect.getfile(module)).parent
    assert set().union(*(_chance(path.read_text()) for path in folder.glob("*.py"))) == {"datetime"}


def test_cookie_is_short_and_says_nothing() -> None:
    """87 characters; no decoding of it gives text or structure (promises 2, 4)."""
    value = Ticket.new().cookie_value()
    assert len(value) == 87 < 128
    for part in value.split("."):
        data = base64.urlsafe_b64decode(part + "=")
        for decode in (json.loads, zlib.decompress, lambda data: data.decode("ascii")):
            with pytest.raises((ValueError, zlib.error)):
                decode(data)


def test_parse_reads_what_was_written() -> None:
    """And nothing is lost on the way."""
    ticket = Ticket.new()
    assert Ticket.parse(ticket.cookie_value()) == ticket


@given(st.one_of(st.text(), st.text(_ALPHABET + ".", min_size=80, max_size=90), st.binary().map(repr)))
def test_parse_refuses_everything_else(value: str) -> None:
    """Whatever a browser sends gives a ticket or None; a ticket only if we could have written it."""
    ticket = Ticket.parse(value)
    assert ticket is None or ticket.cookie_value() == value


@given(st.data())
def test_parse_refuses_each_mutation(data: st.DataObject) -> None:
    """A character changed, added or taken away is another ticket or none, never the same one."""
    ticket = Ticket.new()
    value = ticket.cookie_value()
    at = data.draw(st.integers(0, len(value)))
    put = data.draw(st.text(max_size=2))
    cut = data.draw(st.integers(0, 2))
    changed = value[:at] + put + value[at + cut :]
    if changed != value:
        assert Ticket.parse(changed) != ticket


@pytest.mark.parametrize(
    "damaged",
    ["{}\n", " {}", '"{}"', "{}=", "{}.", ".{}", "{}.{}", "{}" * 800, "", "\0{}", "é{}", "{}\u0663"],
    ids=ascii,
)
def test_parse_is_strict(damaged: str) -> None:
    """Spaces, quotes, padding, other digits, more parts: not ours."""
    value = Ticket.new().cookie_value()
    assert Ticket.parse(damaged.replace("{}", value)) is None


def test_parse_needs_both_parts_as_they_are() -> None:
    """A part that is missing, short, padded or encoded is none."""
    one, two = Ticket.new().cookie_value().split(".")
    for value in (
        one,
        f"{one}.",
        f".{two}",
        f"{one}{two}",
        f"{one[1:]}.{two}",
        f"{one}=.{two}",
        f"{one}%2e{two}",
    ):
        assert Ticket.parse(value) is None


def test_one_id_has_one_spelling() -> None:
    """The bits that base64 leaves over must be zero: no two values name the same session."""
    value = Ticket.new().cookie_value()
    last = value[-1]
    same = [other for other in _ALPHABET if Ticket.parse(value[:-1] + other)]
    assert last in same
    assert len(same) == 16
    assert len({_bits((value[:-1] + other).split(".")[1]) for other in same}) == 16


def test_store_is_given_the_hash_of_the_id() -> None:
    """One key for each kind of record, none of which tells the id."""
    ticket = Ticket.new()
    digest = hashlib.sha256(ticket.id.reveal().encode()).digest()
    assert ticket.key("session") == f"session:{base64.urlsafe_b64encode(digest).decode()[:43]}"
    assert ticket.key("store") != ticket.key("session")
    assert ticket.id.reveal() not in ticket.key("session")


def test_ticket_prints_nothing() -> None:
    """Neither part, by any way of printing."""
    ticket = Ticket.new()
    assert {repr(ticket), str(ticket), f"{ticket}"} == {"Ticket(…)"}
