"""Every error Portico raises on purpose: one root, one code a class, two texts.

`message` is safe to show to anybody; `detail` is for the log and never leaves the server.
Which HTTP status a code becomes is decided in `web/problems.py` and nowhere else.
"""

from typing import ClassVar


class PorticoError(Exception):
    """The root. Handle by class or by `code`, never by text."""

    code: ClassVar[str] = "internal"
    default_message: ClassVar[str] = "Something went wrong on our side."

    def __init__(self, detail: str = "", *, message: str | None = None) -> None:
        self.message = message or self.default_message
        self.detail = detail or self.message
        super().__init__(self.detail)


# Stores and sessions


class StoreUnavailable(PorticoError):
    """A store could not be asked. Never to be read as "signed out"."""

    code = "store_unavailable"
    default_message = "Your session cannot be read right now. Please try again in a moment."


class Busy(PorticoError):
    """Something another request holds was not released in time."""

    code = "busy"
    default_message = "This page is still working on something else. Please try again."


class TooMany(PorticoError):
    """A cap on visits, contexts or events was reached."""

    code = "too_many"
    default_message = "Too many requests at once. Please wait a moment and try again."


class RolesUnknown(PorticoError):
    """The auth API has been silent for too long: what it said of a user's roles does not count any more."""

    code = "roles_unknown"
    default_message = "Who may see this cannot be checked right now. Please try again in a moment."


class SignInRefused(PorticoError):
    """Evidence of a sign-in did not hold."""

    code = "sign_in_refused"
    default_message = "The sign-in could not be confirmed."


# Requests from the browser


class CrossSiteRefused(PorticoError):
    """A write that did not come from a page of this server."""

    code = "cross_site"
    default_message = "This request did not come from this site and was refused."


class BadRequest(PorticoError):
    """A request that does not follow the event protocol."""

    code = "bad_request"
    default_message = "The request was not understood."


class TooLarge(PorticoError):
    """A request body over the limit."""

    code = "too_large"
    default_message = "The request is too large."


class EventRefused(PorticoError):
    """An event of a widget that is hidden, disabled, unknown, or does not declare it."""

    code = "event_refused"
    default_message = "This is not possible here any more. Reload the page and try again."


class Interrupted(PorticoError):
    """An event that was begun, cut off, and is not run a second time."""

    code = "interrupted"
    default_message = "The last action was interrupted. Check whether it took effect before you repeat it."


class HeldElsewhere(PorticoError):
    """An event of a page that waits for an answer in another process: that one has to get it."""

    code = "held_elsewhere"
    default_message = "This page is in use by another process. Please try again."


class QuestionOver(PorticoError):
    """An answer to a question that nothing waits for any more: too late, or its process has ended."""

    code = "question_over"
    default_message = "This question is not open any more. Please start the action again."


class PageNotFound(PorticoError):
    """No such page, or none for this user: both look the same from outside."""

    code = "not_found"
    default_message = "There is no such page here."


# Scripts


class ScriptFailed(PorticoError):
    """The root of what can end a script context."""

    code = "script_failed"
    default_message = "A script of this page failed."


class ScriptOverrun(ScriptFailed):
    """A script used more CPU or wall time than it may."""

    code = "script_overrun"
    default_message = "A script of this page ran too long and was stopped."


class ScriptMemory(ScriptFailed):
    """A script used more memory than it may."""

    code = "script_memory"
    default_message = "A script of this page used too much memory and was stopped."


class ScriptTooMuch(ScriptFailed):
    """A script sent more effects, logs or data than fit a turn."""

    code = "script_too_much"
    default_message = "A script of this page produced too much at once and was stopped."


class WorkerLost(ScriptFailed):
    """The worker process died or did not answer; its contexts are gone."""

    code = "script_crashed"
    default_message = "A script of this page crashed. Please try again."


# Calls to other servers


class CallFailed(PorticoError):
    """The root of what can go wrong on an outgoing call, before an answer counts as one."""

    code = "call_failed"
    default_message = "The service did not answer."


class DestinationRefused(CallFailed):
    """The call would have left its datasource's origin, or reached a private address."""

    code = "destination_refused"
    default_message = "This address is not allowed for this datasource."


class ServiceUnreachable(CallFailed):
    """No connection: refused, no such host, TLS failed."""

    code = "service_unreachable"
    default_message = "The service cannot be reached right now."


class ServiceTimeout(CallFailed):
    """No complete answer in time."""

    code = "service_timeout"
    default_message = "The service took too long to answer."


class CredentialsRefused(CallFailed):
    """The server's own credentials for a service were not accepted, or are not set."""

    code = "credentials_refused"
    default_message = "The service did not accept this server's credentials."


class DriverMissing(CallFailed):
    """What a database is reached by is not installed, or cannot be used here."""

    code = "driver_missing"
    default_message = "This server has no driver for the database."


class NotTrusted(CallFailed):
    """A function of an app whose own code this server was not told to run."""

    code = "not_trusted"
    default_message = "This server does not run functions of this app."


class AnswerTooLarge(CallFailed):
    """The answer is over the size limit, compressed or not."""

    code = "answer_too_large"
    default_message = "The service sent more data than allowed."


class AnswerInvalid(CallFailed):
    """The answer is not valid HTTP, or not of the type it claims."""

    code = "answer_invalid"
    default_message = "The service sent an answer that could not be read."


# Packages


class PackageUnusable(PorticoError):
    """A folder that is to be a package holds what none can, or cannot be read."""

    code = "package_unusable"
    default_message = "The package cannot be used."


class RegistryUnusable(PorticoError):
    """A registry cannot be reached, read or written, or its content is not what was published."""

    code = "registry_unusable"
    default_message = "The registry cannot be used."


class PackageNotFound(PorticoError):
    """No such package, no such version, or none in a range."""

    code = "package_not_found"
    default_message = "There is no such package."


class PackagesConflict(PorticoError):
    """There are no versions by which each package has what it needs."""

    code = "packages_conflict"
    default_message = "These packages cannot be used together."


class PublicationRefused(PorticoError):
    """A package that is not to be published as it is, or not under this version."""

    code = "publication_refused"
    default_message = "The package was not published."


class InstallationRefused(PorticoError):
    """A package that is not to be put into an app; the app is as it was."""

    code = "installation_refused"
    default_message = "The app was not changed."
