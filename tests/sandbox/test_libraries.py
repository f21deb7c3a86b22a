"""lodash, moment and Intl in scripts: where they are, what they may not do, what they are told."""

# ruff: noqa: E501  (a table reads best with one case a line)

from dataclasses import replace
from typing import Any, get_args

import pytest

from portico.culture import zones
from portico.model.program import Library, Needs, Program
from portico.sandbox.engine import FOREIGN, library, runtime
from portico.sandbox.learning import Learning
from portico.sandbox.limits import Limits
from portico.sandbox.pool import Pool
from tests.sandbox.attacks import ESCAPES, TRAPS
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import NOW, Session
from tests.sandbox.test_hostile_scripts import contained, hostile

ALL = Needs(libraries=get_args(Library), zones=True)


def with_all(program: Program) -> Program:
    return replace(program, needs=ALL)


def told(needs: Needs = ALL, **env: Any) -> list[dict[str, Any]]:
    """What a context hears first: an environment, and before it what that needs."""
    first = {"k": "env", **env}
    return [*Learning(needs).before([first]), first]


@pytest.mark.parametrize("name", ["_", "moment", "Intl", "crypto", "uuid", "jwt_decode", "TextEncoder"])
def test_libraries_are_only_where_they_are_needed(name: str) -> None:
    """A context whose program names none has none."""
    program = page(Widget("One", props={"p": f"{{{{ typeof {name} }}}}"}))
    assert Session(program).shown("One", "p") == "undefined"
    assert Session(with_all(program), *told()).shown("One", "p") in ("function", "object")


def test_needs_bring_no_library_besides() -> None:
    """One library does not bring the others."""
    program = page(Widget("One", props={"p": "{{ [typeof _, typeof moment, typeof Intl] }}"}))
    only = replace(program, needs=Needs(libraries=("lodash",)))
    assert Session(only).shown("One", "p") == ["function", "undefined", "undefined"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("\n\n _.map([1], () => { null.x })", 3),
        ("\n _.chain([1]).map((x) => x.y.z).value()", 2),
        ("\n\n\n moment.utc().add({}).x.y", 4),
        ("\n [1, 2].sort((a, b) => a.localeCompare(b))", 2),
        ("\n (1).toLocaleString('en', { style: 'currency' })", 2),
        ("\n\n new Intl.NumberFormat('en', { style: 'what' })", 3),
        ("\n _.get({}, 'a').b", 2),
        ("\n _.debounce(5)", 2),
        ("\n\n moment().tz(5)", 3),
        ("\n\n\n CryptoJS.AES.decrypt('x')", 4),
        ("\n\n jwtDecode('x')", 3),
        ("\n uuid.parse('x')", 2),
        ("\n\n crypto.getRandomValues([])", 3),
    ],
)
def test_errors_name_the_line_of_the_app(code: str, line: int) -> None:
    """However deep in a library it happened, the place is the app's own, to the line."""
    session = Session(with_all(page(Widget("Go", on={"onClick": code}))), *told())
    (error,) = session.event().errors
    place = session.program.locate(error.line or 0, error.column or 0)
    assert place is not None
    assert (place.file, place.line) == ("Go.onClick", line)


HARDENED = """(() => {
  const prototypes = [Error, TypeError, RangeError, SyntaxError, InternalError, AggregateError].map((E) => E.prototype);
  return {
    frozen: prototypes.every(Object.isFrozen),
    unprintable: prototypes.every((one) => Object.hasOwn(one, Symbol.toPrimitive) && one[Symbol.toPrimitive] === undefined),
    formatter: Object.getOwnPropertyDescriptor(Error, "prepareStackTrace").writable,
    globals: Object.getOwnPropertyNames(globalThis).sort(),
  };
})()"""


def test_libraries_take_nothing_back_of_the_hardening() -> None:
    """With all of them the errors are as frozen as without, and their own names alone are new."""
    program = page(Widget("One", props={"p": f"{{{{ {HARDENED} }}}}"}))
    plain = Session(program).shown("One", "p")
    full = Session(with_all(program), *told()).shown("One", "p")
    assert plain | {"globals": []} == full | {"globals": []}
    assert (full["frozen"], full["unprintable"], full["formatter"]) == (True, True, False)
    libraries = {"_", "moment", "Intl", "CryptoJS", "crypto", "uuid", "scrypt", "jwt_decode", "jwtDecode"}
    assert set(full["globals"]) - set(plain["globals"]) == {*libraries, "TextEncoder", "TextDecoder"}
    assert set(plain["globals"]) <= set(full["globals"])


