"""Pointers to rows that tell nobody what is in them: a keyed hash of the row's key.

Whoever holds the key and the table finds the row again; whoever holds only the hash can neither read it
back nor try keys out. The key is the text of WEIR_HASH_KEY, which is never stored; where it is not set, a key
drawn for this process alone tells rows apart, and points to none of them afterwards.
"""

import hashlib
import hmac
import os
import secrets
from functools import cache

KEY = "WEIR_HASH_KEY"
LENGTH = 16
"""Hexadecimal digits: 64 bits, so that among a million rows two collide once in thirty million times."""


def pointer(row_key: str) -> str:
    """The keyed hash of a row's key: HMAC-SHA-256 (RFC 2104), its first 64 bits."""
    return hmac.new(_key(), row_key.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def _key() -> bytes:
    said = os.environ.get(KEY)
    return said.encode() if said else _drawn()


@cache
def _drawn() -> bytes:
    return secrets.token_bytes(32)
