"""The login app in NiceGUI, after its own authentication example: `python main.py PORT API`."""

import sys

import httpx
from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import app, ui

PORT, API = int(sys.argv[1]), sys.argv[2]
api = httpx.AsyncClient(base_url=API, trust_env=False)


@ui.page("/login")
def login() -> RedirectResponse | None:
    """The sign-in form."""
    if app.storage.user.get("token"):
        return RedirectResponse("/")

    async def try_login() -> None:
        answer = await api.post("/login", json={"username": username.value, "password": password.value})
        if answer.is_success:
            app.storage.user.update(answer.json())
            ui.navigate.to("/")
        else:
            ui.notify("Wrong username or password", color="negative")

    with ui.card().classes("absolute-center"):
        username = ui.input("Username").on("keydown.enter", try_login)
        password = ui.input("Password", password=True, password_toggle_button=True).on(
            "keydown.enter", try_login
        )
        forgot = ui.checkbox("I forgot my password")
        ui.label("Ask the help desk for a new one.").bind_visibility_from(forgot, "value")
        ui.button("Log in", on_click=try_login)
    return None


@ui.page("/")
async def main(request: Request) -> RedirectResponse | None:
    """200 rows for those who are signed in."""
    token = app.storage.user.get("token")
    if not token:
        return RedirectResponse("/login")
    answer = await api.get("/rows", headers={"Authorization": f"Bearer {token}"})
    ui.label(f"Signed in as {app.storage.user['user']['name']}")
    ui.table(rows=answer.json(), row_key="id")
    ui.button("Log out", on_click=lambda: (app.storage.user.clear(), ui.navigate.to("/login")))
    return None


ui.run(
    host="127.0.0.1",
    port=PORT,
    title="Bench",
    storage_secret="only-for-benchmarks",
    reload=False,
    show=False,
    tailwind=False,
    show_welcome_message=False,
)
