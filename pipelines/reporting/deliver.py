"""Sending a report by mail: once, to the readers the machine's environment names."""

import smtplib
import ssl
from email.message import EmailMessage

from config.environment import Environment
from config.errors import DeliveryFailed
from reports.mail import addressed

TIMEOUT = 30


def recipients(environment: Environment, audience: str) -> tuple[str, ...]:
    """Who gets this audience's report: `TRENDSCOUT_MAIL_TO` the overall one."""
    if audience == "all":
        return environment.mail_to
    return environment.mail_to_for.get(audience.upper(), ())


def check_mail(environment: Environment) -> None:
    """DeliveryFailed names what is missing before anything is sent."""
    needed = {
        "TRENDSCOUT_SMTP_HOST": environment.smtp_host,
        "TRENDSCOUT_MAIL_FROM": environment.mail_from,
        "TRENDSCOUT_MAIL_TO": environment.mail_to or environment.mail_to_for,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise DeliveryFailed(f"the report is published, but not sent: {', '.join(missing)} not set")


def send(draft: EmailMessage, environment: Environment, to: tuple[str, ...]) -> None:
    """Hand one message to the mail server; DeliveryFailed says what it answered."""
    try:
        message = addressed(draft, environment.mail_from, to)
        with _connect(environment) as server:
            if environment.smtp_user:
                server.login(environment.smtp_user, environment.smtp_password)
            refused = server.send_message(message, environment.mail_from, list(to))
    except (OSError, smtplib.SMTPException, ValueError) as exc:
        where = f"{environment.smtp_host}:{environment.smtp_port}"
        raise DeliveryFailed(f"{where}: {exc}") from exc
    if refused:
        raise DeliveryFailed(f"refused by the mail server: {', '.join(sorted(refused))}")


def _connect(environment: Environment) -> smtplib.SMTP:
    host, port = environment.smtp_host, environment.smtp_port
    if environment.smtp_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    if environment.smtp_security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server
