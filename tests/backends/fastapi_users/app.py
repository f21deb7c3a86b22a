"""fastapi-users with its three ways to hold a sign-in: a JWT, a token in the database, a cookie.

Argument: the port. Setting: ACCESS_SECONDS, the life of a JWT. The database is a file of the working folder.
"""

import os
import secrets
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import (
    AuthenticationBackend,
    BearerTransport,
    CookieTransport,
    JWTStrategy,
)
from fastapi_users.authentication.strategy.db import DatabaseStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy.access_token import (
    SQLAlchemyAccessTokenDatabase,
    SQLAlchemyBaseAccessTokenTableUUID,
)
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SECRET = secrets.token_hex(32)

engine = create_async_engine("sqlite+aiosqlite:///users.db")
new_session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """The tables."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """An account."""


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    """A token of the database strategy."""


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    """The accounts, with every setting at its default."""

    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def database() -> AsyncIterator[AsyncSession]:
    """A session of the database for one request."""
    async with new_session() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]


async def user_manager(session: Database) -> AsyncIterator[UserManager]:
    """The accounts for one request."""
    yield UserManager(SQLAlchemyUserDatabase(session, User))


def jwt_strategy() -> "JWTStrategy[User, uuid.UUID]":
    """Tokens that nobody keeps."""
    return JWTStrategy(secret=SECRET, lifetime_seconds=int(os.environ["ACCESS_SECONDS"]))


def database_strategy(session: Database) -> "DatabaseStrategy[User, uuid.UUID, AccessToken]":
    """Tokens that are rows."""
    return DatabaseStrategy(SQLAlchemyAccessTokenDatabase(session, AccessToken), lifetime_seconds=3600)


BACKENDS = [
    AuthenticationBackend(
        name="jwt", transport=BearerTransport(tokenUrl="auth/jwt/login"), get_strategy=jwt_strategy
    ),
    AuthenticationBackend(
        name="db", transport=BearerTransport(tokenUrl="auth/db/login"), get_strategy=database_strategy
    ),
    AuthenticationBackend(
        name="cookie", transport=CookieTransport(cookie_secure=False), get_strategy=database_strategy
    ),
]


class UserRead(schemas.BaseUser[uuid.UUID]):
    """What is told of an account."""


class UserCreate(schemas.BaseUserCreate):
    """A sign-up."""


class UserUpdate(schemas.BaseUserUpdate):
    """A change of an account."""


@asynccontextmanager
async def tables(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables before the first request."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


def application() -> FastAPI:
    """The routes of the library where its documentation has them."""
    users = FastAPIUsers[User, uuid.UUID](user_manager, BACKENDS)
    app = FastAPI(lifespan=tables)
    for backend in BACKENDS:
        app.include_router(users.get_auth_router(backend), prefix=f"/auth/{backend.name}")
    app.include_router(users.get_register_router(UserRead, UserCreate), prefix="/auth")
    app.include_router(users.get_users_router(UserRead, UserUpdate), prefix="/users")
    return app


if __name__ == "__main__":
    uvicorn.run(application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
