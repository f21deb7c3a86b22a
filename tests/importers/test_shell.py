"""Commands fall into the words that a shell would make of them."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portico.importers.shell import split
from portico.importers.words import CommandUnreadable


def bash(text: str, folder: Path) -> list[str] | None:
    """The words of a command behind `curl`, as bash gives them to it; None if bash refuses."""
    # No names of files for `*`: what stays is the star, as where there are none.
    script = f"set -f; curl() {{ for word; do printf '%s\\0' \"$word\"; done; }}\n{text}"
    environment = {"LANG": "C.UTF-8", "HOME": "/nowhere"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        cwd=folder,
        env=environment,
        check=False,
        timeout=20,
    )
    if done.returncode or done.stderr:
        return None
    return [word.decode() for word in done.stdout.split(b"\0")[:-1]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curl a", ["curl", "a"]),
        ("  $ curl a  ", ["curl", "a"]),
        ("curl \\\n  a \\\r\n  b", ["curl", "a", "b"]),
        ("curl a'b c'd\"e f\"g\\ h", ["curl", "ab cde fg h"]),
        ("curl '' \"\" ''\"\"", ["curl", "", "", ""]),
        ("curl 'it'\\''s'", ["curl", "it's"]),
        ('curl "a\\"b\\\\c\\$d\\`e\\n\\\nf"', ["curl", 'a"b\\c$d`e\\nf']),
        ("curl $'a\\n\\t\\'\\\\\\u0021\\x41\\101\\xc3\\xa4\\q'", ["curl", "a\n\t'\\!AAä\\q"]),
        ("curl $'\\U0001F600' $\"a\" a$ $ '$a'", ["curl", "😀", "a", "a$", "$", "$a"]),
        ('curl "5$" "$%" "a$"', ["curl", "5$", "$%", "a$"]),
        ('curl $A-${B}_ "$A b"', ["curl", "\ue000A\ue001-\ue000B\ue001_", "\ue000A\ue001 b"]),
        ("curl a#b # comment", ["curl", "a#b"]),
        ("curl {} {a} a~b 'a,b' a,b a.b", ["curl", "{}", "{a}", "a~b", "a,b", "a,b", "a.b"]),
        ("curl a;", ["curl", "a"]),
        ("curl a\n# end\n", ["curl", "a"]),
        ("curl 'line one\nline two'", ["curl", "line one\nline two"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    """Quotes, escapes, variables, comments, continued lines."""
    assert split(text).words == tuple(words)


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("curl a | jq .", ("what follows `|`: an app uses the answer in bindings",)),
        ("curl a > file", ("the redirection `>`",)),
        ("curl a 2>/dev/null b", ("the redirection `>`",)),
        ("curl a 2>&1 >>file | less", ("the redirection `>`", "the redirection `>`", "what follows `|`")),
    ],
)
def test_what_becomes_of_the_answer_is_left_out_and_told(text: str, dropped: tuple[str, ...]) -> None:
    """The command itself stays whole."""
    line = split(text)
    assert [word for word in line.words if word not in ("curl", "b")] == ["a"]
    assert len(line.dropped) == len(dropped)
    assert all(found.startswith(said) for found, said in zip(line.dropped, dropped, strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curl 'a", "not closed"),
        ('curl "a', "not closed"),
        ("curl $'a", "not closed"),
        ("curl a && curl b", "quotes"),
        ("curl https://x/?a=1&b=2", "quotes"),
        ("curl a || b", "One"),
        ("curl a; b", "one at a time"),
        ("curl a\ncurl b", "another begins"),
        ("curl a \\", "all of it"),
        ("curl a \\ \n -H b", "backslash"),
        ("curl $(cat key)", "worked out"),
        ('curl "$(cat key)"', "worked out"),
        ("curl `cat key`", "PowerShell"),
        ('curl "`cat key`"', "PowerShell"),
        ("curl ${A:-x}", "worked out"),
        ("curl $1 $?", "worked out"),
        ("curl $$", "worked out"),
        ("curl (a)", "worked out"),
        ("curl ~/a", "worked out"),
        ("curl A=~/a", "worked out"),
        ('curl "$[1+1]"', "worked out"),
        ("curl -d @- < file", "`<`"),
        ("curl -d {a,b}", "single quotes"),
        ("curl https://x/{1..3}", "single quotes"),
        ("curl $'\\xff'", "UTF-8"),
        ("curl $'\\uD800'", "no character"),
        ("curl $'\\cA'", "worked out"),
        ("curl \ue000", "private use"),
        ("curl \udcff", "UTF-8"),
        ("curl ^\n a\n b", "caret"),
        ("curl ^\n a & b", "worked out"),
        ('curl ^\n "a', "not closed"),
    ],
)
def test_what_only_a_shell_can_do_is_refused(text: str, words: str) -> None:
    """In a sentence that says what to do; the command is not quoted in it."""
    with pytest.raises(CommandUnreadable) as refused:
        split(text)
    assert words.lower() in refused.value.message.lower()
    assert "cat key" not in refused.value.message


TEXT = st.text(st.sampled_from("ab'\"\\$ \n\t#{}~!*?[]=,.|;&<>()`^%-é😀nux0A1"), max_size=14)


@settings(max_examples=250, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=3))
def test_bash_makes_the_same_words(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    """For any text that is taken at all: no other words than bash itself would hand to curl."""
    text = "curl " + " ".join(parts)
    try:
        line = split(text)
    except CommandUnreadable:
        return
    assume(not line.dropped and "\ue000" not in "".join(line.words) and "\n" not in text.strip("\n "))
    assume("^" not in text)
    assert list(line.words[1:]) == bash(text, tmp_path_factory.getbasetemp())


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0\r"), max_size=30))
def test_what_browsers_quote_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Both ways in which they write any text for bash."""
    for quoted in (chrome_bash(text), "'" + text.replace("'", "'\\''") + "'"):
        command = f"curl {quoted}"
        assert split(command).words == ("curl", text)
        assert bash(command, tmp_path_factory.getbasetemp()) == [text]


