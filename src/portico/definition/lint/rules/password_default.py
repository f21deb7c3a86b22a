"""A password that is filled in before anybody typed it."""

from collections.abc import Iterator

from portico.definition.draft import WidgetDraft
from portico.definition.lint import meanings, piece
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.value import Fixed
from portico.model.place import Place


def find(subject: Subject) -> Iterator[Spot]:
    """`defaultText` of Inputs for passwords."""
    for page in subject.pages:
        for scope, widget in page.view.world.widgets:
            value = widget.properties.get("defaultText")
            if value is None or not _takes_password(widget):
                continue
            if isinstance(value, Fixed):
                if value.value not in ("", None):
                    yield Spot(place=_place(widget), received="defaultText: ***")
            else:
                for made in piece.of_value(value, scope):
                    yield Spot(
                        place=made.place(made.root), received=f"defaultText: {made.excerpt(made.root)}"
                    )


def _takes_password(widget: WidgetDraft) -> bool:
    kind = widget.properties.get("inputType")
    if isinstance(kind, Fixed) and kind.value == "PASSWORD":
        return True
    return kind is None and meanings.plain(widget.name).removesuffix("input") in ("password", "passwd", "pwd")


def _place(widget: WidgetDraft) -> Place:
    return widget.place


RULE = Rule(
    id="password-default",
    reason="a password that is filled in is sent to everybody who opens the page",
    remedy="leave `defaultText` out; what the field is for says its label",
    find=find,
)
