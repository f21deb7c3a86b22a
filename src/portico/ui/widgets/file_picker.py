"""FilePicker: files of the user, which scripts read and queries send."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)

#: The part of the client that sends files.
UPLOADS = "uploads"
DATA_TYPES = ("Base64", "Binary", "Text", "Array")
MISSING = "Please choose a file."
#: The most megabytes of a file, and files, that a picker takes, whatever its author says.
MOST_MEGABYTES, MOST_FILES = 20, 50
NOTHING: Mapping[str, Any] = {"files": [], "refused": []}

#: Each file as code has it. What is in it comes from the server, by its id: a file that is not there any more
#: is left out.
FILES = """(Array.isArray(self.selection?.files) ? self.selection.files : []).map((file) => ({
  ...file, data: kit.content(file.id), dataFormat: self.fileDataType,
  meta: { name: file.name, type: file.type },
})).filter((file) => file.data !== undefined)"""
#: What is wrong: with what was chosen last, with files that are gone, or that there is none.
MESSAGE = f"""(() => {{
  const chosen = Array.isArray(self.selection?.files) ? self.selection.files : [];
  const refused = Array.isArray(self.selection?.refused) ? self.selection.refused : [];
  const gone = chosen.filter((file) => !self.present.includes(file.id));
  const lost = gone.map((file) => file.name + " is no longer here. Please choose it again.");
  return [...refused, ...lost].join("\\n") || (self.isValid ? "" : "{MISSING}");
}})()"""

#: Kinds of files that their content tells, by the ends of their names: one that says it is a picture and is
#: none is refused.
_TELLING: Mapping[str, tuple[str, ...]] = {
    ".png": ("image/png",),
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".gif": ("image/gif",),
    ".webp": ("image/webp",),
    ".pdf": ("application/pdf",),
    ".zip": ("application/zip",),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
}


def reading(props: Mapping[str, Any]) -> str:
    """How its files are read."""
    kind = as_text(props.get("fileDataType"))
    return "Array as text" if kind == "Array" and not props.get("dynamicTyping") else kind


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> Mapping[str, Any]:
    """The selection with these files in it; what it does not take is refused, and says why. Raises ValueError
    for what is no list of files."""
    if not isinstance(posted, list) or not all(isinstance(file, dict) for file in posted):
        raise ValueError("no files")
    most = _most(props.get("maxNumFiles"), MOST_FILES)
    kept = [] if most == 1 and posted else list(_chosen(props))
    refused: list[str] = []
    for file in posted:
        why = _refusal(file, props)
        if why is None and len(kept) >= most:
            why = f"{file['name']} is one too many: at most {most}."
        if why is None:
            kept.append(file)
        else:
            refused.append(why)
    if most == 1 and not kept:
        kept = list(_chosen(props))[:1]
    return {"files": kept, "refused": refused}


def parse_drop(posted: object, props: Mapping[str, Any], detail: str = "") -> Mapping[str, Any]:
    """The selection without this file. Raises ValueError for one that is not in it."""
    kept = [file for file in _chosen(props) if file["id"] != posted]
    if len(kept) == len(list(_chosen(props))):
        raise ValueError("no such file")
    return {"files": kept, "refused": []}


def _chosen(props: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    selection = props.get("selection")
    files = selection.get("files") if isinstance(selection, dict) else None
    for file in files if isinstance(files, list) else ():
        if isinstance(file, dict) and {"id", "name", "type", "size"} <= file.keys():
            yield file


def _refusal(file: Mapping[str, Any], props: Mapping[str, Any]) -> str | None:
    """Why a file is not taken, in words for its user."""
    name, kind, size = as_text(file.get("name")), as_text(file.get("type")), file.get("size")
    megabytes = _megabytes(props.get("maxFileSize"))
    if not isinstance(size, int) or size > megabytes * 1024 * 1024:
        return f"{name} is larger than {megabytes:g} MB."
    ending = PurePosixPath(name.lower()).suffix
    if ending in _TELLING and kind not in _TELLING[ending]:
        return f"{name} is not what its name says."
    if not any(_fits(wanted, ending, kind) for wanted in _allowed(props) or ["*"]):
        return f"{name} is not one of the kinds that are taken here."
    return None


def _allowed(props: Mapping[str, Any]) -> list[str]:
    """`allowedFileTypes` in small letters: `*`, `image/*`, `application/pdf` or `.pdf`."""
    given = props.get("allowedFileTypes")
    found = given if isinstance(given, list) else [given] if isinstance(given, str) else []
    return [word.strip().lower() for word in found if isinstance(word, str) and word.strip()]


def _fits(wanted: str, ending: str, kind: str) -> bool:
    if wanted in ("*", "*/*"):
        return True
    if wanted.startswith("."):
        return ending == wanted
    if wanted.endswith("/*"):
        return kind.startswith(wanted[:-1])
    return kind == wanted


def _most(value: object, greatest: int) -> int:
    try:
        most = int(float(as_text(value)))
    except (ValueError, OverflowError):
        return 1
    return min(most, greatest) if most > 0 else 1


def _megabytes(value: object) -> float:
    try:
        found = float(as_text(value))
    except ValueError:
        return 5.0
    return min(found, MOST_MEGABYTES) if found > 0 else 5.0


TYPE = WidgetType(
    name="FilePicker",
    help="A field for files, which are sent to the server as soon as they are chosen.",
    properties={
        "label": Property(kind="text", default="Select Files", help="The words beside it."),
        "maxNumFiles": Property(kind="number", default=1, help="How many files it holds, up to 50."),
        "maxFileSize": Property(kind="number", default=5, help="The most megabytes of a file, up to 20."),
        "allowedFileTypes": Property(
            kind="list",
            default=[],
            help="What it takes: `.pdf`, `image/png`, `image/*` or `*`; everything if empty.",
        ),
        "fileDataType": Property(
            kind="choice",
            default="Base64",
            choices=DATA_TYPES,
            help="How code has what is in a file: a data URL, a character a byte, text, or rows.",
        ),
        "dynamicTyping": Property(
            kind="boolean", default=True, help="Whether numbers in rows (`Array`) are numbers, not text."
        ),
        "isRequired": Property(
            kind="boolean", default=False, help="Whether it is invalid while it has no file."
        ),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onFilesSelected",),
    meta={"selection": {"files": [], "refused": []}, "isDirty": False},
    derived={
        "files": FILES,
        "value": "self.files",
        "present": "self.files.map((file) => file.id)",
        "isValid": "!self.isRequired || self.present.length > 0",
        "message": MESSAGE,
    },
    methods={**SET_VISIBILITY, **SET_DISABLED, **SET_REQUIRED},
    inputs={
        VALUE: Input(
            meta="selection",
            parse=parse,
            event="onFilesSelected",
            typed=False,
            shows="selection",
            uploads=reading,
        ),
        "drop": Input(meta="selection", parse=parse_drop, typed=False),
    },
    private=frozenset({"selection", "present"}),
    # What is in files goes from scripts to queries, and to nobody else.
    inner=frozenset({"files", "value"}),
    parts=frozenset({UPLOADS}),
    reset=("selection", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The control, the files that it holds, and what is wrong."""
    props = node.props
    label = as_text(props["label"])
    said = as_text(props["message"])
    wrong = bool(props["isDirty"]) and bool(said)
    present = props["present"] if isinstance(props["present"], list) else []
    files = [
        (as_text(file["id"]), as_text(file["name"]), _size(file["size"]))
        for file in _chosen(props)
        if file["id"] in present
    ]
    described = [f"h.{node.path}"] if as_text(props["tooltip"]) else []
    most, megabytes = _most(props["maxNumFiles"], MOST_FILES), _megabytes(props["maxFileSize"])
    return {
        "label": label,
        "files": files,
        "said": said if wrong else "",
        "many": most > 1,
        "attributes": {
            "form": node.owner,
            "accept": ",".join(word for word in _allowed(props) if word not in ("*", "*/*")),
            "aria-label": None if label else humanised(node.widget.name),
            "aria-describedby": " ".join([*described, f"s.{node.path}", f"e.{node.path}"]),
            "aria-invalid": "true" if wrong else None,
            "data-most": str(most),
            "data-bytes": str(int(megabytes * 1024 * 1024)),
        },
    }


