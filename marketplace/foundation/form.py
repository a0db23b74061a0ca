"""Our form fields: text in, typed values out, one plain sentence where it goes wrong."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, cast

from babel.support import Translations
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import (
    BooleanField,
    Field,
    FileField,
    HiddenField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, FileInput, Input, ListWidget, TextArea
from wtforms.widgets.core import clean_key

from marketplace.foundation import words
from marketplace.foundation.db import clean_text, new_code, transaction
from marketplace.foundation.files import ReadyPaper, read_paper
from marketplace.foundation.money import MAX_PRICE_DONG, dong, number, parse_dong
from marketplace.foundation.phones import parse_phone, show_phone
from marketplace.foundation.photos import ReadyPhoto, read_photo
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.words import Text, _


def tidy(value: Any) -> Any:
    """What every typed text goes through: NFC, no NUL, no spaces around."""
    return clean_text(value).strip() if isinstance(value, str) else value


@lru_cache(maxsize=4)
def _words_of_wtforms(code: str) -> Any:
    return Translations.load(messages_path(), [code], domain="wtforms")


class Form(FlaskForm):
    """One form per page. Text is tidied before it is judged; passwords keep their spaces."""

    class Meta(FlaskForm.Meta):
        locales = ["en"]

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            field_class = unbound_field.field_class
            if not issubclass(field_class, (PasswordField, FileField, SelectMultipleField)):
                options["filters"] = [tidy, *unbound_field.kwargs.pop("filters", ())]
            return unbound_field.bind(form=form, **options)

        def get_translations(self, form: Any) -> Any:
            """Words of WTForms itself. Flask-WTF reads their file anew for every request."""
            return _words_of_wtforms(words.language())

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            """WTForms builds an input attribute by attribute through templates of its own, which is most of what a
            short form costs; what nearly every field is, is written in one go, to the same letters."""
            kind = type(field.widget)
            if kind is not TextArea and kind.__call__ is not Input.__call__:
                return super().render_field(field, render_kw)
            facts = _facts_of(field, {**(field.render_kw or {}), **render_kw})
            if kind is TextArea:
                return _element(f"<textarea{_attributes(facts)}>\r\n{escape(field._value())}</textarea>")
            facts.setdefault("type", field.widget.input_type)
            if "value" not in facts:
                facts["value"] = field._value()
            return _element(f"<input{_attributes(facts)}>")

    def refuse(self, refusal: Refusal) -> None:
        """Show a rule's refusal beside its field, or on top of the form."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.sentence)
        else:
            field.errors = [*field.errors, refusal.sentence]

    def whole_numbers(
        self, typed: Mapping[str, str], fields: Mapping[int, tuple[str, str]]
    ) -> dict[int, int]:
        """Whole numbers typed in fields beside the form's own (key → the field's name, and what it counts); nothing
        typed is none. What is no number is said on top of the form."""
        found: dict[int, int] = {}
        for key, (name, label) in fields.items():
            said = typed.get(name, "").strip() or "0"
            if said.isascii() and said.isdigit() and len(said) < 7:
                found[key] = int(said)
            else:
                self.form_errors.append(_("“%(name)s”: hãy ghi số nguyên.", name=label))
        return found

    def does(self, deed: Callable[[], object]) -> bool:
        """Do the form's deed in one transaction. False when a field or a rule says no, and the form shows why; what
        is not there (Missing) and what somebody else changed meanwhile (Conflict) have a page of their own."""
        if not self.validate_on_submit():
            return False
        try:
            with transaction():
                deed()
        except (Missing, Conflict):
            raise
        except Refusal as refusal:
            self.refuse(refusal)
            return False
        return True

    @property
    def problems(self) -> list[tuple[str | None, Any]]:
        """All that is wrong as (field id, sentence), in page order, for the summary on top."""
        found: list[tuple[str | None, Any]] = [(None, sentence) for sentence in self.form_errors]
        for field in self:
            # What nobody sees nobody can be led to.
            is_seen = (field.render_kw or {}).get("type") != "hidden" and not isinstance(field, HiddenField)
            found.extend((field.id if is_seen else None, sentence) for sentence in _flat(field.errors))
        return found


