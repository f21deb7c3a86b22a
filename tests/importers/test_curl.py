"""What a curl command sends, option by option, and what of it no query can do."""

import re
import subprocess

import pytest

from portico.importers.curl import Request, parse
from portico.importers.curl_options import HARMLESS, REQUEST, SHORT, VALUED
from portico.importers.shell import split
from portico.importers.words import CommandUnreadable

URL = "https://api.example.com/x"


def request(command: str) -> Request:
    """The request of a command."""
    return parse(split(command).words)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "begins with `curl`"),
        ("wget https://a.example", "begins with `curl`"),
        ("curl", "no address"),
        ("curl -X", "lacks its value"),
        ("curl https://a.example https://b.example", "2 addresses"),
        ("curl https://a.example --next https://b.example", "one at a time"),
        ("curl https://a.example -: https://b.example", "one at a time"),
        ("curl -K options.txt", "from a file"),
        ("curl https://a.example -T file", "--data-binary"),
        ("curl https://a.example -d @body.json", "what a file holds"),
        ("curl https://a.example --data-binary @-", "what a file holds"),
        ("curl https://a.example --json @body.json", "what a file holds"),
        ("curl https://a.example --data-urlencode name@file", "what a file holds"),
        ("curl https://a.example --data-urlencode @file", "what a file holds"),
        ("curl https://a.example -F photo=@me.png", "this.params.file"),
        ("curl https://a.example -F 'note=<note.txt'", "this.params.file"),
        ("curl https://a.example -F photo", "name=content"),
        ("curl https://a.example -F 'a=\"b'", "do not close"),
        ("curl https://a.example -H @headers.txt", "from a file"),
        ("curl https://a.example -b cookies.txt", "a file of cookies"),
        ("curl https://a.example -u a:b --digest", "Digest"),
        ("curl https://a.example --ntlm -u a:b", "NTLM"),
        ("curl https://a.example --aws-sigv4 aws:amz:eu:s3", "AWS"),
        ("curl https://a.example -d a=1 -F b=2", "exclude"),
        ("curl https://a.example --json {} -d a=1", "exclude"),
        ("curl -X GET https://a.example -d a=1", "with POST"),
        ("curl -I https://a.example -d a=1", "with HEAD"),
        ("curl -X PURGE https://a.example", "this method"),
        ("curl https://a.example --proxy=http://ann:hunter2@p", "--proxy: curl takes"),
        ("curl -m soon https://a.example", "number of seconds"),
        ("curl ftp://a.example/file", "http or https"),
        ("curl 'https://{a,b}.example/'", "placeholder"),
        ("curl 'https://a.example/{1,2}'", "several addresses"),
        ("curl 'https://a.example/[1-9].png'", "several addresses"),
        ("curl 'https://<project>.a.example/'", "placeholder"),
        ('curl "$HOST/x"', "$HOST"),
        ('curl "https://$HOST/x"', "$HOST"),
        ("curl 'https://a.example/a b'", "space"),
        ("curl 'https://a.example:port/'", "cannot be read"),
        ("curl https:///x", "no host"),
        ("curl 'https://a.example/a\\b'", "backslash"),
        ("curl https://a.example -H 'X: ä'", "ASCII only"),
        ("curl https://a.example -H 'X Y: a'", "whose name is none"),
    ],
)
def test_what_cannot_be_imported_is_told(command: str, words: str) -> None:
    """In a sentence, with what to do; no value of the command stands in it."""
    with pytest.raises(CommandUnreadable) as refused:
        request(command)
    assert words in refused.value.message
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ("-k", "-k was left out: certificates"),
        ("--cacert ca.pem", "--cacert was left out"),
        ("-L", "redirects"),
        ("-x http://ann:hunter2@proxy:8080", "-x was left out: a query has nothing like it"),
        ("--proxy-user ann:hunter2", "--proxy-user was left out"),
        ("--cert client.pem:hunter2", "--cert was left out"),
        ("-n", "-n was left out"),
        ("--resolve a:443:1.2.3.4", "--resolve was left out"),
        ("--retry 5", "--retry was left out"),
        ("--connect-timeout 5", "--connect-timeout was left out"),
        ("-r 0-99", "-r was left out"),
        ("--invented", "--invented was left out"),
        ("--no-invented", "--no-invented was left out: it is not known here"),
        ("-H 'Accept:'", "Accept is empty"),
        ("-H nocolon", "without a colon"),
        ("-X delete", "in capitals: DELETE"),
    ],
)
def test_what_is_left_out_is_told(options: str, note: str) -> None:
    """By the option's name, and without its value."""
    found = request(f"curl {URL} {options}")
    assert len(found.notes) == 1
    assert note in found.notes[0]
    assert "hunter2" not in found.notes[0]
    assert found.address.origin == "https://api.example.com"


