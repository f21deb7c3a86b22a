"""showModal and closeModal, and what hangs on closing."""

from portico.sandbox.turn import ShowAlert
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import Session, commands

MODAL = Widget("Ask", "Modal", on={"onClose": "{{ showAlert('closed') }}"})


def run(code: str) -> Session:
    """A page with a modal, after an event."""
    session = Session(page(Widget("Go", on={"onClick": f"{{{{ {code} }}}}"}), MODAL))
    session.event()
    return session


def test_a_modal_opens_by_its_name_and_by_itself() -> None:
    """The seeds' apps write both `showModal('Ask')` and `showModal(Ask.name)`."""
    for code in (
        "showModal('Ask')",
        "showModal(Ask.name)",
        "showModal(Ask)",
        "showModal('Ask').then(() => 1)",
    ):
        assert run(code).shown("Ask", "open") is True


def test_closing_fires_onclose_once() -> None:
    """Closing what is closed is nothing."""
    session = run("(() => { showModal('Ask'); closeModal('Ask'); closeModal('Ask') })()")
    assert session.shown("Ask", "open") is False
    assert commands(session.turns[-1]) == [ShowAlert(ev="e1", message="closed", style="info")]


def test_what_is_no_modal_is_refused() -> None:
    """With a word that says so."""
    assert run("showModal('Go')").turns[-1].errors[0].message == "showModal: Go is no modal"
    assert run("closeModal('Nope')").turns[-1].errors[0].message == "closeModal: there is no widget Nope"
    assert run("closeModal()").turns[-1].errors[0].message == "closeModal: there is no widget "