def _facts_of(field: Field, given: dict[str, Any]) -> dict[str, Any]:
    """What stands in a field's tag: what the page gives, its names, what its rules say of it."""
    flags = vars(field.flags)
    facts = {clean_key(name): value for name, value in given.items()}
    facts.setdefault("id", field.id)
    for name in field.widget.validation_attrs:
        if name in flags:
            facts.setdefault(name, flags[name])
    facts["name"] = field.name
    return facts


def _attributes(facts: dict[str, Any]) -> str:
    parts = []
    for name, value in sorted(facts.items()):
        if value is True:
            parts.append(f" {name}")
        elif value is not False:
            parts.append(f' {name}="{escape(value)}"')
    return "".join(parts)


def _element(made: str) -> Markup:
    return Markup(made)  # noqa: S704  (every value in it is escaped; names of attributes are our own)


def _flat(errors: Iterable[Any]) -> Iterable[Any]:
    for error in errors:
        if isinstance(error, (list, tuple)):
            yield from _flat(error)
        else:
            yield error


def message(sentence: Text | str) -> str:
    """What WTForms calls a message. It only ever prints it, so a text that is put into words later will do, though its
    stubs say `str`."""
    return cast("str", sentence)


def required(sentence: Text | str) -> DataRequired:
    return DataRequired(message=message(sentence))


def _rules(must: Text | str | None, *more: Any) -> list[Any]:
    return [required(must) if must else Optional(), *more]


class LineField(StringField):
    """One line of text up to `max` characters. `must` is the sentence when it is left empty; none: may be empty."""

    def __init__(self, label: Any, max: int = 120, must: Text | str | None = None, **options: Any) -> None:
        too_long = _("Dài quá: tối đa %(max)s ký tự.", max=max)
        rules = _rules(must, Length(max=max, message=message(too_long)), _one_line)
        render = {"maxlength": max, **options.pop("render_kw", {})}
        super().__init__(label, [*rules, *options.pop("validators", [])], render_kw=render, **options)


def _one_line(form: Any, field: Field) -> None:
    if field.data and any(unicodedata.category(letter) == "Cc" for letter in field.data):
        raise ValidationError(message(_("Chỉ ghi một dòng, không xuống dòng.")))


