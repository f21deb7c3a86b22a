"""Scripts compute in the sandbox what they compute in Node."""

from pathlib import Path

from tests.differential.cases import Case, cases
from tests.differential.engines import Answers, in_node, in_sandbox

ZONES = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"}


def differing(ours: Answers, theirs: Answers) -> list[str]:
    """What the two do not agree on."""
    return [
        f"{name}: ours {ours.get(name)}, Node's {theirs.get(name)}"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]


def test_there_are_enough_cases() -> None:
    """300 or more, no two alike, in all zones that matter."""
    found = cases()
    assert len({case.code for case in found}) == len(found) >= 300
    assert {zone for case in found for zone in case.zones} >= ZONES


async def test_cases_give_the_same_in_both(tmp_path: Path) -> None:
    """Every case, in each of its zones and locales, with the same state."""
    found = cases()
    theirs = in_node(found)
    assert len(theirs) == sum(len(case.zones) * len(case.locales) for case in found)
    assert differing(await in_sandbox(found, tmp_path), theirs) == []


#: Code, and other code with another result.
UNLIKE = [
    ("new Date(2030, 6, 15)", "new Date(Date.UTC(2030, 6, 15))"),
    ("NaN", "null"),
    ("undefined", "null"),
    ("({ a: undefined })", "({})"),
    ("'1'", "1"),
    ("(1234.5).toLocaleString()", "(1234.5).toLocaleString('en-US')"),
    ("getUsers.data.length", "getUsers.data.length + 1"),
    ("(() => { throw new TypeError('a') })()", "(() => { throw new TypeError('b') })()"),
    ("(() => { throw new TypeError('c') })()", "undefined"),
]


async def test_a_difference_is_noticed(tmp_path: Path) -> None:
    """Positive control: what is not the same is reported, each time."""
    ours = [single(number, code) for number, (code, _) in enumerate(UNLIKE)]
    theirs = [single(number, code) for number, (_, code) in enumerate(UNLIKE)]
    answers = await in_sandbox(ours, tmp_path)
    assert differing(answers, in_node(ours)) == []
    assert len(differing(answers, in_node(theirs))) == len(UNLIKE)


#: Code, what the sandbox gives, and what Node gives, if that is one thing.
KNOWN = [
    # The engine's own: it copies no letters, and its cube root is one of floating point.
    ("({ ...'ab' })", {}, {"0": "a", "1": "b"}),
    ("Math.cbrt(27)", 3.0000000000000004, 3),
    # The language leaves these texts open.
    ("(() => { try { null.x } catch (e) { return e.message } })()", "cannot read property 'x' of null", None),
    ("new Date(0).toString()", "Thu Jan 01 1970 01:00:00 GMT+0100", None),
    # ECMA-402 has had these since: zones named as they were asked for, offsets as zones.
    (
        "new Intl.DateTimeFormat('en', { timeZone: 'Asia/Kolkata' }).resolvedOptions().timeZone",
        "Asia/Kolkata",
        "Asia/Calcutta",
    ),
    ("new Date(0).toLocaleTimeString('en-US', { timeZone: '+05:30' })", "5:30:00 AM", None),
]


async def test_known_differences_are_these(tmp_path: Path) -> None:
    """Where the two differ for a reason, that is all they differ in."""
    asked = [single(number, code) for number, (code, _, _) in enumerate(KNOWN)]
    found, others = await in_sandbox(asked, tmp_path), in_node(asked)
    for (name, answer), (_, ours, theirs) in zip(found.items(), KNOWN, strict=True):
        assert answer == {"value": ours}
        assert others[name] != answer
        assert theirs is None or others[name] == {"value": theirs}


def single(number: int, code: str) -> Case:
    """A case of its own."""
    return Case(f"one{number}", "cases/one.js:1", code, ("Europe/Berlin",), ("de-DE",))
