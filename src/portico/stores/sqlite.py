"""Stores in one SQLite file: they survive restarts and `kill -9`, and several processes may share them.

Sessions, index and outbox are on the disk before a write returns. Visits, timelines, leases and counts
survive the death of a process, and may lose the last moment before a power cut.
"""

from datetime import timedelta
from pathlib import Path

from portico.clock import Clock
from portico.stores.database import Database
from portico.stores.key import checked, key_beside
from portico.stores.sqlite_filing import SQLiteOutbox, SQLiteSessionIndex, SQLiteTimelineStore
from portico.stores.sqlite_records import SQLiteSessionStore, SQLiteVisitStore
from portico.stores.sqlite_tally import SQLiteTally
from portico.stores.stores import Stores
from portico.values import Secret

#: How long a transaction may take before the store counts as unavailable.
PATIENCE = timedelta(milliseconds=500)

_VERSION = 3
# `number` gives versions, fences and the order of writing: never the same number twice.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (number INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
CREATE TABLE IF NOT EXISTS session (
    key TEXT PRIMARY KEY, blob BLOB NOT NULL, version INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS session_expiry ON session (expires_at);
CREATE TABLE IF NOT EXISTS filed (
    key TEXT PRIMARY KEY, number INTEGER NOT NULL, card BLOB NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS filed_expiry ON filed (expires_at);
CREATE TABLE IF NOT EXISTS tagged (
    tag TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL REFERENCES filed ON DELETE CASCADE,
    PRIMARY KEY (tag, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tagged_key ON tagged (key);
CREATE TABLE IF NOT EXISTS visit (
    key TEXT PRIMARY KEY, blob BLOB NOT NULL, version INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    tag TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS visit_tag ON visit (tag, version);
CREATE INDEX IF NOT EXISTS visit_expiry ON visit (expires_at);
CREATE TABLE IF NOT EXISTS outbox (
    key TEXT PRIMARY KEY, blob BLOB NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_at);
CREATE INDEX IF NOT EXISTS outbox_expiry ON outbox (expires_at);
CREATE TABLE IF NOT EXISTS timeline (
    key TEXT NOT NULL, number INTEGER NOT NULL, entry BLOB NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (key, number));
CREATE INDEX IF NOT EXISTS timeline_expiry ON timeline (expires_at);
CREATE TABLE IF NOT EXISTS lease (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS lease_expiry ON lease (expires_at);
CREATE TABLE IF NOT EXISTS taken (key TEXT PRIMARY KEY, expires_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS taken_expiry ON taken (expires_at)
"""


def open_sqlite(
    path: Path, clock: Clock, *, key: Secret | None = None, patience: timedelta = PATIENCE
) -> Stores:
    """The stores in the file `path`, which is made if it is not there, with mode 0600.

    Without `key` the server key lies beside it. Raises StoreUnavailable, ServerKeyUnusable.
    """
    database = Database(path, _SCHEMA, _VERSION, patience=patience)
    try:
        server_key = checked(key) if key else key_beside(path)
    except BaseException:
        database.shut()
        raise
    return Stores(
        sessions=SQLiteSessionStore(database, clock),
        index=SQLiteSessionIndex(database, clock),
        visits=SQLiteVisitStore(database, clock),
        outbox=SQLiteOutbox(database, clock),
        timeline=SQLiteTimelineStore(database, clock),
        tally=SQLiteTally(database, clock),
        key=server_key,
        durable=True,
        close=database.close,
    )
