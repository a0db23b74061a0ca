"""The one exception that means "no, and here is the sentence to show the person"."""

from marketplace.foundation.words import Text, _


class Refusal(Exception):
    """A rule said no. The sentence tells the person what to do next; nothing was changed.

    `field` names the form field it belongs to, if it belongs to one; `status` is the HTTP status of the answer.
    """

    status = 422

    def __init__(self, sentence: Text | str, field: str | None = None, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.sentence)


class Missing(Refusal):
    """There is no such thing, or it is not this person's to see: both look the same from outside."""

    status = 404

    def __init__(self, sentence: Text | str | None = None) -> None:
        super().__init__(sentence or _("Không tìm thấy. Có thể địa chỉ đã gõ sai hoặc món này không còn."))


class Conflict(Refusal):
    """Something changed since the page was shown: look again, nothing was done."""

    status = 409


class Forbidden(Refusal):
    """The person is signed in, but this is not their desk."""

    status = 403
