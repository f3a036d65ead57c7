"""Digits → other digits, one for one under a key, by a Feistel network of HMAC-SHA256.

Two numbers of the same length never get the same image. Refuses to know: what the digits mean.

Source: the construction of NIST SP 800-38G (FF1), here with HMAC in place of AES and without its parameter limits. It
hides numbers from readers who do not have the key; with the key the way back can be computed.
"""

from __future__ import annotations

import hmac

__all__ = ["permuted"]

ROUNDS = 10


def permuted(symbols: str, key: bytes, tweak: bytes, *, alphabet: str = "0123456789") -> str:
    """The image of `symbols`, as long as they are.

    Args:
        symbols: characters of `alphabet`.
        key: 32 bytes.
        tweak: another tweak gives another permutation, such as one per kind of number.
        alphabet: of at least two characters.
    """
    radix = len(alphabet)
    values = [alphabet.index(symbol) for symbol in symbols]
    if len(values) < 2:
        shift = hmac.digest(key, tweak + b"|1", "sha256")[0]
        return "".join(alphabet[(value + shift) % radix] for value in values)
    half = len(values) // 2
    left, right = _number(values[:half], radix), _number(values[half:], radix)
    moduli = (radix**half, radix ** (len(values) - half))
    for number in range(ROUNDS):
        message = b"|".join((tweak, str((len(values), number, left if number % 2 else right)).encode()))
        mixed = int.from_bytes(hmac.digest(key, message, "sha256"), "big")
        if number % 2:
            right = (right + mixed) % moduli[1]
        else:
            left = (left + mixed) % moduli[0]
    return _symbols(left, half, alphabet) + _symbols(right, len(values) - half, alphabet)


def _number(values: list[int], radix: int) -> int:
    number = 0
    for value in values:
        number = number * radix + value
    return number


def _symbols(number: int, length: int, alphabet: str) -> str:
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        found.append(alphabet[digit])
    return "".join(reversed(found))
