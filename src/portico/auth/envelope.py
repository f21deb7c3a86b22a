"""Sealing records, so that a dump of the store is useless (P7).

AES-256-GCM under a key of its own for each record: HKDF-SHA256 of the holder's secret, with the kind
and the key of the record as context. Both are also authenticated, so that a record moved to
another key, or read as another kind, does not open.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portico.values import Secret

_FORMAT = b"\x01"
_NONCE = 12


def seal(plain: bytes, *, secret: Secret, kind: str, key: str) -> bytes:
    """Seal `plain` as the record `key` of `kind`: one format byte, the nonce, the ciphertext."""
    context = _context(kind, key)
    nonce = secrets.token_bytes(_NONCE)
    return _FORMAT + nonce + AESGCM(_derive(secret, context)).encrypt(nonce, plain, context)


def unseal(blob: bytes, *, secret: Secret, kind: str, key: str) -> bytes | None:
    """What was sealed; None if it was not, with this secret, as this record."""
    if blob[:1] != _FORMAT or len(blob) <= _NONCE:
        return None
    context = _context(kind, key)
    nonce, sealed = blob[1 : 1 + _NONCE], blob[1 + _NONCE :]
    try:
        return AESGCM(_derive(secret, context)).decrypt(nonce, sealed, context)
    except InvalidTag:
        return None


def _context(kind: str, key: str) -> bytes:
    return b"portico\0" + _FORMAT + kind.encode() + b"\0" + key.encode()


def _derive(secret: Secret, context: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=context).derive(secret.reveal().encode())
