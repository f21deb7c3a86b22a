"""The options of curl: which take a value, which say something about the request, which do not.

The lists follow curl's manual. An option that stands in none of them is unknown, and the caller is
told its name: nothing is left out in silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portico.importers.words import CommandUnreadable

#: Long names of one-letter options.
SHORT: Mapping[str, str] = {
    "0": "http1.0", "1": "tlsv1", "2": "sslv2", "3": "sslv3", "4": "ipv4", "6": "ipv6", ":": "next",
    "#": "progress-bar", "a": "append", "A": "user-agent", "b": "cookie", "B": "use-ascii",
    "c": "cookie-jar", "C": "continue-at", "d": "data", "D": "dump-header", "e": "referer", "E": "cert",
    "f": "fail", "F": "form", "g": "globoff", "G": "get", "h": "help", "H": "header", "i": "include",
    "I": "head", "j": "junk-session-cookies", "J": "remote-header-name", "k": "insecure", "K": "config",
    "l": "list-only", "L": "location", "m": "max-time", "M": "manual", "n": "netrc", "N": "no-buffer",
    "o": "output", "O": "remote-name", "p": "proxytunnel", "P": "ftp-port", "q": "disable", "Q": "quote",
    "r": "range", "R": "remote-time", "s": "silent", "S": "show-error", "t": "telnet-option",
    "T": "upload-file", "u": "user", "U": "proxy-user", "v": "verbose", "V": "version", "w": "write-out",
    "x": "proxy", "X": "request", "y": "speed-time", "Y": "speed-limit", "z": "time-cond", "Z": "parallel",
}  # fmt: skip

_REQUEST = """
request header data data-ascii data-raw data-binary data-urlencode json form form-string user
oauth2-bearer user-agent cookie referer url url-query max-time cacert
"""
_REQUEST_FLAGS = """
get head globoff path-as-is basic compressed insecure location location-trusted
"""
_HARMLESS = """
output output-dir write-out dump-header cookie-jar stderr trace trace-ascii trace-config
keepalive-time create-file-mode libcurl
"""
_HARMLESS_FLAGS = """
silent show-error verbose include fail fail-with-body fail-early buffer progress-bar progress-meter
remote-name remote-name-all remote-header-name remote-time http0.9 http1.0 http1.1 http2
http2-prior-knowledge http3 http3-only ipv4 ipv6 tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 styled-output
trace-time tcp-nodelay tcp-fastopen keepalive parallel parallel-immediate create-dirs xattr disable
junk-session-cookies suppress-connect-headers clobber alpn npn sessionid disallow-username-in-url
remove-on-error ssl ssl-reqd
"""
_OTHERS = """
abstract-unix-socket alt-svc aws-sigv4 capath cert cert-type ciphers config connect-timeout connect-to
continue-at crlfile curves delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url
ech egd-file engine etag-compare etag-save expect100-timeout ftp-account ftp-alternative-to-user
ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip hostpubmd5
hostpubsha256 hsts interface ip-tos ipfs-gateway keepalive-cnt key key-type krb limit-rate local-port
login-options mail-auth mail-from mail-rcpt max-filesize max-redirs netrc-file noproxy parallel-max
pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert
proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass
proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword
proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate request-target resolve retry
retry-delay retry-max-time sasl-authzid service-name socks4 socks4a socks5 socks5-gssapi-service
socks5-hostname speed-limit speed-time telnet-option tftp-blksize time-cond tls-max tls13-ciphers
tlsauthtype tlspassword tlsuser unix-socket upload-file variable vlan-priority
"""

#: What makes the request: `importers/curl.py` reads these.
REQUEST = frozenset(_REQUEST.split()) | frozenset(_REQUEST_FLAGS.split())
#: What is printed or kept, and how bytes travel: the request is the same without it.
HARMLESS = frozenset(_HARMLESS.split()) | frozenset(_HARMLESS_FLAGS.split())
#: What takes a value: the next word is no address then.
VALUED = frozenset(_REQUEST.split()) | frozenset(_HARMLESS.split()) | frozenset(_OTHERS.split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """An option by its long name, as it was written, and its value; `name` is empty for an address
    that stands by itself."""

    name: str
    written: str
    value: str = field(default="", repr=False)
    negated: bool = False


def read(words: Sequence[str]) -> Iterator[Option]:
    """The options and addresses among the words behind `curl`, in order.

    Raises CommandUnreadable for an option without its value.
    """
    rest = iter(words)
    for word in rest:
        if word == "--" or not word.startswith("-") or word == "-":
            yield from (
                Option(name="", written="", value=other) for other in (rest if word == "--" else [word])
            )
        elif word.startswith("--"):
            yield _long(word, rest)
        else:
            yield from _short(word, rest)


def _long(word: str, rest: Iterator[str]) -> Option:
    if "=" in word:
        raise CommandUnreadable(
            message=f"{word.partition('=')[0]}: curl takes a value behind a space, not behind `=`."
        )
    negated = word.startswith("--no-")
    name = word.removeprefix("--no-" if negated else "--")
    if name in VALUED and not negated:
        return Option(name=name, written=word, value=_value(word, rest))
    return Option(name=name, written=word, negated=negated)


def _short(word: str, rest: Iterator[str]) -> Iterator[Option]:
    """Letters may stand together, the value of the last with them: `-sXPOST`."""
    for at, letter in enumerate(word[1:], 1):
        name = SHORT.get(letter, "")
        if name in VALUED:
            value = word[at + 1 :] or _value(f"-{letter}", rest)
            yield Option(name=name, written=f"-{letter}", value=value)
            return
        # `-N` is --no-buffer.
        yield Option(
            name=name.removeprefix("no-") or letter, written=f"-{letter}", negated=name.startswith("no-")
        )


def _value(option: str, rest: Iterator[str]) -> str:
    found = next(rest, None)
    if found is None:
        raise CommandUnreadable(message=f"{option} lacks its value. Was the whole command copied?")
    return found
