"""`/_mails`, where what would be mailed can be read, and the same as JSON at `/_mails.json`."""

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.authserver.local_pages import local, page
from portico.authserver.mails import Mail, Mailbox
from portico.authserver.moments import iso

_MAIL = Markup(
    "<article><h2>{subject}</h2><small>to {to}, {sent_at}</small><p>{text}</p>"
    '<p><a href="{link}" rel="noreferrer">{link}</a></p><p>Code: <code>{code}</code></p></article>'
)
_NONE = Markup("<p>No mail yet. What the auth server would send appears here.</p>")


class MailPages:
    """The pages over one mailbox. `?to=` names one address."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def routes(self) -> list[Route]:
        """Both, for this machine alone: whoever reads the mails can sign in as anybody."""
        return [
            Route("/_mails", local(self._show), methods=["GET"]),
            Route("/_mails.json", local(self._list), methods=["GET"]),
        ]

    async def _show(self, request: Request) -> Response:
        shown = Markup("").join(_MAIL.format(**_fields(mail)) for mail in self._asked(request))
        return page("Mails", shown or _NONE)

    async def _list(self, request: Request) -> Response:
        fields = [_fields(mail) for mail in self._asked(request)]
        return JSONResponse(fields, headers={"Cache-Control": "no-store"})

    def _asked(self, request: Request) -> list[Mail]:
        return self._mailbox.mails(request.query_params.get("to", ""))


def _fields(mail: Mail) -> dict[str, str]:
    letter = mail.letter
    return {
        "id": mail.id,
        "sent_at": iso(mail.sent_at),
        "to": letter.to,
        "kind": letter.kind,
        "subject": letter.subject,
        "text": letter.text,
        "link": letter.link.reveal(),
        "code": letter.code.reveal(),
    }
