"""What is special about the journeys of an app of `portico new --auth`: how its tokens end, and roles."""

from dataclasses import dataclass

from portico.authserver.settings import NewAccount

#: A journey for tokens that renew themselves as long as they are good.
TOO_LATE = """\
  who comes back after the token has ended signs in again:
    - use: sign in
    - use: signed in
    - advance: 8d
    - reload
    - use: signed out
"""
#: Lines for sessions that last too long to be waited for.
AN_HOUR = """\
# A session of Django lasts two weeks; here it is over after an hour.
auth: {access_lifetime: 1h}

"""
_WITH_ROLE = """\
# In the place of those accounts: who signs in, with a role that the API says.
accounts:
  - {{username: {person.username}, email: {person.email}, password: {password}, role: {role}}}

"""
_NO_RENEWAL = """\
  # Nothing renews it.
  after the token ended:
    - use: signed out
"""
_ASKING = """\
  # A page alone needs no token here.
  call:
    - click: Ask the API
  after the token ended:
    - see: The API knows you as appsmith_user
    - use: signed in
"""
_ROLE_STEPS = """\
  with the role:
    - click: For staff
    - at: Staff
    - see: You have the role
  without the role:
    - reload
    - not_see: You have the role
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """What is special about tokens of an API, in its journeys: after what time they are to be renewed, where
    that is not an hour; why nothing renews them; lines of `auth` below, and journeys besides."""

    due: str = ""
    no_renewal: str = ""
    auth: str = ""
    more: str = ""


#: Tokens for an hour at most, which are renewed by another one.
USUAL = Life()


def filled(life: Life, person: NewAccount, *, role: str, no_role: str, asks: bool) -> dict[str, str]:
    """What the draft of the journeys is filled in with. `person` signs in, and has the `role` if there is
    one; `no_role` says why not. `asks`: the token is sent by a click on the home page, and not by a page."""
    without = {"role taken away": no_role, "refresh refused": life.no_renewal}
    left_out = [f"  {name}: {why}\n" for name, why in without.items() if why]
    due = f"  # Renewed from the middle of its life on.\n  the token ends:\n    - advance: {life.due}\n"
    account = _WITH_ROLE.format(person=person, password=person.password.reveal(), role=role)
    steps = ((due, life.due), (_NO_RENEWAL, life.no_renewal), (_ASKING, asks))
    return {
        "SPECIAL": (account if role else "") + life.auth,
        "MORE_JOURNEYS": life.more,
        "WITHOUT": f"without:\n{''.join(left_out)}" if left_out else "",
        "TOKEN": "".join(words for words, holds in steps if holds),
        "WITH_ROLE": _ROLE_STEPS if role else "",
    }
