"""The report as a message: the front page as text and HTML, the print edition attached."""

from datetime import UTC, date, datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from reports.model import WeeklyReport
from reports.templating import environment
from reports.view import view
from reports.wording import plain


def mail(report: WeeklyReport, pdf: bytes) -> EmailMessage:
    """An unsent draft without sender and recipients; the same report gives the same bytes."""
    values = view(report)
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = plain(f"{report.week}: {values['front']['headline']}", 180)
    message["Date"] = format_datetime(published_at(report.last_day))
    message["Message-ID"] = f"<{report.week}.{report.audience.code}@trendscout.invalid>"
    message["X-Unsent"] = "1"  # mail programs open it as a draft to forward
    message.set_content(environment().get_template("mail.txt.j2").render(values))
    message.add_alternative(
        environment().get_template("mail.html.j2").render(values), subtype="html"
    )
    message.add_attachment(
        pdf, maintype="application", subtype="pdf", filename=f"trendscout-{report.week}.pdf"
    )
    _fix_boundaries(message, report)
    return message


def addressed(draft: EmailMessage, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The draft as a message to send: recipients do not see each other."""
    from copy import deepcopy

    message = deepcopy(draft)
    del message["X-Unsent"]
    message["From"] = sender
    message["To"] = recipients[0] if len(recipients) == 1 else "undisclosed-recipients:;"
    return message


def published_at(last_day: str) -> datetime:
    """The Monday morning after the week: the date shown, whenever the report was made."""
    return datetime.combine(date.fromisoformat(last_day) + timedelta(days=1), time(6), UTC)


def _fix_boundaries(message: EmailMessage, report: WeeklyReport) -> None:
    for place, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_trendscout_{report.week}_{place}")
