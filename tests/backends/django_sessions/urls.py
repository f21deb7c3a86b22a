"""Views that answer JSON, over Django's own log-in and log-out."""

import json

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_POST


@csrf_exempt
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Open to everybody; signs nobody in."""
    fields = json.loads(request.body)
    user = User.objects.create_user(fields["username"], fields["email"], fields["password"])
    return JsonResponse({"id": user.pk}, status=201)


@ensure_csrf_cookie
def csrf(_: HttpRequest) -> HttpResponse:
    """Sets the cookie `csrftoken`."""
    return HttpResponse(status=204)


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """204 with the cookie `sessionid`, and another `csrftoken`."""
    fields = json.loads(request.body)
    user = authenticate(request, username=fields["username"], password=fields["password"])
    if user is None:
        return JsonResponse({"detail": "Wrong name or password."}, status=400)
    login(request, user)
    return HttpResponse(status=204)


def me(request: HttpRequest) -> HttpResponse:
    """Who it is."""
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "Nobody is signed in."}, status=401)
    return JsonResponse({"id": request.user.pk, "email": request.user.email})


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """A change, which takes the token against forged requests."""
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "Nobody is signed in."}, status=401)
    return JsonResponse({"written": request.user.email})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, and takes its cookie away."""
    logout(request)
    return HttpResponse(status=204)


urlpatterns = [
    path("register/", register),
    path("csrf/", csrf),
    path("login/", sign_in),
    path("me/", me),
    path("write/", write),
    path("logout/", sign_out),
]
