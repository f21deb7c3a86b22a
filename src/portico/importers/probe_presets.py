"""Presets and their signs: the calls that each of them makes, and what harmless requests tell of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from portico.definition import preset
from portico.importers.probe_findings import Call
from portico.importers.probe_talk import Heard
from portico.model.query import Role

_PARAMETER = re.compile(r"\{\{ this\.params\.(\w+) \}\}")
#: The fields of a sign-in, where a preset sends whatever it is given.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "allauth": ("email", "password"),
    "dummyjson": ("username", "password"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """A request that cannot succeed or changes nothing, and what its answer says: `reads` gives the reason
    why it is the `preset`, or None."""

    preset: str
    call: Call
    reads: Callable[[Heard], str | None]


@cache
def calls_of(name: str) -> Mapping[Role, Call]:
    """The calls of a preset, by what they are for: those of its contract that a probe can make."""
    content = yaml.safe_load(preset.text_of(name))
    roles: tuple[Role, ...] = ("sign_in", "me", "refresh", "sign_out")
    return {
        role: _call(content["queries"][said["query"]], _FIELDS.get(name, ()) if role == "sign_in" else ())
        for role in roles
        if (said := content["auth"].get(role)) is not None
    }


def says_roles(name: str) -> bool:
    """Whether a preset says where roles stand."""
    return "roles" in (yaml.safe_load(preset.text_of(name))["auth"].get("me") or {})


def login_of(call: Call) -> str:
    """The parameter of a sign-in that says who it is."""
    found = [name for _, text in call.fields for name in _PARAMETER.findall(text) if name != "password"]
    return found[0] if found else "username"


def _call(query: Mapping[str, Any], fields: tuple[str, ...]) -> Call:
    body = query.get("body")
    said = (
        body.items()
        if isinstance(body, dict)
        else [(name, f"{{{{ this.params.{name} }}}}") for name in fields]
    )
    return Call(
        method=query.get("method", "GET"),
        path=query["path"],
        params=tuple((query.get("params") or {}).items()),
        headers=tuple((query.get("headers") or {}).items()),
        fields=tuple(said),
        form=query.get("body_type") == "form",
        empty=body == {},
    )


def _get(path: str) -> Call:
    return Call(method="GET", path=path)


def _empty(path: str, *, form: bool = False) -> Call:
    """A sign-in without credentials."""
    return Call(method="POST", path=path, form=form, empty=True)


def _member(heard: Heard, *steps: str) -> Any:
    value = heard.body
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _gotrue(heard: Heard) -> str | None:
    if _member(heard, "name") == "GoTrue":
        return "it calls itself GoTrue"
    words = _member(heard, "message")
    if heard.status == 401 and isinstance(words, str) and "api key" in words.lower():
        return "it wants the key of a Supabase project (--secret-header apikey=SUPABASE_KEY)"
    return None


def _allauth(heard: Heard) -> str | None:
    found = isinstance(_member(heard, "data", "account", "login_methods"), list)
    return "it tells the configuration of a headless django-allauth" if found else None


def _better_auth(heard: Heard) -> str | None:
    found = heard.well and heard.body == {"ok": True}
    return "it says {ok: true} where better-auth does" if found else None


def _pocketbase(heard: Heard) -> str | None:
    found = heard.status == 400 and _member(heard, "data", "identity", "code") == "validation_required"
    return "a sign-in to its collection `users` asks for `identity`" if found else None


def _strapi(heard: Heard) -> str | None:
    found = heard.status == 400 and _member(heard, "error", "name") == "ValidationError"
    return "an empty sign-in is a ValidationError, as Strapi writes them" if found else None


def _fastapi_users(heard: Heard) -> str | None:
    detail = _member(heard, "detail")
    found = heard.status == 422 and isinstance(detail, list) and "'username'" in str(detail)
    return "the sign-in at /auth/jwt/login asks for a form with `username`" if found else None


def _simplejwt(heard: Heard) -> str | None:
    body = heard.body
    found = heard.status == 400 and isinstance(body, dict) and set(body) >= {"password"}
    lists = found and all(isinstance(value, list) for value in body.values())
    return "an empty sign-in names its fields, as Django REST framework does" if lists else None


def _dummyjson(heard: Heard) -> str | None:
    found = heard.status == 400 and heard.body == {"message": "Username and password required"}
    return "an empty sign-in is refused in DummyJSON's words" if found else None


SIGNS: tuple[Sign, ...] = (
    Sign(preset="supabase", call=_get("/auth/v1/health"), reads=_gotrue),
    Sign(preset="allauth", call=_get("/_allauth/app/v1/config"), reads=_allauth),
    Sign(preset="better-auth", call=_get("/api/auth/ok"), reads=_better_auth),
    Sign(preset="pocketbase", call=_empty("/api/collections/users/auth-with-password"), reads=_pocketbase),
    Sign(preset="strapi", call=_empty("/api/auth/local"), reads=_strapi),
    Sign(preset="fastapi-users", call=_empty("/auth/jwt/login", form=True), reads=_fastapi_users),
    Sign(preset="simplejwt", call=_empty("/api/token/"), reads=_simplejwt),
    Sign(preset="dummyjson", call=_empty("/auth/login"), reads=_dummyjson),
)
