"""A mail server: `SMTP_URL=smtps://user:password@host:465?from=cho@example.vn`, or `smtp://…:587` (STARTTLS where the
server offers it; a password is never sent without)."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from urllib.parse import parse_qs, unquote, urlsplit

from marketplace.notifications.port import Away, Letter, Undeliverable

TIMEOUT_SECONDS = 10


class Smtp:
    is_real = True

    def __init__(self, url: str, site_name: str, site_host: str, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL must be smtp://… or smtps://…")
        self.is_tls = parts.scheme == "smtps"
        self.host = parts.hostname
        self.port = parts.port or (465 if self.is_tls else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = (parse_qs(parts.query).get("from") or [f"no-reply@{site_host}"])[0]
        self.site_name, self.site_host, self.timeout = site_name, site_host, timeout

    def send(self, letter: Letter) -> None:
        mail = self._mail(letter)
        try:
            with self._connect() as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _ in problem.recipients.values()]
            kind = Undeliverable if all(code >= 500 for code in codes) else Away
            raise kind(f"the mail server refused the address: {codes}") from problem
        except smtplib.SMTPResponseException as problem:
            kind = Undeliverable if problem.smtp_code in (550, 552, 553, 554) else Away
            raise kind(f"the mail server answered {problem.smtp_code}") from problem
        except (OSError, smtplib.SMTPException) as problem:
            raise Away(f"the mail server cannot be reached: {type(problem).__name__}") from problem

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["To"] = letter.to
            mail["From"] = formataddr((self.site_name, self.sender))
            mail["Subject"] = letter.subject
        except ValueError as problem:
            raise Undeliverable("an address or subject that cannot stand in a header") from problem
        mail["Date"] = formatdate(localtime=False)
        # The same letter sent twice has one id, so that mail programs show it once.
        mail["Message-ID"] = f"<{letter.id}@{self.site_host}>"
        mail["Auto-Submitted"] = "auto-generated"
        # Also through servers that pass seven bits only.
        mail.set_content(letter.text, cte="quoted-printable")
        return mail

    def _connect(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        if self.is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=secure
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if not self.is_tls:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=secure)
                elif self.password:
                    raise Away("the mail server offers no encryption, so no password is sent to it")
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server
