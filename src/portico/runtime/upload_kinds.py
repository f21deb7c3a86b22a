"""What an uploaded file is called and what it is, by its content: browsers and users say anything."""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

#: Bytes from the beginning of a file that tell what it is.
HEAD = 4096
#: Characters of a name.
NAME_LIMIT = 200

UNKNOWN = "application/octet-stream"

#: Beginnings of files: where, what, and the media type.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
#: What files in a container of this kind are, by the ends of their names.
_INSIDE: Mapping[str, Mapping[str, str]] = {
    "application/zip": {
        ".docx": f"{_OFFICE}wordprocessingml.document",
        ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
        ".pptx": f"{_OFFICE}presentationml.presentation",
        ".odt": f"{_OPEN}text",
        ".ods": f"{_OPEN}spreadsheet",
        ".odp": f"{_OPEN}presentation",
        ".epub": "application/epub+zip",
    },
    "application/x-ole-storage": {
        ".doc": "application/msword",
        ".xls": "application/vnd.ms-excel",
        ".ppt": "application/vnd.ms-powerpoint",
        ".msg": "application/vnd.ms-outlook",
    },
    "audio/ogg": {".ogv": "video/ogg"},
    "video/webm": {".mkv": "video/x-matroska"},
}
#: Text, by the end of its name.
_TEXTS: Mapping[str, str] = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
    ".rtf": "application/rtf",
}
#: Names that Windows takes for devices.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.ASCII | re.IGNORECASE | re.DOTALL)


def kind_of(name: str, head: bytes) -> str:
    """The media type of a file that is called `name` and begins with `head`."""
    ending = PurePosixPath(name.lower()).suffix
    for offset, magic, kind in _MAGIC:
        if head.startswith(magic, offset):
            return _INSIDE.get(kind, {}).get(ending, kind)
    if _is_text(head):
        return _TEXTS.get(ending, "text/plain")
    return UNKNOWN


def _is_text(head: bytes) -> bool:
    """Whether a file that begins like this is text. The last character may be cut off."""
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) == HEAD and error.start >= HEAD - 3
    return True


def safe_name(name: str) -> str:
    """The last part of a name, without what is no character for people; never empty, `.` or `..`."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in ':*?"<>|')
    shown = unicodedata.normalize("NFC", shown).strip().rstrip(". ")
    if len(shown) > NAME_LIMIT:
        ending = PurePosixPath(shown).suffix[-20:]
        shown = shown[: NAME_LIMIT - len(ending)] + ending
    if _DEVICES.fullmatch(shown):
        shown = f"_{shown}"
    return shown or "file"
