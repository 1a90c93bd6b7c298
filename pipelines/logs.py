"""Logging, set up once by the command line: rich on a terminal, plain lines under cron."""

import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping

PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"
# In addresses and messages of libraries: `api_key=…`, `Authorization: Bearer …`.
_KEYS = re.compile(
    r"(?i)((?:api[-_]?key|access[-_]?token|token|secret|password|key|authorization)"
    r"\s*[=:]\s*(?:bearer\s+|basic\s+)?)([^\s&\"',;]{6,})"
)
_SECRET_NAMES = re.compile(r"(?i)(KEY|TOKEN|SECRET|PASSWORD)")


class Masked(logging.Filter):
    """Replaces keys in messages: those of our environment, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted({one for one in secrets if len(one) >= 6}, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: a record is changed, never dropped."""
        message = record.getMessage()
        hidden = self.hide(message)
        if hidden != message:
            record.msg, record.args = hidden, None
        return True

    def hide(self, text: str) -> str:
        """*text* with every key replaced."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _KEYS.sub(r"\1***", text)


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """Values of variables whose name says that they are secret."""
    return [value for name, value in environment.items() if _SECRET_NAMES.search(name)]


def set_up(*, verbose: bool = False) -> None:
    """Send log lines to standard error; called once, by the command line."""
    handler = _for_people() if sys.stderr.isatty() else _for_cron()
    handler.addFilter(Masked(secrets_of(os.environ)))
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True
    )
    for chatty in ("httpx", "urllib3", "fontTools", "numba", "matplotlib", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _for_cron() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(PLAIN, "%Y-%m-%d %H:%M:%S"))
    return handler


def _for_people() -> logging.Handler:
    from rich.console import Console
    from rich.logging import RichHandler

    return RichHandler(
        console=Console(stderr=True), show_path=False, markup=False, log_time_format="%H:%M:%S"
    )