class ProseField(TextAreaField):
    """Several lines of text up to `max` characters; line ends become plain newlines."""

    def __init__(self, label: Any, max: int = 4000, must: Text | str | None = None, **options: Any) -> None:
        too_long = _("Dài quá: tối đa %(max)s ký tự.", max=number(max))
        rules = _rules(must, Length(max=max, message=message(too_long)))
        render = {"maxlength": max, "rows": 4, **options.pop("render_kw", {})}
        super().__init__(label, [*rules, *options.pop("validators", [])], render_kw=render, **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([value.replace("\r\n", "\n") for value in valuelist])


class WholeField(StringField):
    """A whole number within bounds, written with or without dots. `.data` is an int or None."""

    widget_mode = "numeric"

    def __init__(
        self,
        label: Any,
        least: int = 0,
        most: int = 2_000_000_000,
        must: Text | str | None = None,
        show: Callable[[int], str] = number,
        **options: Any,
    ) -> None:
        self.least, self.most, self.must, self.show = least, most, must, show
        render = {"inputmode": self.widget_mode, "autocomplete": "off", **options.pop("render_kw", {})}
        super().__init__(label, options.pop("validators", []), render_kw=render, **options)
        self.flags.required = bool(must)
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = tidy(valuelist[0]) if valuelist else None
        self.data = None
        if not self.typed:
            return
        self.data = self.read(self.typed)

    def read(self, typed: str) -> int:
        whole = re.sub(r"(?<=\d)[.\s\u00a0](?=\d{3}(\D|$))", "", typed)
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", whole):
            raise ValueError(
                _("Hãy ghi một số nguyên, ví dụ %(example)s.", example=self.show(max(self.least, 2)))
            )
        return int(whole)

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.data is None:
            if self.must:
                raise StopValidation(message(self.must))
            return
        if not self.least <= self.data <= self.most:
            bounds = {"least": self.show(self.least), "most": self.show(self.most)}
            raise StopValidation(message(_("Phải từ %(least)s đến %(most)s.", **bounds)))

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else str(self.data)


class DongField(WholeField):
    """Whole đồng. Understands `125.000`, `125000 ₫`, `145k`, `1tr2`, `1,5 triệu`."""

    def __init__(
        self,
        label: Any,
        least: int = 1_000,
        most: int = MAX_PRICE_DONG,
        must: Text | str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(label, least=least, most=most, must=must, show=dong, **options)

    def read(self, typed: str) -> int:
        amount = parse_dong(typed)
        if amount is None:
            raise ValueError(_("Hãy ghi số tiền bằng đồng, ví dụ 125.000."))
        return amount


class QuantityField(WholeField):
    """How many: a whole number from 1 (or `least`) up to 999."""

    def __init__(self, label: Any, least: int = 1, most: int = 999, **options: Any) -> None:
        super().__init__(label, least=least, most=most, must=_("Hãy ghi số lượng."), **options)


class GramsField(WholeField):
    """Whole grams, up to a ton."""

    def __init__(self, label: Any, least: int = 1, most: int = 1_000_000, **options: Any) -> None:
        super().__init__(label, least=least, most=most, **options)


class PhoneField(StringField):
    """A Vietnamese telephone number; `.data` is E.164 (`+84912345678`)."""

    def __init__(self, label: Any, must: Text | str | None = None, **options: Any) -> None:
        self.must = must
        render = {"inputmode": "tel", "autocomplete": "tel", "type": "tel", **options.pop("render_kw", {})}
        super().__init__(label, options.pop("validators", []), render_kw=render, **options)
        self.flags.required = bool(must)
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = tidy(valuelist[0]) if valuelist else None
        self.data = None
        if self.typed:
            self.data = parse_phone(self.typed)
            if self.data is None:
                raise ValueError(_("Số điện thoại chưa đúng. Số di động có 10 chữ số, ví dụ 0912 345 678."))

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        if not self.data and self.must:
            raise StopValidation(message(self.must))

    def _value(self) -> str:
        return self.typed if self.typed is not None else show_phone(self.data) if self.data else ""


class DayField(StringField):
    """A day, from the phone's own date picker (`2026-11-21`) or typed `21/11/2026`. `.data` is a date or None."""

    def __init__(self, label: Any, must: Text | str | None = None, **options: Any) -> None:
        self.must = must
        super().__init__(
            label,
            options.pop("validators", []),
            render_kw={"type": "date", **options.pop("render_kw", {})},
            **options,
        )
        self.flags.required = bool(must)
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = tidy(valuelist[0]) if valuelist else None
        self.data = None
        if not self.typed:
            return
        for pattern, order in (
            (r"(\d{4})-(\d{1,2})-(\d{1,2})", (1, 2, 3)),
            (r"(\d{1,2})/(\d{1,2})/(\d{4})", (3, 2, 1)),
        ):
            if found := re.fullmatch(pattern, self.typed):
                try:
                    self.data = date(*(int(found[i]) for i in order))
                except ValueError:
                    break
                return
        raise ValueError(_("Ngày chưa đúng. Ví dụ 21/11/2026."))

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.data is None and self.must:
            raise StopValidation(message(self.must))

    def _value(self) -> str:
        return self.data.isoformat() if self.data else self.typed or ""


class _OneOf(SelectField):
    """One of a list. `choices` are (value, label), plain, and not as WTForms would rather have them."""

    def __init__(self, label: Any, must: Text | str | None = None, **options: Any) -> None:
        choices = options.pop("choices", [])
        rules = [*_rules(must), *options.pop("validators", [])]
        super().__init__(label, rules, validate_choice=False, choices=[], **options)
        self.choices = choices

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {str(choice[0]) for choice in self.choices or ()}:
            raise StopValidation(message(_("Hãy chọn một mục có trong danh sách.")))


class ChoiceField(_OneOf):
    """One of a list, as the phone's own select."""


class PickField(_OneOf, RadioField):
    """One of a few, as big radio cards."""

    def __init__(self, label: Any, must: Text | str | None = None, **options: Any) -> None:
        super().__init__(label, must, **options)
        self.type = "RadioField"


class SeveralField(SelectMultipleField):
    """Any of a few, as check-boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **options: Any) -> None:
        choices = options.pop("choices", [])
        super().__init__(label, choices=[], **options)
        self.choices = choices

    def pre_validate(self, form: Any) -> None:
        known = {str(choice[0]) for choice in self.choices or ()}
        if any(value not in known for value in self.data or ()):
            raise StopValidation(message(_("Hãy chọn các mục có trong danh sách.")))


class YesField(BooleanField):
    """A box to tick; `must` is the sentence when it has to be ticked."""

    def __init__(self, label: Any, must: Text | str | None = None, **options: Any) -> None:
        rules = [InputRequired(message=message(must))] if must else []
        super().__init__(label, [*rules, *options.pop("validators", [])], **options)

    def _value(self) -> str:
        """Ours, never what somebody sent instead."""
        return "y"


class SecretField(PasswordField):
    """A password: kept as typed but NFC, so that it is the same from every keyboard."""

    def __init__(self, label: Any, must: Text | str | None = None, max: int = 200, **options: Any) -> None:
        too_long = _("Dài quá: tối đa %(max)s ký tự.", max=max)
        super().__init__(
            label,
            [*_rules(must, Length(max=max, message=message(too_long))), *options.pop("validators", [])],
            **options,
        )

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([clean_text(value) for value in valuelist])


class PhotosField(MultipleFileField):
    """Pictures from a phone. They are read here, before any transaction: `.data` becomes the list of ReadyPhoto for
    `files.keep_photo`, and a picture we cannot take is refused beside the field."""

    def __init__(self, label: Any, most: int = 8, must: Text | str | None = None, **options: Any) -> None:
        self.most, self.must = most, must
        render = {"accept": "image/*", **options.pop("render_kw", {})}
        super().__init__(label, options.pop("validators", []), render_kw=render, **options)
        self.widget = FileInput(multiple=most > 1)
        self.flags.required = bool(must)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [file for file in valuelist if getattr(file, "filename", "")]

    def pre_validate(self, form: Any) -> None:
        if not self.data and self.must:
            raise StopValidation(message(self.must))
        if self.data and len(self.data) > self.most:
            raise StopValidation(message(_("Mỗi lần gửi tối đa %(most)s tấm hình.", most=self.most)))
        try:
            self.data = [
                file if isinstance(file, ReadyPhoto) else read_photo(file, file.filename)
                for file in self.data or ()
            ]
        except Refusal as refusal:
            raise StopValidation(message(refusal.sentence)) from None


class PaperField(FileField):
    """A private paper: a photo of it or a PDF. It is read here, before any transaction: `.data` becomes the ReadyPaper
    for `files.keep_paper`, and a file we cannot take is refused beside the field."""

    def __init__(self, label: Any, must: Text | str | None = None, **options: Any) -> None:
        self.must = must
        render = {"accept": "image/*,application/pdf", **options.pop("render_kw", {})}
        super().__init__(label, options.pop("validators", []), render_kw=render, **options)
        self.flags.required = bool(must)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = next((file for file in valuelist if getattr(file, "filename", "")), None)

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            if self.must:
                raise StopValidation(message(self.must))
            return
        try:
            if not isinstance(self.data, ReadyPaper):
                self.data = read_paper(self.data, self.data.filename)
        except Refusal as refusal:
            raise StopValidation(message(refusal.sentence)) from None


class OnceField(HiddenField):
    """A token that makes a form count once however often it is sent. One that could not be a token is not believed: the
    form comes back with a good one."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        if not re.fullmatch(r"[0-9A-Za-z_-]{8,40}", self.data or ""):
            self.data = None
            raise StopValidation(message(_("Trang này đã cũ. Hãy xem lại rồi gửi lần nữa.")))

    def _value(self) -> str:
        return self.data or new_code(length=20)
