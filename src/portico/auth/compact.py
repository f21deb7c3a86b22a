"""JSON in fewer bytes: tokens, keys and ids are base64url, which spends eight bits on each six.

Nothing is compressed, on purpose. How short a compressed text becomes depends on what in it is alike, so
that whoever could choose a part of a record (a name, an address) and see how long it is (the store, the
wire to it) could guess the token beside it, letter by letter. Here the length of each run of letters depends
on that run's length alone.
"""

import base64
import json
import re
from typing import Any

_RUN = re.compile(rb"(?:[A-Za-z0-9_-]{4}){4,65535}")
#: Stands before a run, with the number of its groups. JSON has no control characters.
_MARK = b"\x01"


def packed(content: Any) -> bytes:
    """What `unpacked` reads. Raises TypeError or ValueError for what is not JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return _RUN.sub(_shorter, text.encode(errors="surrogatepass"))


def unpacked(content: bytes) -> Any:
    """What was packed. Raises ValueError for anything else."""
    text: list[bytes] = []
    at = 0
    while (mark := content.find(_MARK, at)) >= 0:
        begin = mark + 3
        end = begin + 3 * int.from_bytes(content[mark + 1 : begin])
        text += [content[at:mark], base64.urlsafe_b64encode(content[begin:end])]
        at = end
    text.append(content[at:])
    return json.loads(b"".join(text).decode(errors="surrogatepass"))


def _shorter(run: re.Match[bytes]) -> bytes:
    return _MARK + (len(run[0]) // 4).to_bytes(2) + base64.urlsafe_b64decode(run[0])
