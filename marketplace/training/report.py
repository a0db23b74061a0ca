"""One sheet of paper per class, for the association and the post office: what became of it, in figures and bars.

No learner is named on it: what somebody has reached is theirs and their trainer's.
"""

from collections import Counter
from collections.abc import Sequence

from marketplace.foundation import clock
from marketplace.foundation.money import dong
from marketplace.foundation.printed import PrintedSheet
from marketplace.foundation.show import moment
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.training import charts
from marketplace.training.charts import Bar
from marketplace.training.models import TrainingClass
from marketplace.training.outcomes import Results
from marketplace.training.queries import Progress
from marketplace.training.steps import BY_KEY

NAME_WIDE, COUNT_WIDE, BAR_HIGH = 62.0, 18.0, 4.2
LEAF, LINE = (31, 92, 58), (228, 222, 206)
MOST_STANDING = 5


def class_report(training_class: TrainingClass, rows: Sequence[Progress], result: Results) -> bytes:
    """The sheet as PDF, one page of A4 however large the class is."""
    held = training_class
    paper = PrintedSheet("A4", title=str(_("Báo cáo lớp %(title)s", title=held.title)), margin=16)
    paper.pdf.set_auto_page_break(False)
    paper.say(str(_("BÁO CÁO LỚP HỌC BÁN HÀNG")), 15, bold=True, gap=1)
    paper.say(held.title, 13, bold=True, gap=1)
    paper.fact(str(_("Thời gian")), moment(held.begins_at))
    paper.fact(str(_("Nơi học")), f"{held.place}, {places.commune_words(held.commune_code)}")
    paper.fact(str(_("Cán bộ hướng dẫn")), held.trainer.name)
    paper.fact(
        str(_("Học viên")), str(_("%(here)s có mặt trên %(all)s người", here=result.attended, all=len(rows)))
    )
    paper.rule()
    _bars(paper, _("Đường tới đơn hàng đầu tiên"), charts.funnel(rows))
    _bars(
        paper,
        _("Bán được hàng sau lớp"),
        charts.bars(
            [
                (_("trong 30 ngày"), result.active_30, result.learners),
                (_("trong 90 ngày"), result.active_90, result.learners),
            ]
        ),
    )
    paper.fact(str(_("Số món đã đăng")), str(result.listings))
    paper.fact(str(_("Số đơn đã giao")), str(result.orders))
    paper.fact(str(_("Tiền hàng")), dong(result.value_dong))
    paper.rule()
    _standing(paper, rows)
    paper.pdf.set_y(-58)
    paper.signatures(str(_("Cán bộ hướng dẫn")), str(_("Hội Nông dân")), str(_("Bưu điện")))
    paper.say(
        str(
            _(
                "Lập lúc %(at)s. Chỉ đếm người đã đồng ý cho lớp thấy các bước của mình; không nêu tên ai.",
                at=moment(clock.now()),
            )
        ),
        8,
    )
    return paper.done()


def _bars(paper: PrintedSheet, title: Text, bars: Sequence[Bar]) -> None:
    """Bars with their words and numbers beside them."""
    pdf = paper.pdf
    paper.say(str(title), 11, bold=True, gap=0.8)
    wide = paper.wide - NAME_WIDE - COUNT_WIDE
    for bar in bars:
        top = pdf.get_y()
        pdf.set_font("bvp", "", 9)
        pdf.cell(NAME_WIDE, 6, str(bar.name))
        pdf.set_fill_color(*LINE)
        pdf.rect(pdf.l_margin + NAME_WIDE, top + 0.9, wide, BAR_HIGH, style="F")
        if bar.percent:
            pdf.set_fill_color(*LEAF)
            pdf.rect(pdf.l_margin + NAME_WIDE, top + 0.9, wide * bar.percent / 100, BAR_HIGH, style="F")
        pdf.set_xy(pdf.l_margin + NAME_WIDE + wide, top)
        pdf.set_font("bvp", "B", 9)
        pdf.cell(COUNT_WIDE, 6, f"{bar.count}/{bar.of}", align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def _standing(paper: PrintedSheet, rows: Sequence[Progress]) -> None:
    """Before which step most stand, and what helps."""
    paper.say(str(_("Nhiều người đang dừng ở đâu")), 11, bold=True, gap=0.8)
    counted = Counter(one.next.key for one in rows if one.is_seen and one.next is not None)
    if not counted:
        paper.say(str(_("Không ai đang dừng.")), 9)
    for key, count in counted.most_common(MOST_STANDING):
        step = BY_KEY[key]
        paper.fact(str(_("%(count)s người %(waits)s", count=count, waits=step.waits)), str(step.deed), 9, 74)
