"""Tokens at rest: encrypted with Fernet, under keys that can be rotated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from fullscript_embed.errors import EncryptionKeyMissing


class Cipher:
    """Encrypts with the first key and decrypts with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Raises EncryptionKeyMissing when no key fits or the text was changed."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken:
            raise EncryptionKeyMissing("no configured key opens this value") from None

    def opens(self, text: str) -> bool:
        """True when one of the keys decrypts *text*."""
        try:
            self.decrypt(text)
        except EncryptionKeyMissing:
            return False
        return True


def current_cipher() -> Cipher:
    """The current application's; needs an application context."""
    return cast("Cipher", current_app.extensions["fullscript.cipher"])
