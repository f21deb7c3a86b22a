"""The views of simplejwt, and the two it leaves to the project: to register, and who one is."""

from typing import Any

from django.contrib.auth.models import User
from django.urls import path
from rest_framework.generics import CreateAPIView, RetrieveAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.serializers import CharField, ModelSerializer
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView


class UserSerializer(ModelSerializer):
    """An account; its password goes in and never comes out."""

    password = CharField(write_only=True, min_length=8)

    class Meta:
        model = User
        fields = ("id", "username", "email", "password")

    def create(self, validated_data: dict[str, Any]) -> User:
        """Keep the password's hash instead of the password."""
        return User.objects.create_user(**validated_data)


class Register(CreateAPIView):
    """Open to everybody; gives no token."""

    serializer_class = UserSerializer


class Me(RetrieveAPIView):
    """Who a token belongs to."""

    permission_classes = (IsAuthenticated,)
    serializer_class = UserSerializer

    def get_object(self) -> User:
        """The user of the request."""
        return self.request.user


urlpatterns = [
    path("api/register/", Register.as_view()),
    path("api/me/", Me.as_view()),
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/token/blacklist/", TokenBlacklistView.as_view()),
]
