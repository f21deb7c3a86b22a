"""Module: the box of an instance of a UI module, which shows, hides and looks as its app says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ui.running import FRAME, FRAMED, Running, does, framing

WIDGETS = [{"name": "words", "type": "Text", "text": "inside"}, {"name": "field", "type": "Input"}]
FORM = [{"name": "form", "type": "Form", "widgets": WIDGETS}]


def box(folder: Path, *others: Any, widgets: Any = WIDGETS, **props: Any) -> Running:
    """A page with an instance of a module that has these widgets."""
    module = folder / "kit" / "modules" / "Box"
    module.mkdir(parents=True)
    (folder / "kit" / "package.yaml").write_text("name: kit\nversion: 1.0.0\n")
    contract = {"kind": "ui", "outputs": {"typed": "{{ field.text }}"}, "widgets": widgets}
    (module / "module.yaml").write_text(json.dumps(contract))
    return Running(folder, {"name": "Box", "module": "kit/Box", **props}, *others, packages=["kit"])


def test_its_frame_is_data_for_the_client(tmp_path: Path) -> None:
    """`backgroundColor`, `borderColor`, `borderWidth`, `borderRadius`, `boxShadow` of the instance."""
    assert framing(box(tmp_path, **FRAME).widget("Box")) == FRAMED


@pytest.mark.parametrize("odd", ["-3", "1px; color: red", "url(x)", "calc(1px)"])
def test_what_is_no_size_or_colour_is_left_out(tmp_path: Path, odd: str) -> None:
    """Nothing of it reaches a style."""
    bound = f"{{{{ '{odd}' }}}}"
    assert framing(box(tmp_path, **dict.fromkeys(list(FRAME)[:4], bound)).widget("Box")) == {}


def test_set_visibility_hides_all_that_stands_in_it(tmp_path: Path) -> None:
    """`setVisibility(false)`: `isVisible` is false, an empty place stays, and the field takes nothing."""
    page = box(tmp_path, does("Hide", "Box.setVisibility(false)"), does("Show", "Box.setVisibility(true)"))
    assert page.widget("Box").text.startswith("inside")
    page.press("Hide")
    assert page.value("Box", "isVisible") is False
    assert "inside" not in page.page.text
    assert not page.post("Box.field", "smuggled")
    page.press("Show")
    assert page.post("Box.field", "typed")
    assert page.widget("Box").find("input", name="v.Box.field")["value"] == "typed"


@pytest.mark.parametrize("scrolls", [True, False])
def test_one_that_scrolls_can_be_reached_by_keyboard(tmp_path: Path, scrolls: bool) -> None:
    """`shouldScrollContents`, also if it is bound; one that does not is no stop."""
    shown = box(tmp_path, shouldScrollContents=f"{{{{ {json.dumps(scrolls)} }}}}").widget("Box")
    assert shown.attributes.get("tabindex") == ("0" if scrolls else None)


def test_on_output_change_hears_of_each_change(tmp_path: Path) -> None:
    """`onOutputChange` runs in the app's scope when an output is another, and only then."""
    tell = "{{ showAlert('now ' + Box.outputs.typed) }}"
    page = box(tmp_path, does("Other", "showAlert('other')"), onOutputChange=tell)
    page.post("Box.field", "a")
    assert page.said == ["now a"]
    page.press("Other")
    assert page.said == ["other"]
    page.post("Box.field", "b")
    assert page.said == ["now b"]


def test_a_form_that_is_all_there_is_stands_in_the_modules_box(tmp_path: Path) -> None:
    """It is a form of HTML all the same: its fields and button belong to it."""
    shown = box(tmp_path, widgets=FORM).widget("Box")
    assert "w-module" in shown["class"]
    assert shown.find("form", id_="w.Box.form").find("input", name="v.Box.field")["name"] == "v.Box.field"
