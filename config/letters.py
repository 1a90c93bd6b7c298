"""Letters as people compare them, whoever typed them."""

import unicodedata


def without_accents(text: str) -> str:
    """*text* without the marks that Unicode can take off its letters: "é" becomes "e"."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