@given(st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0\r\\"), max_size=30))
def test_what_browsers_quote_for_windows_comes_back(text: str) -> None:
    """Carets, quotes and line breaks; backslashes are in the next test."""
    assert split(f"curl {chrome_cmd(text)} ^\r\n  -s").words == ("curl", text, "-s")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # The examples of the C runtime's manual.
        ('"a b c" d e', ["a b c", "d", "e"]),
        ('"ab\\"c" "\\\\" d', ['ab"c', "\\", "d"]),
        ('a\\\\\\b d"e f"g h', ["a\\\\\\b", "de fg", "h"]),
        ('a\\\\\\"b c d', ['a\\"b', "c", "d"]),
        ('a\\\\\\\\"b c" d e', ["a\\\\b c", "d", "e"]),
        ('a"b"" c d"', ['ab" c d']),
        ('""', [""]),
        ("^^ ^& a^b", ["^", "&", "ab"]),
        ('"^" a', ["^", "a"]),
    ],
)
def test_words_of_the_windows_shell(text: str, words: list[str]) -> None:
    """Carets first, then the rules of the program that is started."""
    assert split(f"curl ^\n {text}").words == ("curl", *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curl 'https://a.example' -d '2^\n3'", ["curl", "https://a.example", "-d", "2^\n3"]),
        ("curl \\\n \"https://a.example\" -d '2^\n3'", ["curl", "https://a.example", "-d", "2^\n3"]),
        ('curl "https://a.example" -d "2^3"', ["curl", "https://a.example", "-d", "2^3"]),
    ],
)
def test_a_caret_alone_is_not_windows(text: str, words: list[str]) -> None:
    """It may end a line of some text."""
    assert split(text).words == tuple(words)


def test_a_pipe_of_the_windows_shell_is_left_out() -> None:
    """And told."""
    line = split('curl ^"a^" ^\r\n | findstr x')
    assert (line.words, len(line.dropped)) == (("curl", "a"), 1)


def chrome_bash(text: str) -> str:
    """How Chrome writes a text for bash."""
    if not re.search(r"[\0-\x1f\x7f-\x9f!]|'", text):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return "$'" + re.sub(r"[\0-\x1f\x7f-\x9f!]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + "'"


def chrome_cmd(text: str) -> str:
    """How Chrome writes a text for cmd.exe."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    text = re.sub(r"[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]", lambda found: f"^{found[0]}", text)
    text = re.sub(r"%(?=[a-zA-Z0-9_])", "%^", text)
    return '^"' + text.replace("\n", "^\n\n") + '^"'
