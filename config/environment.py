"""Every environment variable we read: secrets, and what belongs to one machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import ConfigError

_MAIL_TO = "TRENDSCOUT_MAIL_TO_"  # …_DED: readers of the report for that region or cluster


@dataclass(frozen=True)
class Environment:
    """What the machine tells us; secrets never show in logs or errors."""

    data: Path | None  # TRENDSCOUT_DATA, the data folder
    smtp_host: str  # empty: no mail is sent
    smtp_port: int
    smtp_security: str  # starttls, tls or none
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: str
    mail_to: tuple[str, ...]
    mail_to_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by audience


def read_environment(values: Mapping[str, str] = os.environ) -> Environment:
    """The variables `TRENDSCOUT_…`; ConfigError names one that cannot be right."""
    security = values.get("TRENDSCOUT_SMTP_SECURITY", "starttls")
    if security not in {"starttls", "tls", "none"}:
        raise ConfigError("TRENDSCOUT_SMTP_SECURITY: expected starttls, tls or none")
    port = values.get("TRENDSCOUT_SMTP_PORT", "465" if security == "tls" else "587")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise ConfigError(f"TRENDSCOUT_SMTP_PORT: {port!r} is not a port")
    folder = values.get("TRENDSCOUT_DATA", "")
    return Environment(
        data=Path(folder) if folder else None,
        smtp_host=values.get("TRENDSCOUT_SMTP_HOST", ""),
        smtp_port=int(port),
        smtp_security=security,
        smtp_user=values.get("TRENDSCOUT_SMTP_USER", ""),
        smtp_password=values.get("TRENDSCOUT_SMTP_PASSWORD", ""),
        mail_from=values.get("TRENDSCOUT_MAIL_FROM", ""),
        mail_to=_addresses(values.get("TRENDSCOUT_MAIL_TO", "")),
        mail_to_for={
            name.removeprefix(_MAIL_TO): _addresses(value)
            for name, value in sorted(values.items())
            if name.startswith(_MAIL_TO) and value.strip()
        },
    )


def _addresses(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def secret(variable: str, values: Mapping[str, str] = os.environ) -> str:
    """The key a source names in `key_env`, empty when it is not set."""
    return values.get(variable, "").strip()