def _size(size: object) -> str:
    """Bytes, in words."""
    if not isinstance(size, int) or size < 1024:
        return f"{size if isinstance(size, int) else 0} B"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


#: A button that posts what the client sent, and one for each file: they belong to the page's own form, so
#: that Enter in another form presses none of them.
LOOK = Look(
    template="""\
<div {{ root("w-input w-files", p) }}>
{% if label %}
<label for="c.{{ w.path }}">{{ label }}
{%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}</label>
{% endif %}
<div class="field">
<input id="c.{{ w.path }}" class="file-input" type="file" name="v.{{ w.path }}"
{%- for name, value in attributes.items() %}{{ attribute(name, value) }}{% endfor %}
{%- if many %} multiple{% endif %}{% if p.isDisabled %} disabled{% endif %}
{%- if p.isRequired and not files %} required{% endif %}>
</div>
<button id="u.{{ w.path }}" type="submit" form="portico" name="v.{{ w.path }}" value="" hidden
  {%- if p.isDisabled %} disabled{% endif %}></button>
<noscript><button class="button secondary" type="submit" name="portico.event" value="change" formnovalidate
  {{- attribute("form", w.owner) }}{% if p.isDisabled %} disabled{% endif %}>Upload</button></noscript>
<p class="sent" id="s.{{ w.path }}" role="status"></p>
{% if files %}
<ul class="chosen" aria-label="Chosen files">
{% for id, name, size in files %}
<li><span class="called" title="{{ name }}">{{ name }}</span> <span class="size">{{ size }}</span>
<button type="submit" form="portico" name="v.{{ w.path }}:drop" value="{{ id }}" formnovalidate
  aria-label="Remove {{ name }}"{% if p.isDisabled %} disabled{% endif %}
  ><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"
  ><path d="M6 6l12 12M18 6 6 18"/></svg></button></li>
{% endfor %}
</ul>
{% endif %}
{% if p.tooltip|text %}<p class="hint" id="h.{{ w.path }}">{{ p.tooltip|text }}</p>{% endif %}
<p class="message" id="e.{{ w.path }}" role="alert"{% if not said %} hidden{% endif %}>{{ said }}</p>
</div>
""",
    prepare=prepare,
)
