"""An app of one public page with as many bindings as wanted, none of which can be cached."""

from pathlib import Path

#: The app's folder name, its page, and every how many bindings one depends on what is typed.
SLUG, PAGE, EACH = "bindings", "Home", 10


def write(folder: Path, count: int) -> Path:
    """Write the app with `count` bindings below `folder`; the app's own folder."""
    app = folder / SLUG
    page = app / "pages" / PAGE
    page.mkdir(parents=True)
    (app / "app.yaml").write_text("auth: none\n")
    widgets = ["{name: Name, type: Input, label: Name}", "{name: Other, type: Input, label: Other}"]
    widgets += [f'{{name: T{number}, type: Text, text: "{_binding(number)}"}}' for number in range(count)]
    lines = ["title: Bindings", "access: public", "widgets:", *(f"  - {widget}" for widget in widgets)]
    (page / "page.yaml").write_text("\n".join(lines) + "\n")
    return app


def _binding(number: int) -> str:
    if number == 0:
        # The address differs from request to request, so the page is made anew for each.
        return "Hello {{ appsmith.URL.queryParams.name ?? 'you' }}"
    if number % EACH == 1:
        return f"{{{{ Name.text.length * {number} + ' letters' }}}}"
    return f"{{{{ (Other.text || 'nothing') + ' {number}' }}}}"
