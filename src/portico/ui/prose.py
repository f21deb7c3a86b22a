"""Words of an app: values as text, and text as safe HTML."""

import json
import re

import nh3
from markupsafe import Markup, escape

TAGS = frozenset(
    {
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    }
)
SCHEMES = frozenset({"http", "https", "mailto"})
#: Elements whose content goes with them.
DROPPED = frozenset(
    {"script", "style", "template", "iframe", "object", "noscript", "title", "textarea", "svg", "math"}
)
#: CSS properties that a script of ours sets from an attribute.
_MAPPED = {
    "color": (
        "data-color",
        re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}|(?:rgb|hsl)a?\([0-9%.,/\s]{3,40}\)"),
    ),
    "text-align": ("data-align", re.compile(r"left|center|right|justify")),
    "font-size": ("data-font-size", re.compile(r"\d{1,3}(?:\.\d{1,3})?(?:px|rem|em)")),
    "font-weight": ("data-weight", re.compile(r"bold|normal|[1-9]00")),
}
_TAG = re.compile(r"<[a-zA-Z/!]")
_OPENING = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")*>')
_STYLE = re.compile(r' style="([^"]*)"')
_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`]{2,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}"


def as_text(value: object) -> str:
    """A property's value as words: nothing for null, whole numbers without a point, JSON for objects."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def humanised(name: str) -> str:
    """A widget's name as words: `LoginButton` becomes `Login button`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+", " ", name).strip()
    return words[:1].upper() + words[1:].lower()


def is_html(text: str) -> bool:
    """Whether the author meant HTML."""
    return _TAG.search(text) is not None


def prose(text: str, *, links: bool) -> Markup:
    """Text as HTML that can do no harm: cleaned if it is HTML, else escaped, with its addresses as
    links unless `links` is false."""
    if is_html(text):
        return cleaned(text, links=links)
    return linked(text) if links else escape(text)


def cleaned(text: str, *, links: bool) -> Markup:
    """HTML with nothing in it but what is listed here (promise 51). Of inline CSS, a few properties
    become attributes for the client; the rest is dropped."""
    html = nh3.clean(
        text,
        tags=set(TAGS if links else TAGS - {"a"}),
        clean_content_tags=set(DROPPED),
        attributes={"*": {"style"}, "a": {"href", "title", "style"}, "td": {"colspan", "rowspan", "style"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
        strip_comments=True,
        filter_style_properties=set(_MAPPED),
    )
    return Markup(_OPENING.sub(_without_style, html))  # noqa: S704


def linked(text: str) -> Markup:
    """Escaped text in which http, https and mailto addresses are links."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_TRAILING)
        parts.append(escape(text[end : found.start()]))
        parts.append(
            Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(address)
        )
        end = found.start() + len(address)
    parts.append(escape(text[end:]))
    return Markup().join(parts)


def _without_style(tag: re.Match[str]) -> str:
    """An opening tag, its `style` mapped. The cleaner wrote it, so its attributes are in quotes."""
    return _STYLE.sub(lambda style: _mapped(style[1]), tag[0])


def _mapped(css: str) -> str:
    attributes = []
    for declaration in css.split(";"):
        name, _, value = declaration.partition(":")
        target, allowed = _MAPPED.get(name.strip(), (None, None))
        if target and allowed and allowed.fullmatch(value.strip()):
            attributes.append(f' {target}="{value.strip()}"')
    return "".join(attributes)
