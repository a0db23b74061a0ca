"""The register (form 07) as a file: rows of text, and nothing in them that a spreadsheet would take for a formula."""

from collections.abc import Iterable, Iterator

from marketplace.dossiers.models import Dossier
from marketplace.foundation import sheets
from marketplace.foundation.phones import show_phone
from marketplace.foundation.show import moment
from marketplace.foundation.words import _

HEADS = (
    _("Số thứ tự"),
    _("Mã hồ sơ"),
    _("Điểm tiếp nhận"),
    _("Thủ tục"),
    _("Người nộp"),
    _("Điện thoại"),
    _("Nộp lúc"),
    _("Tiếp nhận lúc"),
    _("Hẹn lần đầu"),
    _("Hẹn trả"),
    _("Tình trạng"),
    _("Trả kết quả lúc"),
    _("Người xử lý"),
    _("Văn bản của cơ quan"),
)
MOST_ROWS = 50_000


def rows(dossiers: Iterable[Dossier]) -> Iterator[list[str]]:
    """The lines of the register; telephones show their end only."""
    for dossier in dossiers:
        phone = show_phone(dossier.applicant.contact_phone or "")
        yield [
            str(dossier.book_no or ""),
            dossier.code,
            dossier.point.name if dossier.point is not None else "",
            dossier.procedure.name,
            dossier.applicant.name,
            f"••• {phone[-3:]}" if phone else "",
            *(
                moment(at) if at else ""
                for at in (dossier.submitted_at, dossier.received_at, dossier.promised_at, dossier.due_at)
            ),
            str(dossier.state.label),
            moment(dossier.returned_at) if dossier.returned_at else "",
            dossier.handler.name if dossier.handler is not None else "",
            dossier.agency_no,
        ]


def as_csv(dossiers: Iterable[Dossier]) -> bytes:
    return sheets.as_csv([HEADS, *rows(dossiers)])


def as_xlsx(dossiers: Iterable[Dossier]) -> bytes:
    return sheets.as_xlsx(str(_("Sổ theo dõi")), HEADS, rows(dossiers))
