"""A page for everybody whose content a binding hides (seeds S2 and S3)."""

from collections.abc import Iterator

from portico.definition.lint import gates, names, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject


def find(subject: Subject) -> Iterator[Spot]:
    """Gates on public pages: tabs that are chosen by who is signed in, widgets that are visible if there is
    some token, functions at load that send others away."""
    for page in subject.pages:
        if page.view.public:
            yield from _hidden(page)
            yield from _sent_away(page)


def _hidden(page: Facts) -> Iterator[Spot]:
    for gate in gates.gates(page):
        for name, node in gates.asked(page, gate):
            stands_for_token = page.is_stored_token(name) and name.store_key != page.token_key
            chosen = gate.name == "defaultTab" and page.is_sign_in_state(name)
            if chosen or (gate.holds and stands_for_token):
                yield Spot(place=gate.piece.place(node), received=gate.piece.excerpt(gate.shown(node)))
                break


def _sent_away(page: Facts) -> Iterator[Spot]:
    """Functions at load that go to the entry page if nobody is signed in."""
    draft = page.app.manifest.auth
    entry = draft.entry_page.text.value if draft is not None and draft.entry_page is not None else None
    if entry is None or page.view.page.name == entry:
        return
    for piece, function in page.view.at_load():
        for call in piece.nodes("call_expression", root=function):
            given = syntax.arguments(call)
            found = names.called(page.view, piece, call)
            if (
                found is None
                or found.id != "navigateTo"
                or not given
                or syntax.text(piece, given[0]) != entry
            ):
                continue
            asked = [name for name, _ in gates.conditions_of(page, piece, call)]
            if any(page.is_sign_in_state(name) for name in asked):
                yield Spot(place=piece.place(call), received=piece.excerpt(call))


RULE = Rule(
    id="cosmetic-gate",
    reason="anybody may open this page: that content is hidden on it does not keep it from anybody",
    remedy="write `access: signed-in`, or who else may open it, and leave the rest out",
    find=find,
)