def test_lines_of_libraries_are_counted_as_ours() -> None:
    """The program is evaluated below the last line of any library, also of one that is longer than what is
    ours."""
    assert runtime(zones=False, intl=False)[1] < runtime(zones=True, intl=True)[1]
    foreign: set[Library] = set(get_args(Library)) & set(FOREIGN)
    longest = max(foreign, key=lambda name: library(name).count("\n"))
    program = page(Widget("Go", on={"onClick": "\n\n [1].map(() => { null.x })"}))
    session = Session(replace(program, needs=Needs(libraries=(longest,))))
    (error,) = session.event().errors
    place = session.program.locate(error.line or 0, error.column or 0)
    assert place is not None
    assert (place.file, place.line) == ("Go.onClick", 3)


@pytest.mark.parametrize("attack", [*ESCAPES.values(), *TRAPS.values()], ids=[*ESCAPES, *TRAPS])
async def test_attacks_are_contained_with_libraries_too(attack: str) -> None:
    """Libraries are loaded after the runtime is hardened and do not take that back (P45, P47)."""
    await contained(with_all(hostile(attack)))


@pytest.mark.parametrize(
    "code",
    [
        "Error.prototype.toString = () => { for (;;); }; null.x",
        "_.toString = moment.fn.toString = () => { for (;;); }; throw _.noop",
        "throw moment()",
        "throw _([1])",
        "throw new Intl.NumberFormat()",
        "Date.prototype.getTime = () => { throw 1 }; console.log(moment().format())",
        "Map.prototype.get = () => { throw 1 }; console.log((1).toLocaleString())",
        "Array.prototype.map = () => { for (;;); }; console.log(new Date().toLocaleString())",
        "String.prototype.split = () => null; console.log(moment.tz('2030-01-01', 'Asia/Tokyo').format())",
        "Reflect.apply = Object.defineProperty = () => { throw 1 }; console.log(new Date(2030, 1).getDay())",
        "_.template('<% for (;;); %>')()",
        "console.log('x'.repeat(1e6).localeCompare('y'.repeat(1e6)))",
        "(1).toLocaleString('en', { minimumFractionDigits: 100, get maximumFractionDigits() { for (;;); } })",
        "console.log(_.constructor('return typeof process')())",
        "Uint8Array.prototype.toBase64 = () => { for (;;); }; crypto.subtle.digest('SHA-1', new Uint8Array(1))",
        "DOMException.prototype.toString = () => { for (;;); }; crypto.getRandomValues(5)",
        "Object.defineProperty(Object.prototype, 'then', { get() { throw 1 } }); crypto.subtle.digest('SHA-1', 5)",
    ],
)
async def test_broken_libraries_stay_inside(code: str) -> None:
    """What a script does to a library, or has it do, ends with its own context at most."""
    await contained(with_all(hostile(code)))


async def test_a_confined_worker_has_them_all() -> None:
    """Their texts were read before the worker gave up opening files."""
    program = with_all(
        page(Widget("One", props={"p": "{{ [_.VERSION, moment.version, moment.tz.version].length }}"}))
    )
    async with Pool() as pool:
        _, turn = await pool.open(
            "app", program, [{"k": "env", "zone": "Asia/Tokyo", "locale": "de-DE"}], NOW
        )
        assert turn.patch["One"]["p"] == 3


async def test_libraries_and_their_use_fit_the_limits_of_rules() -> None:
    """All of them load within the limits of any context."""
    program = with_all(
        page(Widget("One", props={"p": "{{ moment.tz('2030-01-01', 'Asia/Tokyo').format() }}"}))
    )
    async with Pool(limits=Limits()) as pool:
        _, turn = await pool.open("app", program, [], NOW)
        assert turn.patch["One"]["p"] == "2030-01-01T00:00:00+09:00"


