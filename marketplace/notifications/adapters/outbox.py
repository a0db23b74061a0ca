"""Where no gateway is set up. On a developer's machine letters stay in the house and are read on /dev/outbox; in
production they cannot go, and each delivery says so."""

from marketplace.notifications.port import Letter, Undeliverable


class DevelopersOutbox:
    """Every letter counts as sent; /dev/outbox shows it."""

    is_real = False

    def send(self, letter: Letter) -> None:
        """It is in the table already."""


class NoCarrier:
    """Production without the setting for this channel."""

    is_real = False

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def send(self, letter: Letter) -> None:
        raise Undeliverable(f"{self.setting} is not set")