@pytest.mark.parametrize(
    "options",
    [
        "-sS", "-v", "-i", "-f", "-N", "-#", "--compressed", "-g", "--http1.1", "-4", "-o out.json", "-O",
        "-w '%{http_code}'", "-D -", "-c jar.txt", "--no-progress-meter", "--no-buffer", "--tlsv1.2", "-J",
        "--basic", "--no-keepalive", "--trace-ascii -",
    ],
)  # fmt: skip
def test_what_changes_nothing_is_not_told(options: str) -> None:
    """What is printed and kept, and how bytes travel."""
    found = request(f"curl {options} {URL}")
    assert (found.notes, found.method, found.headers) == ((), "GET", ())


def test_every_option_of_curl_is_known() -> None:
    """An option that takes a value and is not known would make an address of its value."""
    text = subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=True).stdout
    valued = set(re.findall(r"^ *(?:-., )?--([a-z0-9.-]+) .*?<", text, re.MULTILINE)) - {"help"}
    assert "data-raw" in valued
    assert len(valued) > 100
    assert valued <= VALUED
    short = dict(re.findall(r"^ *-(.), --([a-z0-9.-]+)", text, re.MULTILINE))
    assert short.items() <= SHORT.items()
    assert not HARMLESS & REQUEST


def test_values_may_stand_with_their_letter() -> None:
    """And letters with each other."""
    found = request(f"curl -sXPUT -HX-A:1 -da=1 -db=2 -uann:pw -m2.5 -A me {URL}")
    assert (found.method, found.data, found.user, found.seconds) == ("PUT", "a=1&b=2", "ann:pw", 2.5)
    assert found.headers == (
        ("X-A", "1"),
        ("User-Agent", "me"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )


def test_options_end_at_two_dashes() -> None:
    """What stands behind is an address."""
    assert request("curl -s -- https://a.example").address.host == "a.example"
    with pytest.raises(CommandUnreadable, match="2 addresses"):
        request("curl -- https://a.example -s")


@pytest.mark.parametrize(
    ("address", "origin", "path", "query"),
    [
        ("https://a.example", "https://a.example", "/", ""),
        ("HTTPS://A.example:443/b?c#d", "https://a.example", "/b", "c"),
        ("a.example:80", "http://a.example", "/", ""),
        ("http://[::1]:8080/a", "http://[::1]:8080", "/a", ""),
        ("https://bücher.example/", "https://xn--bcher-kva.example", "/", ""),
        ("https://a.example/a/../b/./c/..", "https://a.example", "/b/", ""),
        ("https://a.example/%2e%2E/b", "https://a.example", "/b", ""),
        ("https://a.example/../../b", "https://a.example", "/b", ""),
        ("https://a.example?x=1", "https://a.example", "/", "x=1"),
    ],
)
def test_addresses(address: str, origin: str, path: str, query: str) -> None:
    """Schemes, ports, dot segments, names beyond ASCII."""
    found = request(f"curl '{address}'").address
    assert (found.origin, found.path, found.query) == (origin, path, query)


def test_parameters_of_options_join_those_of_the_address() -> None:
    """-G and --url-query, encoded and as they are."""
    found = request(
        "curl -G 'https://a.example/?a=1' -d b=2 --data-urlencode 'c=d e' --url-query 'f=g&h' "
        "--url-query '+i=%20'"
    )
    assert found.address.query == "a=1&f=g%26h&i=%20&b=2&c=d+e"
    assert (found.method, found.data, found.headers) == ("GET", None, ())


def test_nothing_of_a_request_shows() -> None:
    """A command is full of credentials."""
    found = request(
        f"curl {URL}?k=hunter2 -u ann:hunter2 -H 'X-Key: hunter2' -d password=hunter2 -b sid=hunter2"
    )
    assert "hunter2" not in repr(found)