def test_a_binding_follows_zone_and_locale() -> None:
    """Both are inputs: what was computed with them is computed again, and nothing else."""
    program = with_all(
        page(
            Widget("Hour", props={"p": "{{ new Date(0).getHours() }}"}),
            Widget("Day", props={"p": "{{ new Date(0).toLocaleDateString() }}"}),
            Widget("Sum", props={"p": "{{ (1234.5).toLocaleString() }}"}),
            Widget("Said", props={"p": "{{ (1234.5).toLocaleString('en-US') }}"}),
        )
    )
    session = Session(program, *told(zone="America/New_York", locale="en-US"))
    assert (session.shown("Hour", "p"), session.shown("Day", "p")) == (19, "12/31/1969")
    turn = session.turn(*told(zone="Europe/Berlin", locale="de-DE"))
    assert turn.patch == {"Hour": {"p": 1}, "Day": {"p": "1.1.1970"}, "Sum": {"p": "1.234,5"}}
    assert session.turn({"k": "env", "zone": "Europe/Berlin", "locale": "de-DE"}).patch == {}


def test_a_script_reads_the_zone_when_it_is_loaded() -> None:
    """The environment comes before the first line of a script runs."""
    program = page(
        Widget("One", props={"p": "{{ S.hour }}"}),
        scripts={"S": "export default { hour: new Date(0).getHours() }"},
    )
    session = Session(with_all(program), *told(zone="Asia/Tokyo"))
    assert session.shown("One", "p") == 9


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Asia/Tokyo", 9), ("UTC", 0), ("Nowhere/Land", 0)],
)
def test_a_zone_that_was_not_told_of_is_utc(zone: str, hour: int) -> None:
    """The host sends what exists; anything else cannot break a page."""
    program = page(Widget("One", props={"p": "{{ new Date(0).getHours() }}"}))
    learn = [{"k": "learn", "zones": zones.line("Asia/Tokyo")}]
    assert Session(with_all(program), *learn, {"k": "env", "zone": zone}).shown("One", "p") == hour


def test_a_context_is_told_once() -> None:
    """Zones and locales travel when they are first needed, not with every event."""
    learning = Learning(Needs(libraries=("zones", "intl"), locales=("fr",)))
    env = {"k": "env", "zone": "Europe/Berlin", "locale": "de-DE"}
    (first,) = learning.before([env])
    assert first["zones"] == zones.line("Europe/Berlin")
    assert first["locales"].keys() == {"en-US", "fr", "de-DE"}
    assert learning.before([env]) == []
    (second,) = learning.before([{**env, "locale": "de-AT"}])
    assert second.keys() == {"k", "locales"}
    assert second["locales"].keys() == {"de-AT"}
    (third,) = learning.before([{**env, "zone": "Asia/Tokyo"}])
    assert third == {"k": "learn", "zones": zones.line("Asia/Tokyo")}


def test_pages_are_told_no_more_than_they_need() -> None:
    """Without dates no zone travels, and without Intl no locale; for UTC nothing does."""
    tokyo = {"k": "env", "zone": "Asia/Tokyo", "locale": "de"}
    dated = Needs(libraries=("zones",))
    assert Learning(Needs()).before([tokyo]) == []
    assert Learning(dated).before([{**tokyo, "zone": "UTC"}]) == []
    (learn,) = Learning(dated).before([tokyo])
    assert learn.keys() == {"k", "zones"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("(1.5).toLocaleString('fr')", "1,5"),
        ("(1.5).toLocaleString('de')", "1.5"),
        ("Intl.NumberFormat.supportedLocalesOf(['fr-CA', 'de', 'en'])", ["fr-CA", "en"]),
        ("new Intl.NumberFormat('de').resolvedOptions().locale", "en-GB"),
    ],
)
def test_a_locale_that_is_not_at_hand_gives_the_visitors(code: str, expected: object) -> None:
    """As ECMA-402 has it for locales that an implementation does not know; `supportedLocalesOf` tells."""
    program = replace(
        page(Widget("One", props={"p": f"{{{{ {code} }}}}"})),
        needs=Needs(libraries=("zones", "intl"), locales=("fr",)),
    )
    session = Session(program, *told(program.needs, locale="en-GB", zone="UTC"))
    assert session.shown("One", "p") == expected


def test_unit_style_says_what_to_do() -> None:
    """What is not provided fails in words, and does not look like a number."""
    program = with_all(
        page(Widget("Go", on={"onClick": "(1).toLocaleString('en', { style: 'unit', unit: 'meter' })"}))
    )
    (error,) = Session(program, *told()).event().errors
    assert error.message == "style: 'unit' is not provided; write the unit as text beside the number"
