"""The headless API where its documentation has it."""

from django.urls import include, path

urlpatterns = [path("_allauth/", include("allauth.headless.urls"))]
