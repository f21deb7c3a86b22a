"""An app of two public pages that look the same, neither of which can be cached: one has its widgets in
instances of a UI module, on the other they are written out."""

from pathlib import Path

#: The app's folder name, and its pages.
SLUG, MODULES, FLAT = "instances", "Modules", "Flat"

#: The widgets of one card. `$` stands for the title that the page gives it, `#` for its number.
_CARD = (
    '{name: Title#, type: Text, text: "{{ $ }}"}',
    "{name: Name#, type: Input, label: Name}",
    "{name: Hint#, type: Text, text: \"{{ Name#.text ? 'Hello ' + Name#.text : $ }}\"}",
    '{name: Save#, type: Button, text: Save, onClick: "{{ showAlert(Name#.text) }}"}',
)


def write(folder: Path, count: int) -> Path:
    """Write the app with `count` instances below `folder`; the app's own folder."""
    app = folder / SLUG
    _put(app / "app.yaml", "auth: none\npackages: {cards: {path: cards}}\n")
    _put(app / "cards" / "package.yaml", "name: cards\nversion: 1.0.0\n")
    inside = ["kind: ui", "inputs: {title: {type: string}}", "widgets:", *_card("", "inputs.title")]
    _put(app / "cards" / "modules" / "Card" / "module.yaml", "\n".join(inside) + "\n")
    flat = [line for number in range(count) for line in _card(str(number), _title(number))]
    used = [
        f'  - {{name: Card{number}, module: cards/Card, inputs: {{title: "{{{{ {_title(number)} }}}}"}}}}'
        for number in range(count)
    ]
    for name, lines in ((MODULES, used), (FLAT, flat)):
        head = [f"title: {name}", "access: public", "widgets:"]
        _put(app / "pages" / name / "page.yaml", "\n".join([*head, *lines]) + "\n")
    return app


def _title(number: int) -> str:
    """The address differs from request to request, so the page is made anew for each."""
    return f"(appsmith.URL.queryParams.name ?? 'you') + ' {number}'"


def _card(number: str, title: str) -> list[str]:
    return [f"  - {text}".replace("#", number).replace("$", title) for text in _CARD]


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
