"""The mail server's adapter against a small mail server, over a real socket."""

import socketserver
import threading
from email import message_from_string
from email.header import decode_header, make_header

import pytest

from marketplace.notifications.adapters.smtp import Smtp
from marketplace.notifications.port import Away, Letter, Undeliverable

pytestmark = pytest.mark.network_double
LETTER = Letter("GT7K2M9A", "lan@example.vn", "Chào Lan,\n\nđơn đã gửi.\n", "Đơn hàng đang trên đường")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[str] = []
        self.refuse: dict[str, str] = {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Talk(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say(self.server.refuse.get("CONNECT", "220 hello"))
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb in self.server.refuse:
                self.say(self.server.refuse[verb])
            elif verb == "DATA":
                self.say("354 go on")
                mail = []
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    mail.append(part)
                self.server.mails.append("".join(mail))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


@pytest.fixture
def server():
    with Server() as made:
        yield made
        made.shutdown()


def smtp(server, more="", user="") -> Smtp:
    return Smtp(
        f"smtp://{user}127.0.0.1:{server.server_address[1]}{more}", "Chợ Quê", "cho.example", timeout=2
    )


def test_a_mail_arrives_as_it_was_written(server):
    smtp(server).send(LETTER)
    mail = message_from_string(server.mails[0])
    assert str(make_header(decode_header(mail["Subject"]))) == LETTER.subject
    assert str(make_header(decode_header(mail["From"]))) == "Chợ Quê <no-reply@cho.example>"
    assert mail["To"] == "lan@example.vn"
    assert mail["Message-ID"] == "<GT7K2M9A@cho.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_payload(decode=True).decode().replace("\r\n", "\n") == LETTER.text


def test_the_sender_can_be_set(server):
    smtp(server, "?from=cho@buudien.example").send(LETTER)
    assert "cho@buudien.example" in message_from_string(server.mails[0])["From"]


def test_an_address_that_is_refused_will_never_get_it(server):
    server.refuse["RCPT"] = "550 nobody here"
    with pytest.raises(Undeliverable):
        smtp(server).send(LETTER)
    assert server.mails == []


@pytest.mark.parametrize(
    ("verb", "says"), [("RCPT", "450 later"), ("MAIL", "451 busy"), ("CONNECT", "421 full")]
)
def test_a_busy_server_is_asked_again(server, verb, says):
    server.refuse[verb] = says
    with pytest.raises(Away):
        smtp(server).send(LETTER)
    assert server.mails == []


def test_a_password_is_not_sent_without_encryption(server):
    with pytest.raises(Away, match="no encryption"):
        smtp(server, user="cho:secret@").send(LETTER)
    assert server.mails == []


def test_nobody_there():
    with pytest.raises(Away):
        Smtp("smtp://127.0.0.1:9", "Chợ Quê", "cho.example").send(LETTER)


@pytest.mark.parametrize("to", ["lan@example.vn\r\nBcc: all@example.vn", "a\nb"])
def test_no_header_is_smuggled_in(server, to):
    with pytest.raises(Undeliverable):
        smtp(server).send(Letter("X", to, "text", "subject"))
    assert server.mails == []


@pytest.mark.parametrize("url", ["", "http://x", "smtp://"])
def test_an_address_that_is_none_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="SMTP_URL"):
        Smtp(url, "Chợ Quê", "cho.example")
