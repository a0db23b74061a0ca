"""A PDF that numbers its pages when there is more than one. On its own, as the library behind it takes long to load."""

from fpdf import FPDF


class NumberedPages(FPDF):
    """The number stands in the lower margin, in the family of type given."""

    def __init__(self, size: tuple[float, float], family: str) -> None:
        super().__init__(unit="mm", format=size)
        self.family = family
        self.is_last = False
        """Set before the file is written: a single page then carries no number."""

    def footer(self) -> None:
        page = self.page_no()
        if page == 1 and self.is_last:
            return
        self.set_y(-self.t_margin)
        self.set_font(self.family, "", 8)
        self.cell(self.epw, 5, f"{page}/{{nb}}", align="C")
