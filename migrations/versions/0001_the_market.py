"""The market

From nothing to 0001.
"""

import sqlalchemy as sa
from alembic import op

from marketplace.payments import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_rule",
        sa.Column("first_reminder_hours", sa.Integer(), nullable=False),
        sa.Column("second_reminder_hours", sa.Integer(), nullable=False),
        sa.Column("point_calls_hours", sa.Integer(), nullable=False),
        sa.Column("cancel_hours", sa.Integer(), nullable=False),
        sa.Column("unpaid_minutes", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_answer_rule_code")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("for_id", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("record_code", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_record", ["record_type", "record_id"], unique=False)

    op.create_table(
        "carriage_rule",
        sa.Column("prepaid_back", sa.String(length=16), nullable=False),
        sa.Column("cod_out", sa.String(length=16), nullable=False),
        sa.Column("cod_back", sa.String(length=16), nullable=False),
        sa.Column("back_per_10_000", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carriage_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_carriage_rule_code")),
    )
    op.create_table(
        "carrier_call",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_call")),
        sa.UniqueConstraint("code", name=op.f("uq_carrier_call_code")),
        sa.UniqueConstraint("mark", name=op.f("uq_carrier_call_mark")),
    )
    op.create_table(
        "carton_list",
        sa.Column("cartons", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carton_list")),
        sa.UniqueConstraint("code", name=op.f("uq_carton_list_code")),
    )
    op.create_table(
        "claim_rule",
        sa.Column("fresh_hours", sa.Integer(), nullable=False),
        sa.Column("dry_days", sa.Integer(), nullable=False),
        sa.Column("not_as_described_days", sa.Integer(), nullable=False),
        sa.Column("answer_hours", sa.Integer(), nullable=False),
        sa.Column("decide_days", sa.Integer(), nullable=False),
        sa.Column("appeal_days", sa.Integer(), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("complaint_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_claim_rule_code")),
    )
    op.create_table(
        "day_override",
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_override")),
        sa.UniqueConstraint("code", name=op.f("uq_day_override_code")),
    )
    op.create_table(
        "document",
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("code", name=op.f("uq_document_code")),
        sa.UniqueConstraint("series", "key", name=op.f("uq_document_series_key")),
        sa.UniqueConstraint("series", "year", "number", name=op.f("uq_document_series_year_number")),
    )
    op.create_table(
        "document_counter",
        sa.Column("series", sa.String(length=4), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_document_counter")),
    )
    op.create_table(
        "door_phone",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_phone")),
        sa.UniqueConstraint("code", name=op.f("uq_door_phone_code")),
        sa.UniqueConstraint("phone", name=op.f("uq_door_phone_phone")),
    )
    op.create_table(
        "door_rule",
        sa.Column("known_after", sa.Integer(), nullable=False),
        sa.Column("confirm_hours", sa.Integer(), nullable=False),
        sa.Column("most_open", sa.Integer(), nullable=False),
        sa.Column("most_open_dong", sa.BigInteger(), nullable=False),
        sa.Column("most_refused", sa.Integer(), nullable=False),
        sa.Column("refused_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "confirm_hours > 0 AND most_open > 0 AND most_open_dong > 0", name=op.f("ck_door_rule_sane")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_door_rule_code")),
    )
    op.create_table(
        "dossier_book",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_book")),
        sa.UniqueConstraint("code", name=op.f("uq_dossier_book_code")),
        sa.UniqueConstraint("key", name=op.f("uq_dossier_book_key")),
    )
    op.create_table(
        "fee_rule",
        sa.Column("commission_per_10_000", sa.Integer(), nullable=False),
        sa.Column("holding_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_fee_rule_code")),
    )
    op.create_table(
        "keeping_rule",
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_keeping_rule_code")),
    )
    with op.batch_alter_table("keeping_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_keeping_rule_what"), ["what"], unique=False)

    op.create_table(
        "kept_quote",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_quote")),
        sa.UniqueConstraint("code", name=op.f("uq_kept_quote_code")),
        sa.UniqueConstraint("key", name=op.f("uq_kept_quote_key")),
    )
    with op.batch_alter_table("kept_quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_quote_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "ledger_zero",
        sa.Column("dong", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("dong", name=op.f("pk_ledger_zero")),
    )
    op.create_table(
        "listing_policy",
        sa.Column("first_listings", sa.Integer(), nullable=False),
        sa.Column("names_are_checked", sa.Boolean(), nullable=False),
        sa.Column("odd_price_factor", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_policy")),
        sa.UniqueConstraint("code", name=op.f("uq_listing_policy_code")),
    )
    op.create_table(
        "listing_rule",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("unless", sa.JSON(), nullable=False),
        sa.Column("set_nos", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_listing_rule_code")),
    )
    with op.batch_alter_table("listing_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_rule_kind"), ["kind"], unique=False)

    op.create_table(
        "message",
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("code", name=op.f("uq_message_code")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_inbox", ["person_id", "read_at"], unique=False)

    op.create_table(
        "outbox_job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_job")),
    )
    with op.batch_alter_table("outbox_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_job_name"), ["name"], unique=False)
        batch_op.create_index("ix_outbox_job_waiting", ["done_at", "run_after"], unique=False)

    op.create_table(
        "own_words",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("same", sa.JSON(), nullable=False),
        sa.Column("but_not", sa.JSON(), nullable=False),
        sa.Column("taken_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_words")),
        sa.UniqueConstraint("code", name=op.f("uq_own_words_code")),
    )
    op.create_table(
        "pay_time_rule",
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("top_up_minutes", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_time_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_pay_time_rule_code")),
    )
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("claimed_phone", sa.String(length=20), nullable=True),
        sa.Column("claimed_email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data_consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL OR claimed_phone IS NOT NULL OR forgotten_at IS NOT NULL",
            name=op.f("ck_person_reachable"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_person_phone")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_claimed_phone"), ["claimed_phone"], unique=False)

    op.create_table(
        "procedure",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("audience_en", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("fee_dong", sa.BigInteger(), nullable=False),
        sa.Column("fee_varies", sa.Boolean(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("handler_role", sa.String(length=16), nullable=False),
        sa.Column("returned_by", sa.String(length=16), nullable=False),
        sa.Column("return_ways", sa.JSON(), nullable=False),
        sa.Column("handlers", sa.JSON(), nullable=False),
        sa.Column("intakes", sa.JSON(), nullable=False),
        sa.Column("agency", sa.String(length=200), nullable=False),
        sa.Column("agency_en", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.String(length=60), nullable=False),
        sa.Column("starts_at", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure")),
        sa.UniqueConstraint("code", name=op.f("uq_procedure_code")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_procedure_key_valid_from")),
    )
    op.create_table(
        "remote_commune",
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("is_reached", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_commune")),
        sa.UniqueConstraint("code", name=op.f("uq_remote_commune_code")),
    )
    with op.batch_alter_table("remote_commune", schema=None) as batch_op:
        batch_op.create_index("ix_remote_commune_code", ["commune_code", "valid_from"], unique=False)

    op.create_table(
        "search_touch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_touch")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("search_touch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_touch_at"), ["at"], unique=False)

    op.create_table(
        "searched_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("words", sa.String(length=160), nullable=False),
        sa.Column("written", sa.String(length=160), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("found_nothing", sa.Integer(), nullable=False),
        sa.Column("led_on", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searched_words")),
        sa.UniqueConstraint("week", "province", "words", name=op.f("uq_searched_words_week_province_words")),
    )
    op.create_table(
        "service_number",
        sa.Column("indicator", sa.String(length=2), nullable=False),
        sa.Column("next_serial", sa.Integer(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_number")),
        sa.UniqueConstraint("code", name=op.f("uq_service_number_code")),
        sa.UniqueConstraint("indicator", name=op.f("uq_service_number_indicator")),
    )
    op.create_table(
        "service_point",
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("postcode", sa.String(length=5), nullable=True),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("commune_key", sa.String(length=60), nullable=False),
        sa.Column("search_key", sa.String(length=500), nullable=False),
        sa.Column("hours_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_point")),
        sa.UniqueConstraint("code", name=op.f("uq_service_point_code")),
        sa.UniqueConstraint("commune_code", "name", name=op.f("uq_service_point_commune_code_name")),
    )
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_point_commune_code"), ["commune_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_point_province_code"), ["province_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_point_state"), ["state"], unique=False)

    op.create_table(
        "stored_paper",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_paper")),
        sa.UniqueConstraint("code", name=op.f("uq_stored_paper_code")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_paper_key")),
    )
    with op.batch_alter_table("stored_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_paper_uploaded_by"), ["uploaded_by"], unique=False)

    op.create_table(
        "stored_photo",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("original_type", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("sizes_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_photo")),
        sa.UniqueConstraint("code", name=op.f("uq_stored_photo_code")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_photo_key")),
    )
    with op.batch_alter_table("stored_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_photo_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_photo_uploaded_by"), ["uploaded_by"], unique=False)

    op.create_table(
        "tariff",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_illustration", sa.Boolean(), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
        sa.UniqueConstraint("code", name=op.f("uq_tariff_code")),
    )
    op.create_table(
        "throttle",
        sa.Column("account", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("window_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle")),
        sa.UniqueConstraint("account", "purpose", name=op.f("uq_throttle_account_purpose")),
        sa.UniqueConstraint("code", name=op.f("uq_throttle_code")),
    )
    op.create_table(
        "transfer_rule",
        sa.Column("case", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("limit_dong", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_transfer_rule_code")),
    )
    op.create_table(
        "wish",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("code", name=op.f("uq_wish_code")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wish_person_id"), ["person_id"], unique=False)

    op.create_table(
        "worker_beat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["person.id"], name=op.f("fk_bank_statement_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_statement_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_bank_statement_digest")),
    )
    with op.batch_alter_table("bank_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_statement_state"), ["state"], unique=False)

    op.create_table(
        "cart",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cart_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("code", name=op.f("uq_cart_code")),
        sa.UniqueConstraint("person_id", name=op.f("uq_cart_person_id")),
        sa.UniqueConstraint("token", name=op.f("uq_cart_token")),
    )
    with op.batch_alter_table("cart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cart_touched_at"), ["touched_at"], unique=False)

    op.create_table(
        "closed_month",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sums", sa.JSON(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_closed_month_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_month")),
        sa.UniqueConstraint("code", name=op.f("uq_closed_month_code")),
        sa.UniqueConstraint("month", name=op.f("uq_closed_month_month")),
    )
    op.create_table(
        "complaint",
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_complaint_answered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_complaint_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("code", name=op.f("uq_complaint_code")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_due", ["state", "answer_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_state"), ["state"], unique=False)

    op.create_table(
        "consent",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("helper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["helper_id"], ["person.id"], name=op.f("fk_consent_helper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("code", name=op.f("uq_consent_code")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_pair", ["helper_id", "person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_scope"), ["scope"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_state"), ["state"], unique=False)

    op.create_table(
        "correction",
        sa.Column("to_account", sa.String(length=40), nullable=False),
        sa.Column("from_account", sa.String(length=40), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_correction_positive")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_correction_approved_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_correction_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("code", name=op.f("uq_correction_code")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_state"), ["state"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_secret", sa.Boolean(), nullable=False),
        sa.Column("use_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("code", name=op.f("uq_delivery_code")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_state"), ["state"], unique=False)

    op.create_table(
        "door_appeal",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_appeal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_appeal")),
        sa.UniqueConstraint("code", name=op.f("uq_door_appeal_code")),
    )
    with op.batch_alter_table("door_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_appeal_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_appeal_phone"), ["phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_appeal_state"), ["state"], unique=False)

    op.create_table(
        "dossier",
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("applicant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.String(length=16), nullable=False),
        sa.Column("handler_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("intake", sa.String(length=32), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("brought_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("book_no", sa.Integer(), nullable=True),
        sa.Column("fee_dong", sa.BigInteger(), nullable=False),
        sa.Column("return_way", sa.String(length=32), nullable=False),
        sa.Column("return_address", sa.String(length=300), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_to_agency_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_from_agency_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agency_no", sa.String(length=60), nullable=False),
        sa.Column("agency_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appraised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["applicant_id"], ["person.id"], name=op.f("fk_dossier_applicant_id")),
        sa.ForeignKeyConstraint(["brought_by_id"], ["person.id"], name=op.f("fk_dossier_brought_by_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["person.id"], name=op.f("fk_dossier_handler_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_dossier_procedure_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_dossier_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("code", name=op.f("uq_dossier_code")),
    )
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_applicant_id"), ["applicant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_service_point_id"), ["service_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_state"), ["state"], unique=False)
        batch_op.create_index("ix_dossier_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "farm",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("province_code", sa.String(length=2), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("pin_is_own", sa.Boolean(), nullable=False),
        sa.Column("handling_days", sa.Integer(), nullable=False),
        sa.Column("is_illustration", sa.Boolean(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("suspended_because", sa.Text(), nullable=True),
        sa.Column("open_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_photo.id"], name=op.f("fk_farm_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farm")),
        sa.UniqueConstraint("code", name=op.f("uq_farm_code")),
    )
    with op.batch_alter_table("farm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farm_commune_code"), ["commune_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_farm_province_code"), ["province_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_farm_state"), ["state"], unique=False)

    op.create_table(
        "hand_over",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_hand_over_made_by_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_hand_over_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
        sa.UniqueConstraint("code", name=op.f("uq_hand_over_code")),
        sa.UniqueConstraint("number", name=op.f("uq_hand_over_number")),
    )
    with op.batch_alter_table("hand_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_over_service_point_id"), ["service_point_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_invitation_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code", name=op.f("uq_invitation_code")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitation_secret_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_role"), ["role"], unique=False)

    op.create_table(
        "manifest",
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("parcel_count", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_manifest_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
        sa.UniqueConstraint("code", name=op.f("uq_manifest_code")),
    )
    with op.batch_alter_table("manifest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_manifest_service_point_id"), ["service_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_manifest_state"), ["state"], unique=False)

    op.create_table(
        "one_time_code",
        sa.Column("account", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("code", name=op.f("uq_one_time_code_code")),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index("ix_one_time_code_account", ["account", "purpose"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_code_secret_hash"), ["secret_hash"], unique=False)

    op.create_table(
        "order_",
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("secret", sa.String(length=32), nullable=False),
        sa.Column("once", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("payment_method", sa.String(length=16), nullable=False),
        sa.Column("pay_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("goods_dong", sa.BigInteger(), nullable=False),
        sa.Column("shipping_dong", sa.BigInteger(), nullable=False),
        sa.Column("cod_fee_dong", sa.BigInteger(), nullable=False),
        sa.Column("discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("total_dong", sa.BigInteger(), nullable=False),
        sa.Column("voucher_code", sa.String(length=40), nullable=True),
        sa.Column("voucher_least_dong", sa.BigInteger(), nullable=False),
        sa.Column("if_short", sa.String(length=32), nullable=False),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=32), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "discount_dong >= 0 AND total_dong >= 0 AND total_dong = goods_dong + shipping_dong + cod_fee_dong - discount_dong",
            name=op.f("ck_order__adds_up"),
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["person.id"], name=op.f("fk_order__buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_")),
        sa.UniqueConstraint("code", name=op.f("uq_order__code")),
        sa.UniqueConstraint("once", name=op.f("uq_order__once")),
    )
    with op.batch_alter_table("order_", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order__buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order__confirm_by"), ["confirm_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_order__pay_until"), ["pay_until"], unique=False)
        batch_op.create_index("ix_order_phone", ["phone", "id"], unique=False)

    op.create_table(
        "payout_batch",
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("total_dong", sa.BigInteger(), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_reference", sa.String(length=80), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_payout_batch_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"], ["person.id"], name=op.f("fk_payout_batch_prepared_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_payout_batch_code")),
    )
    with op.batch_alter_table("payout_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_batch_state"), ["state"], unique=False)

    op.create_table(
        "post_held",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(service_point_id IS NULL) <> (commune_code IS NULL)", name=op.f("ck_post_held_one_place")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_held_person_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_post_held_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_held")),
        sa.UniqueConstraint("code", name=op.f("uq_post_held_code")),
    )
    with op.batch_alter_table("post_held", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_held_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_post_held_place", ["service_point_id", "commune_code"], unique=False)

    op.create_table(
        "practice_report",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practice_report_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_report")),
        sa.UniqueConstraint("code", name=op.f("uq_practice_report_code")),
        sa.UniqueConstraint("person_id", "step", name=op.f("uq_practice_report_person_id_step")),
    )
    op.create_table(
        "role_held",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_held_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_held")),
        sa.UniqueConstraint("code", name=op.f("uq_role_held_code")),
        sa.UniqueConstraint("person_id", "role", name=op.f("uq_role_held_person_id_role")),
    )
    with op.batch_alter_table("role_held", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_held_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_held_role"), ["role"], unique=False)

    op.create_table(
        "saved_address",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_address_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_address")),
        sa.UniqueConstraint("code", name=op.f("uq_saved_address_code")),
    )
    with op.batch_alter_table("saved_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_address_person_id"), ["person_id"], unique=False)

    op.create_table(
        "service_point_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["service_point.id"],
            name=op.f("fk_service_point_exception_point_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_point_exception")),
        sa.UniqueConstraint("point_id", "day", name=op.f("uq_service_point_exception_point_id_day")),
    )
    with op.batch_alter_table("service_point_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_point_exception_point_id"), ["point_id"], unique=False)

    op.create_table(
        "service_point_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_service_point_hours_opens_before_it_closes")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_service_point_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["service_point.id"],
            name=op.f("fk_service_point_hours_point_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_point_hours")),
    )
    with op.batch_alter_table("service_point_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_point_hours_point_id"), ["point_id"], unique=False)

    op.create_table(
        "service_point_pickup",
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["service_point.id"],
            name=op.f("fk_service_point_pickup_point_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("point_id", "commune_code", name=op.f("pk_service_point_pickup")),
    )
    with op.batch_alter_table("service_point_pickup", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_service_point_pickup_commune_code"), ["commune_code"], unique=False
        )

    op.create_table(
        "sign_in",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("code", name=op.f("uq_sign_in_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "tax_rule",
        sa.Column("farm_kind", sa.String(length=16), nullable=False),
        sa.Column("tax_class", sa.String(length=32), nullable=False),
        sa.Column("vat_per_10_000", sa.Integer(), nullable=False),
        sa.Column("pit_per_10_000", sa.Integer(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_tax_rule_approved_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_tax_rule_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_tax_rule_code")),
    )
    with op.batch_alter_table("tax_rule", schema=None) as batch_op:
        batch_op.create_index("ix_tax_rule_class", ["farm_kind", "tax_class", "valid_from"], unique=False)

    op.create_table(
        "till",
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clerk_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("float_dong", sa.BigInteger(), nullable=False),
        sa.Column("counted_dong", sa.BigInteger(), nullable=True),
        sa.Column("counted_notes", sa.JSON(), nullable=True),
        sa.Column("expected_dong", sa.BigInteger(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("taken_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("handed_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("float_dong >= 0", name=op.f("ck_till_float_not_negative")),
        sa.ForeignKeyConstraint(["clerk_id"], ["person.id"], name=op.f("fk_till_clerk_id")),
        sa.ForeignKeyConstraint(["handed_to_id"], ["person.id"], name=op.f("fk_till_handed_to_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_till_service_point_id")
        ),
        sa.ForeignKeyConstraint(["taken_from_id"], ["till.id"], name=op.f("fk_till_taken_from_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till")),
        sa.UniqueConstraint("code", name=op.f("uq_till_code")),
        sa.UniqueConstraint("taken_from_id", name=op.f("uq_till_taken_from_id")),
    )
    with op.batch_alter_table("till", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_till_clerk_id"), ["clerk_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_till_service_point_id"), ["service_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_till_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_till_open",
            ["service_point_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "training_class",
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("join_code", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_training_class_begins_before_it_ends")),
        sa.CheckConstraint("seats BETWEEN 1 AND 200", name=op.f("ck_training_class_seats")),
        sa.ForeignKeyConstraint(["trainer_id"], ["person.id"], name=op.f("fk_training_class_trainer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_class")),
        sa.UniqueConstraint("code", name=op.f("uq_training_class_code")),
        sa.UniqueConstraint("join_code", name=op.f("uq_training_class_join_code")),
    )
    with op.batch_alter_table("training_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_class_begins_at"), ["begins_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_class_commune_code"), ["commune_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_class_province_code"), ["province_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_class_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_class_trainer_id"), ["trainer_id"], unique=False)

    op.create_table(
        "upload",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("once", sa.String(length=80), nullable=True),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_photo.id"], name=op.f("fk_upload_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("code", name=op.f("uq_upload_code")),
        sa.UniqueConstraint("once", name=op.f("uq_upload_once")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_person_id"), ["person_id"], unique=False)

    op.create_table(
        "bank_account",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("bank_bin", sa.String(length=6), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_end", sa.String(length=4), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("number_print", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payouts_held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_bank_account_farm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_account_code")),
        sa.UniqueConstraint("farm_id", name=op.f("uq_bank_account_farm_id")),
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_account_number_print"), ["number_print"], unique=False)

    op.create_table(
        "class_assistant",
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["training_class.id"], name=op.f("fk_class_assistant_class_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_class_assistant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_assistant")),
        sa.UniqueConstraint("class_id", "person_id", name=op.f("uq_class_assistant_class_id_person_id")),
        sa.UniqueConstraint("code", name=op.f("uq_class_assistant_code")),
    )
    with op.batch_alter_table("class_assistant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_assistant_person_id"), ["person_id"], unique=False)

    op.create_table(
        "dossier_extension",
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("old_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_dossier_extension_by_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_extension_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_extension")),
        sa.UniqueConstraint("code", name=op.f("uq_dossier_extension_code")),
    )
    with op.batch_alter_table("dossier_extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_extension_dossier_id"), ["dossier_id"], unique=False)

    op.create_table(
        "dossier_paper",
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_paper_dossier_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["stored_paper.id"], name=op.f("fk_dossier_paper_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_paper")),
        sa.UniqueConstraint("code", name=op.f("uq_dossier_paper_code")),
    )
    with op.batch_alter_table("dossier_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_paper_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_paper_paper_id"), ["paper_id"], unique=False)

    op.create_table(
        "farm_member",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_farm_member_farm_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_farm_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farm_member")),
        sa.UniqueConstraint("code", name=op.f("uq_farm_member_code")),
        sa.UniqueConstraint("farm_id", "person_id", name=op.f("uq_farm_member_farm_id_person_id")),
    )
    with op.batch_alter_table("farm_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farm_member_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_farm_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "farm_order",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("goods_dong", sa.BigInteger(), nullable=False),
        sa.Column("shipping_dong", sa.BigInteger(), nullable=False),
        sa.Column("cod_fee_dong", sa.BigInteger(), nullable=False),
        sa.Column("farm_discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("market_discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("farm_freight_discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("market_freight_discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("short_dong", sa.BigInteger(), nullable=False),
        sa.Column("service_code", sa.String(length=32), nullable=False),
        sa.Column("service_name", sa.String(length=120), nullable=False),
        sa.Column("quote", sa.JSON(), nullable=False),
        sa.Column("promised_from", sa.Date(), nullable=False),
        sa.Column("promised_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_count", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at_door_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returning_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "farm_discount_dong >= 0 AND market_discount_dong >= 0 AND farm_discount_dong + market_discount_dong <= goods_dong",
            name=op.f("ck_farm_order_discount_within_goods"),
        ),
        sa.CheckConstraint(
            "farm_freight_discount_dong >= 0 AND market_freight_discount_dong >= 0 AND farm_freight_discount_dong + market_freight_discount_dong <= shipping_dong",
            name=op.f("ck_farm_order_discount_within_freight"),
        ),
        sa.CheckConstraint(
            "goods_dong >= 0 AND shipping_dong >= 0 AND short_dong >= 0",
            name=op.f("ck_farm_order_not_negative"),
        ),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_farm_order_farm_id")),
        sa.ForeignKeyConstraint(["order_id"], ["order_.id"], name=op.f("fk_farm_order_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farm_order")),
        sa.UniqueConstraint("code", name=op.f("uq_farm_order_code")),
    )
    with op.batch_alter_table("farm_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farm_order_answer_by"), ["answer_by"], unique=False)
        batch_op.create_index("ix_farm_order_desk", ["farm_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_farm_order_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_farm_order_state"), ["state"], unique=False)

    op.create_table(
        "fee_receipt",
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("taken_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_fee_receipt_dossier_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_fee_receipt_service_point_id")
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_fee_receipt_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_receipt")),
        sa.UniqueConstraint("code", name=op.f("uq_fee_receipt_code")),
        sa.UniqueConstraint("dossier_id", name=op.f("uq_fee_receipt_dossier_id")),
    )
    op.create_table(
        "goods_sheet",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("added_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("same_count", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_goods_sheet_farm_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_goods_sheet_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_sheet")),
        sa.UniqueConstraint("code", name=op.f("uq_goods_sheet_code")),
    )
    with op.batch_alter_table("goods_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goods_sheet_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_goods_sheet_state"), ["state"], unique=False)

    op.create_table(
        "hand_over_line",
        sa.Column("hand_over_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_hand_over_line_dossier_id")),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_over.id"], name=op.f("fk_hand_over_line_hand_over_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over_line")),
        sa.UniqueConstraint("code", name=op.f("uq_hand_over_line_code")),
        sa.UniqueConstraint(
            "hand_over_id", "dossier_id", name=op.f("uq_hand_over_line_hand_over_id_dossier_id")
        ),
    )
    with op.batch_alter_table("hand_over_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_over_line_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hand_over_line_hand_over_id"), ["hand_over_id"], unique=False)

    op.create_table(
        "identity",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("personal_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("personal_id_end", sa.String(length=4), nullable=False),
        sa.Column("tax_code", sa.String(length=14), nullable=True),
        sa.Column("personal_id_print", sa.String(length=64), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_identity_farm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("code", name=op.f("uq_identity_code")),
        sa.UniqueConstraint("farm_id", name=op.f("uq_identity_farm_id")),
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_identity_personal_id_print"), ["personal_id_print"], unique=False
        )

    op.create_table(
        "learner",
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("came_by", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_learner_class_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_learner_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
        sa.UniqueConstraint("class_id", "phone", name=op.f("uq_learner_class_id_phone")),
        sa.UniqueConstraint("code", name=op.f("uq_learner_code")),
    )
    with op.batch_alter_table("learner", schema=None) as batch_op:
        batch_op.create_index("ix_learner_person", ["person_id", "class_id"], unique=False)
        batch_op.create_index("ix_learner_phone", ["phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_learner_state"), ["state"], unique=False)

    op.create_table(
        "payout_slip",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("gross_dong", sa.BigInteger(), nullable=False),
        sa.Column("deducted_dong", sa.BigInteger(), nullable=False),
        sa.Column("net_dong", sa.BigInteger(), nullable=False),
        sa.Column("sent_reference", sa.String(length=80), nullable=True),
        sa.Column("cash_code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("handed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "net_dong >= 0 AND net_dong = gross_dong - deducted_dong", name=op.f("ck_payout_slip_adds_up")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["payout_batch.id"], name=op.f("fk_payout_slip_batch_id")),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_payout_slip_farm_id")),
        sa.ForeignKeyConstraint(["handed_by_id"], ["person.id"], name=op.f("fk_payout_slip_handed_by_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_payout_slip_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_slip")),
        sa.UniqueConstraint("code", name=op.f("uq_payout_slip_code")),
    )
    with op.batch_alter_table("payout_slip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_slip_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_slip_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_slip_state"), ["state"], unique=False)

    op.create_table(
        "placing",
        sa.Column("cart_code", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order_.id"], name=op.f("fk_placing_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placing")),
        sa.UniqueConstraint("cart_code", "round", name=op.f("uq_placing_cart_code_round")),
        sa.UniqueConstraint("code", name=op.f("uq_placing_code")),
        sa.UniqueConstraint("order_id", name=op.f("uq_placing_order_id")),
    )
    with op.batch_alter_table("placing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placing_finished_at"), ["finished_at"], unique=False)

    op.create_table(
        "product",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("set_no", sa.Integer(), nullable=True),
        sa.Column("handling", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("ingredients", sa.Text(), nullable=False),
        sa.Column("storage", sa.String(length=300), nullable=False),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("season_months", sa.JSON(), nullable=False),
        sa.Column("stock_by", sa.String(length=32), nullable=False),
        sa.Column("heap_on_hand", sa.BigInteger(), nullable=False),
        sa.Column("heap_held", sa.BigInteger(), nullable=False),
        sa.Column("daily_capacity", sa.Integer(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("taken_count", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("sale_from", sa.Date(), nullable=True),
        sa.Column("sale_until", sa.Date(), nullable=True),
        sa.Column("is_for_adults", sa.Boolean(), nullable=False),
        sa.Column("sold_count", sa.Integer(), nullable=False),
        sa.Column("is_categorised", sa.Boolean(), nullable=False),
        sa.Column("is_own_unprocessed", sa.Boolean(), nullable=False),
        sa.Column("is_illustration", sa.Boolean(), nullable=False),
        sa.Column("demo_id", sa.String(length=40), nullable=True),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "daily_capacity IS NULL OR taken_count <= daily_capacity",
            name=op.f("ck_product_day_not_oversold"),
        ),
        sa.CheckConstraint("heap_held >= 0", name=op.f("ck_product_heap_held_not_negative")),
        sa.CheckConstraint("heap_on_hand >= heap_held", name=op.f("ck_product_heap_not_oversold")),
        sa.CheckConstraint(
            "sale_from IS NULL OR sale_until IS NULL OR sale_from <= sale_until",
            name=op.f("ck_product_sale_window_in_order"),
        ),
        sa.CheckConstraint("taken_count >= 0", name=op.f("ck_product_taken_not_negative")),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_product_farm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
        sa.UniqueConstraint("demo_id", name=op.f("uq_product_demo_id")),
        sa.UniqueConstraint("once", name=op.f("uq_product_once")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_product_set_no"), ["set_no"], unique=False)
        batch_op.create_index("ix_product_shelf", ["state", "published_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_product_state"), ["state"], unique=False)

    op.create_table(
        "quote",
        sa.Column("cart_code", sa.String(length=40), nullable=False),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_cod", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_quote_farm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("cart_code", "farm_id", "is_cod", name=op.f("uq_quote_cart_code_farm_id_is_cod")),
        sa.UniqueConstraint("code", name=op.f("uq_quote_code")),
    )
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_made_at"), ["made_at"], unique=False)

    op.create_table(
        "till_move",
        sa.Column("till_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong <> 0", name=op.f("ck_till_move_not_zero")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_till_move_by_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_till_move_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_move")),
        sa.UniqueConstraint("cause", "reference", name=op.f("uq_till_move_cause_reference")),
        sa.UniqueConstraint("code", name=op.f("uq_till_move_code")),
    )
    with op.batch_alter_table("till_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_till_move_till_id"), ["till_id"], unique=False)

    op.create_table(
        "voucher",
        sa.Column("word", sa.String(length=20), nullable=False),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("per_10_000", sa.Integer(), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("most_dong", sa.BigInteger(), nullable=True),
        sa.Column("least_dong", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("most_uses", sa.Integer(), nullable=False),
        sa.Column("most_per_person", sa.Integer(), nullable=False),
        sa.Column("budget_dong", sa.BigInteger(), nullable=False),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("used_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "per_10_000 BETWEEN 0 AND 5000 AND amount_dong >= 0 AND least_dong >= 0",
            name=op.f("ck_voucher_sane"),
        ),
        sa.CheckConstraint(
            "used_count >= 0 AND used_count <= most_uses", name=op.f("ck_voucher_within_uses")
        ),
        sa.CheckConstraint(
            "used_dong >= 0 AND used_dong <= budget_dong", name=op.f("ck_voucher_within_budget")
        ),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_voucher_farm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("code", name=op.f("uq_voucher_code")),
        sa.UniqueConstraint("word", name=op.f("uq_voucher_word")),
    )
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voucher_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_voucher_state"), ["state"], unique=False)

    op.create_table(
        "campaign",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("target_grams", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_campaign_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("code", name=op.f("uq_campaign_code")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_state"), ["state"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issuer", sa.String(length=160), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("source_note", sa.String(length=300), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("renews_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'verified' OR grade IS NULL OR grade <> 'C'",
            name=op.f("ck_certificate_hearsay_proves_nothing"),
        ),
        sa.CheckConstraint(
            "(product_id IS NULL) <> (farm_id IS NULL)", name=op.f("ck_certificate_one_subject")
        ),
        sa.CheckConstraint(
            "stars IS NULL OR stars BETWEEN 3 AND 5", name=op.f("ck_certificate_stars_3_to_5")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_certificate_decided_by_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_certificate_dossier_id")),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_certificate_farm_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["stored_paper.id"], name=op.f("fk_certificate_paper_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_certificate_product_id")),
        sa.ForeignKeyConstraint(["renews_id"], ["certificate.id"], name=op.f("fk_certificate_renews_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_kind"), ["kind"], unique=False)
        batch_op.create_index("ix_certificate_number", ["issuer", "number", "issued_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "claim",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.Text(), nullable=False),
        sa.Column("asked_dong", sa.BigInteger(), nullable=False),
        sa.Column("wants_return", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_code", sa.String(length=32), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refund_dong", sa.BigInteger(), nullable=False),
        sa.Column("is_return", sa.Boolean(), nullable=False),
        sa.Column("return_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came_back_good", sa.Boolean(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appeal_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("asked_dong >= 0 AND refund_dong >= 0", name=op.f("ck_claim_not_negative")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_claim_decided_by_id")),
        sa.ForeignKeyConstraint(["farm_order_id"], ["farm_order.id"], name=op.f("fk_claim_farm_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("code", name=op.f("uq_claim_code")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_due", ["state", "answer_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_state"), ["state"], unique=False)

    op.create_table(
        "farm_debt",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("left_dong", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "amount_dong > 0 AND left_dong >= 0 AND left_dong <= amount_dong", name=op.f("ck_farm_debt_sane")
        ),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_farm_debt_farm_id")),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_farm_debt_farm_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farm_debt")),
        sa.UniqueConstraint("code", name=op.f("uq_farm_debt_code")),
        sa.UniqueConstraint("reference", name=op.f("uq_farm_debt_reference")),
    )
    with op.batch_alter_table("farm_debt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farm_debt_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index("ix_farm_debt_open", ["farm_id", "left_dong"], unique=False)

    op.create_table(
        "helped_listing",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("helper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("agreed_by", sa.String(length=32), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["helper_id"], ["person.id"], name=op.f("fk_helped_listing_helper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helped_listing_person_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_helped_listing_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helped_listing")),
        sa.UniqueConstraint("code", name=op.f("uq_helped_listing_code")),
        sa.UniqueConstraint("product_id", name=op.f("uq_helped_listing_product_id")),
    )
    with op.batch_alter_table("helped_listing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helped_listing_helper_id"), ["helper_id"], unique=False)
        batch_op.create_index("ix_helped_listing_person", ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_helped_listing_state"), ["state"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("off_dong", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_ledger_entry_farm_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["off_dong"],
            ["ledger_zero.dong"],
            name=op.f("fk_ledger_entry_off_dong"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["order_id"], ["order_.id"], name=op.f("fk_ledger_entry_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_entry_code")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_ledger_entry_kind_reference")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_month"), ["month"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_order_id"), ["order_id"], unique=False)

    op.create_table(
        "listing_review",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("new_name", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_listing_review_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_listing_review_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_review")),
        sa.UniqueConstraint("code", name=op.f("uq_listing_review_code")),
    )
    with op.batch_alter_table("listing_review", schema=None) as batch_op:
        batch_op.create_index(
            "ix_listing_review_one_waiting",
            ["product_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(batch_op.f("ix_listing_review_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_review_state"), ["state"], unique=False)

    op.create_table(
        "lot",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("harvested_on", sa.Date(), nullable=False),
        sa.Column("use_by", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recall_reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_lot_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("code", name=op.f("uq_lot_code")),
        sa.UniqueConstraint("once", name=op.f("uq_lot_once")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_product_id"), ["product_id"], unique=False)

    op.create_table(
        "nudge",
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("sent_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_nudge_learner_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_nudge_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
        sa.UniqueConstraint("code", name=op.f("uq_nudge_code")),
    )
    with op.batch_alter_table("nudge", schema=None) as batch_op:
        batch_op.create_index("ix_nudge_learner", ["learner_id", "step"], unique=False)

    op.create_table(
        "parcel",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tracking", sa.String(length=20), nullable=False),
        sa.Column("carrier", sa.String(length=16), nullable=False),
        sa.Column("carrier_fee_dong", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("service_code", sa.String(length=32), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("weighed_grams", sa.Integer(), nullable=True),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("signs", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("cod_dong", sa.BigInteger(), nullable=False),
        sa.Column("origin_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "destination_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("last_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at_point_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cod_dong >= 0", name=op.f("ck_parcel_cod_not_negative")),
        sa.CheckConstraint("weight_grams > 0", name=op.f("ck_parcel_has_weight")),
        sa.ForeignKeyConstraint(
            ["destination_point_id"], ["service_point.id"], name=op.f("fk_parcel_destination_point_id")
        ),
        sa.ForeignKeyConstraint(["farm_order_id"], ["farm_order.id"], name=op.f("fk_parcel_farm_order_id")),
        sa.ForeignKeyConstraint(
            ["last_point_id"], ["service_point.id"], name=op.f("fk_parcel_last_point_id")
        ),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifest.id"], name=op.f("fk_parcel_manifest_id")),
        sa.ForeignKeyConstraint(
            ["origin_point_id"], ["service_point.id"], name=op.f("fk_parcel_origin_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("code", name=op.f("uq_parcel_code")),
        sa.UniqueConstraint("tracking", name=op.f("uq_parcel_tracking")),
    )
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_parcel_destination_point_id"), ["destination_point_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_parcel_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_last_point_id"), ["last_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_manifest_id"), ["manifest_id"], unique=False)
        batch_op.create_index("ix_parcel_point", ["origin_point_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_state"), ["state"], unique=False)

    op.create_table(
        "payment",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("received_dong", sa.BigInteger(), nullable=False),
        sa.Column("refunded_dong", sa.BigInteger(), nullable=False),
        sa.Column("remitted_dong", sa.BigInteger(), nullable=False),
        sa.Column("written_off_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card_intent", sa.String(length=120), nullable=True),
        sa.Column(
            "write_off_asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("write_off_reason", sa.String(length=300), nullable=False),
        sa.Column("paid_in_at_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_in_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong >= 0", name=op.f("ck_payment_not_negative")),
        sa.ForeignKeyConstraint(["farm_order_id"], ["farm_order.id"], name=op.f("fk_payment_farm_order_id")),
        sa.ForeignKeyConstraint(["order_id"], ["order_.id"], name=op.f("fk_payment_order_id")),
        sa.ForeignKeyConstraint(
            ["paid_in_at_id"], ["service_point.id"], name=op.f("fk_payment_paid_in_at_id")
        ),
        sa.ForeignKeyConstraint(["paid_in_by_id"], ["person.id"], name=op.f("fk_payment_paid_in_by_id")),
        sa.ForeignKeyConstraint(
            ["write_off_asked_by_id"], ["person.id"], name=op.f("fk_payment_write_off_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("card_intent", name=op.f("uq_payment_card_intent")),
        sa.UniqueConstraint("code", name=op.f("uq_payment_code")),
        sa.UniqueConstraint("farm_order_id", name=op.f("uq_payment_farm_order_id")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_state"), ["state"], unique=False)

    op.create_table(
        "payout",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("commission_dong", sa.BigInteger(), nullable=False),
        sa.Column("tax_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("held_because", sa.String(length=32), nullable=True),
        sa.Column("held_reason", sa.String(length=300), nullable=True),
        sa.Column("paid_reference", sa.String(length=80), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fee_rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["payout_batch.id"], name=op.f("fk_payout_batch_id")),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_payout_farm_id")),
        sa.ForeignKeyConstraint(["farm_order_id"], ["farm_order.id"], name=op.f("fk_payout_farm_order_id")),
        sa.ForeignKeyConstraint(["fee_rule_id"], ["fee_rule.id"], name=op.f("fk_payout_fee_rule_id")),
        sa.ForeignKeyConstraint(["slip_id"], ["payout_slip.id"], name=op.f("fk_payout_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("code", name=op.f("uq_payout_code")),
        sa.UniqueConstraint("farm_order_id", name=op.f("uq_payout_farm_order_id")),
    )
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_payout_farm", ["farm_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_slip_id"), ["slip_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_state"), ["state"], unique=False)

    op.create_table(
        "product_photo",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alt", sa.String(length=160), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_photo.id"], name=op.f("fk_product_photo_photo_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_photo_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_photo")),
        sa.UniqueConstraint("code", name=op.f("uq_product_photo_code")),
    )
    with op.batch_alter_table("product_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_photo_product_id"), ["product_id"], unique=False)

    op.create_table(
        "supply_change",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("is_agreed_by_call", sa.Boolean(), nullable=False),
        sa.Column("goods_less_dong", sa.BigInteger(), nullable=False),
        sa.Column("freight_less_dong", sa.BigInteger(), nullable=False),
        sa.Column("less_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("less_dong >= 0", name=op.f("ck_supply_change_never_more")),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_supply_change_farm_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_change")),
        sa.UniqueConstraint("code", name=op.f("uq_supply_change_code")),
    )
    with op.batch_alter_table("supply_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supply_change_farm_order_id"), ["farm_order_id"], unique=False)

    op.create_table(
        "variant",
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("price_dong", sa.BigInteger(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=True),
        sa.Column("millilitres", sa.Integer(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("least_per_order", sa.Integer(), nullable=False),
        sa.Column("most_per_order", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_variant_held_not_negative")),
        sa.CheckConstraint("least_per_order >= 1", name=op.f("ck_variant_least_positive")),
        sa.CheckConstraint(
            "most_per_order IS NULL OR most_per_order >= least_per_order",
            name=op.f("ck_variant_limits_in_order"),
        ),
        sa.CheckConstraint("on_hand >= held", name=op.f("ck_variant_not_oversold")),
        sa.CheckConstraint("price_dong > 0", name=op.f("ck_variant_price_positive")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_variant_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("code", name=op.f("uq_variant_code")),
    )
    with op.batch_alter_table("variant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variant_product_id"), ["product_id"], unique=False)

    op.create_table(
        "voucher_share",
        sa.Column("voucher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("used_count >= 0", name=op.f("ck_voucher_share_not_negative")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_voucher_share_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_share")),
        sa.UniqueConstraint("code", name=op.f("uq_voucher_share_code")),
        sa.UniqueConstraint("voucher_id", "who", name=op.f("uq_voucher_share_voucher_id_who")),
    )
    op.create_table(
        "voucher_use",
        sa.Column("voucher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("people", sa.String(length=80), nullable=False),
        sa.Column("discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order_.id"], name=op.f("fk_voucher_use_order_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_voucher_use_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_use")),
        sa.UniqueConstraint("code", name=op.f("uq_voucher_use_code")),
        sa.UniqueConstraint("order_id", name=op.f("uq_voucher_use_order_id")),
    )
    with op.batch_alter_table("voucher_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voucher_use_voucher_id"), ["voucher_id"], unique=False)

    op.create_table(
        "bank_notice",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(length=500), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("fingerprint", sa.String(length=120), nullable=True),
        sa.Column("told_by", sa.String(length=120), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=32), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_bank_notice_payment_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["transfer_rule.id"], name=op.f("fk_bank_notice_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_notice")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_notice_code")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_bank_notice_fingerprint")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_bank_notice_source_external_id")),
    )
    with op.batch_alter_table("bank_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_notice_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_notice_reference"), ["reference"], unique=False)
        batch_op.create_index("ix_bank_notice_waiting", ["handled_at", "id"], unique=False)

    op.create_table(
        "card_attempt",
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=120), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_card_attempt_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_attempt")),
        sa.UniqueConstraint("code", name=op.f("uq_card_attempt_code")),
        sa.UniqueConstraint("key", name=op.f("uq_card_attempt_key")),
        sa.UniqueConstraint("payment_id", "number", name=op.f("uq_card_attempt_payment_id_number")),
        sa.UniqueConstraint("session_id", name=op.f("uq_card_attempt_session_id")),
    )
    with op.batch_alter_table("card_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_attempt_state"), ["state"], unique=False)

    op.create_table(
        "card_dispute",
        sa.Column("dispute_id", sa.String(length=120), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=120), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("won_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_card_dispute_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_dispute")),
        sa.UniqueConstraint("code", name=op.f("uq_card_dispute_code")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_card_dispute_dispute_id")),
    )
    with op.batch_alter_table("card_dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_dispute_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_card_dispute_state"), ["state"], unique=False)

    op.create_table(
        "card_event",
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.String(length=120), nullable=False),
        sa.Column("intent", sa.String(length=120), nullable=False),
        sa.Column("payment_code", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=120), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=32), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_card_event_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_event")),
        sa.UniqueConstraint("code", name=op.f("uq_card_event_code")),
        sa.UniqueConstraint("event_id", name=op.f("uq_card_event_event_id")),
    )
    with op.batch_alter_table("card_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_event_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index("ix_card_event_waiting", ["handled_at", "intent"], unique=False)

    op.create_table(
        "cart_line",
        sa.Column("cart_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_price_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("ck_cart_line_quantity_sane")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("fk_cart_line_cart_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_cart_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_line")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("uq_cart_line_cart_id_variant_id")),
        sa.UniqueConstraint("code", name=op.f("uq_cart_line_code")),
    )
    with op.batch_alter_table("cart_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cart_line_cart_id"), ["cart_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cart_line_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "deduction",
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_deduction_positive")),
        sa.ForeignKeyConstraint(["debt_id"], ["farm_debt.id"], name=op.f("fk_deduction_debt_id")),
        sa.ForeignKeyConstraint(["slip_id"], ["payout_slip.id"], name=op.f("fk_deduction_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deduction")),
        sa.UniqueConstraint("code", name=op.f("uq_deduction_code")),
    )
    with op.batch_alter_table("deduction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deduction_debt_id"), ["debt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deduction_slip_id"), ["slip_id"], unique=False)

    op.create_table(
        "evidence_photo",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown", sa.String(length=32), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_evidence_photo_claim_id")),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_evidence_photo_farm_order_id")
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_photo.id"], name=op.f("fk_evidence_photo_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_photo")),
        sa.UniqueConstraint("code", name=op.f("uq_evidence_photo_code")),
    )
    with op.batch_alter_table("evidence_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_photo_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_photo_farm_order_id"), ["farm_order_id"], unique=False)

    op.create_table(
        "ledger_line",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong <> 0", name=op.f("ck_ledger_line_not_zero")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_line_entry_id")),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_ledger_line_farm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_line_code")),
    )
    with op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_line_account", ["account", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_line_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_line_farm_id"), ["farm_id"], unique=False)

    op.create_table(
        "lot_share",
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("written_off", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_lot_share_held_not_negative")),
        sa.CheckConstraint("on_hand >= held", name=op.f("ck_lot_share_not_oversold")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_share_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_lot_share_product_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_lot_share_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_share")),
        sa.UniqueConstraint("code", name=op.f("uq_lot_share_code")),
        sa.UniqueConstraint("lot_id", "variant_id", name=op.f("uq_lot_share_lot_id_variant_id")),
    )
    with op.batch_alter_table("lot_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_share_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "ix_lot_share_one_heap",
            ["lot_id"],
            unique=True,
            sqlite_where=sa.text("variant_id IS NULL"),
            postgresql_where=sa.text("variant_id IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_lot_share_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_share_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "scan",
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("came_from", sa.String(length=32), nullable=True),
        sa.Column(
            "last_point_before_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["last_point_before_id"], ["service_point.id"], name=op.f("fk_scan_last_point_before_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_scan_parcel_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_scan_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("code", name=op.f("uq_scan_code")),
        sa.UniqueConstraint("once", name=op.f("uq_scan_once")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_parcel_id"), ["parcel_id"], unique=False)

    op.create_table(
        "stock_hold",
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("taken_from", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("capacity_on", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_stock_hold_amount_positive")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_hold_quantity_positive")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_hold_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_hold")),
        sa.UniqueConstraint("code", name=op.f("uq_stock_hold_code")),
    )
    with op.batch_alter_table("stock_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_hold_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_hold_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_hold_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "tax_returned",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("base_dong", sa.BigInteger(), nullable=False),
        sa.Column("vat_dong", sa.BigInteger(), nullable=False),
        sa.Column("pit_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_tax_returned_farm_order_id")
        ),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_tax_returned_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_returned")),
        sa.UniqueConstraint("code", name=op.f("uq_tax_returned_code")),
        sa.UniqueConstraint("reference", name=op.f("uq_tax_returned_reference")),
    )
    with op.batch_alter_table("tax_returned", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tax_returned_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tax_returned_payout_id"), ["payout_id"], unique=False)

    op.create_table(
        "hold_lot",
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_lot_amount_positive")),
        sa.CheckConstraint("returned >= 0 AND returned <= amount", name=op.f("ck_hold_lot_returned_within")),
        sa.ForeignKeyConstraint(["hold_id"], ["stock_hold.id"], name=op.f("fk_hold_lot_hold_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_hold_lot_lot_id")),
        sa.ForeignKeyConstraint(["share_id"], ["lot_share.id"], name=op.f("fk_hold_lot_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_lot")),
        sa.UniqueConstraint("code", name=op.f("uq_hold_lot_code")),
        sa.UniqueConstraint("hold_id", "share_id", name=op.f("uq_hold_lot_hold_id_share_id")),
    )
    with op.batch_alter_table("hold_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_lot_hold_id"), ["hold_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_lot_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_lot_share_id"), ["share_id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=False),
        sa.Column("product_name", sa.String(length=120), nullable=False),
        sa.Column("variant_name", sa.String(length=80), nullable=False),
        sa.Column("lot_code", sa.String(length=40), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("ordered_quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_dong", sa.BigInteger(), nullable=False),
        sa.Column("less_dong", sa.BigInteger(), nullable=False),
        sa.Column("total_dong", sa.BigInteger(), nullable=False),
        sa.Column("farm_discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("market_discount_dong", sa.BigInteger(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("real_grams", sa.Integer(), nullable=True),
        sa.Column("tax_class", sa.String(length=32), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "farm_discount_dong >= 0 AND market_discount_dong >= 0 AND farm_discount_dong + market_discount_dong <= total_dong",
            name=op.f("ck_order_line_discount_within_line"),
        ),
        sa.CheckConstraint(
            "less_dong >= 0 AND total_dong >= 0 AND total_dong = unit_price_dong * quantity - less_dong",
            name=op.f("ck_order_line_adds_up"),
        ),
        sa.CheckConstraint(
            "quantity >= 0 AND quantity <= ordered_quantity", name=op.f("ck_order_line_quantity_within_order")
        ),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_order_line_farm_order_id")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["stock_hold.id"], name=op.f("fk_order_line_hold_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_order_line_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("code", name=op.f("uq_order_line_code")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_order_line_hold_id")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_line_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("farm_bears_dong", sa.BigInteger(), nullable=False),
        sa.Column("carrier_bears_dong", sa.BigInteger(), nullable=False),
        sa.Column("market_bears_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("card_intent", sa.String(length=120), nullable=True),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("account_end", sa.String(length=8), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_reference", sa.String(length=80), nullable=True),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_refund_positive")),
        sa.CheckConstraint(
            "farm_bears_dong + carrier_bears_dong + market_bears_dong IN (0, amount_dong)",
            name=op.f("ck_refund_borne_whole"),
        ),
        sa.CheckConstraint(
            "farm_bears_dong >= 0 AND carrier_bears_dong >= 0 AND market_bears_dong >= 0",
            name=op.f("ck_refund_borne_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_refund_approved_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_refund_asked_by_id")),
        sa.ForeignKeyConstraint(["farm_order_id"], ["farm_order.id"], name=op.f("fk_refund_farm_order_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["bank_notice.id"], name=op.f("fk_refund_notice_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("code", name=op.f("uq_refund_code")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_key")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_state"), ["state"], unique=False)

    op.create_table(
        "remittance",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("total_dong", sa.BigInteger(), nullable=False),
        sa.Column("received_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["bank_notice.id"], name=op.f("fk_remittance_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("code", name=op.f("uq_remittance_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_remittance_digest")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_remittance_notice_id")),
    )
    with op.batch_alter_table("remittance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remittance_state"), ["state"], unique=False)

    op.create_table(
        "statement_line",
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("content", sa.String(length=500), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong <> 0", name=op.f("ck_statement_line_not_zero")),
        sa.ForeignKeyConstraint(["notice_id"], ["bank_notice.id"], name=op.f("fk_statement_line_notice_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_statement_line_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("code", name=op.f("uq_statement_line_code")),
        sa.UniqueConstraint("statement_id", "number", name=op.f("uq_statement_line_statement_id_number")),
    )
    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_line_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "stock_move",
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(variant_id IS NULL) <> (product_id IS NULL)", name=op.f("ck_stock_move_one_shelf")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["stock_hold.id"], name=op.f("fk_stock_move_hold_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stock_move_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_move_product_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_move_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_move")),
        sa.UniqueConstraint("code", name=op.f("uq_stock_move_code")),
        sa.UniqueConstraint("product_id", "once", name=op.f("uq_stock_move_product_id_once")),
        sa.UniqueConstraint("variant_id", "once", name=op.f("uq_stock_move_variant_id_once")),
    )
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_move_hold_id"), ["hold_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_move_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_move_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_move_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "line_tax",
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_kind", sa.String(length=16), nullable=False),
        sa.Column("tax_class", sa.String(length=32), nullable=False),
        sa.Column("base_dong", sa.BigInteger(), nullable=False),
        sa.Column("vat_per_10_000", sa.Integer(), nullable=False),
        sa.Column("pit_per_10_000", sa.Integer(), nullable=False),
        sa.Column("vat_dong", sa.BigInteger(), nullable=False),
        sa.Column("pit_dong", sa.BigInteger(), nullable=False),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_line_tax_order_line_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_line_tax_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_tax")),
        sa.UniqueConstraint("code", name=op.f("uq_line_tax_code")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_line_tax_order_line_id")),
    )
    with op.batch_alter_table("line_tax", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_line_tax_payout_id"), ["payout_id"], unique=False)

    op.create_table(
        "remittance_line",
        sa.Column("remittance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tracking", sa.String(length=40), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_dong", sa.BigInteger(), nullable=False),
        sa.Column("surplus_dong", sa.BigInteger(), nullable=False),
        sa.Column("cleared_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_remittance_line_payment_id")),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_remittance_line_remittance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance_line")),
        sa.UniqueConstraint("code", name=op.f("uq_remittance_line_code")),
        sa.UniqueConstraint("remittance_id", "number", name=op.f("uq_remittance_line_remittance_id_number")),
    )
    with op.batch_alter_table("remittance_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remittance_line_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_remittance_line_tracking"), ["tracking"], unique=False)

    # What the database itself refuses in the books: triggers are not seen by autogenerate.
    for statement in guards.ddl(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    for statement in guards.drop(op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("remittance_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remittance_line_tracking"))
        batch_op.drop_index(batch_op.f("ix_remittance_line_payment_id"))

    op.drop_table("remittance_line")
    with op.batch_alter_table("line_tax", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_line_tax_payout_id"))

    op.drop_table("line_tax")
    with op.batch_alter_table("stock_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_move_variant_id"))
        batch_op.drop_index(batch_op.f("ix_stock_move_product_id"))
        batch_op.drop_index(batch_op.f("ix_stock_move_kind"))
        batch_op.drop_index(batch_op.f("ix_stock_move_hold_id"))

    op.drop_table("stock_move")
    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_line_notice_id"))

    op.drop_table("statement_line")
    with op.batch_alter_table("remittance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remittance_state"))

    op.drop_table("remittance")
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refund_state"))
        batch_op.drop_index(batch_op.f("ix_refund_payment_id"))
        batch_op.drop_index(batch_op.f("ix_refund_notice_id"))
        batch_op.drop_index(batch_op.f("ix_refund_farm_order_id"))

    op.drop_table("refund")
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_line_variant_id"))
        batch_op.drop_index(batch_op.f("ix_order_line_farm_order_id"))

    op.drop_table("order_line")
    with op.batch_alter_table("hold_lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hold_lot_share_id"))
        batch_op.drop_index(batch_op.f("ix_hold_lot_lot_id"))
        batch_op.drop_index(batch_op.f("ix_hold_lot_hold_id"))

    op.drop_table("hold_lot")
    with op.batch_alter_table("tax_returned", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tax_returned_payout_id"))
        batch_op.drop_index(batch_op.f("ix_tax_returned_farm_order_id"))

    op.drop_table("tax_returned")
    with op.batch_alter_table("stock_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_hold_variant_id"))
        batch_op.drop_index(batch_op.f("ix_stock_hold_state"))
        batch_op.drop_index(batch_op.f("ix_stock_hold_expires_at"))

    op.drop_table("stock_hold")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_parcel_id"))

    op.drop_table("scan")
    with op.batch_alter_table("lot_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_share_variant_id"))
        batch_op.drop_index(batch_op.f("ix_lot_share_product_id"))
        batch_op.drop_index(
            "ix_lot_share_one_heap",
            sqlite_where=sa.text("variant_id IS NULL"),
            postgresql_where=sa.text("variant_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_lot_share_lot_id"))

    op.drop_table("lot_share")
    with op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_line_farm_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_line_entry_id"))
        batch_op.drop_index("ix_ledger_line_account")

    op.drop_table("ledger_line")
    with op.batch_alter_table("evidence_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_photo_farm_order_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_photo_claim_id"))

    op.drop_table("evidence_photo")
    with op.batch_alter_table("deduction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deduction_slip_id"))
        batch_op.drop_index(batch_op.f("ix_deduction_debt_id"))

    op.drop_table("deduction")
    with op.batch_alter_table("cart_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cart_line_variant_id"))
        batch_op.drop_index(batch_op.f("ix_cart_line_cart_id"))

    op.drop_table("cart_line")
    with op.batch_alter_table("card_event", schema=None) as batch_op:
        batch_op.drop_index("ix_card_event_waiting")
        batch_op.drop_index(batch_op.f("ix_card_event_payment_id"))

    op.drop_table("card_event")
    with op.batch_alter_table("card_dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_dispute_state"))
        batch_op.drop_index(batch_op.f("ix_card_dispute_payment_id"))

    op.drop_table("card_dispute")
    with op.batch_alter_table("card_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_attempt_state"))

    op.drop_table("card_attempt")
    with op.batch_alter_table("bank_notice", schema=None) as batch_op:
        batch_op.drop_index("ix_bank_notice_waiting")
        batch_op.drop_index(batch_op.f("ix_bank_notice_reference"))
        batch_op.drop_index(batch_op.f("ix_bank_notice_payment_id"))

    op.drop_table("bank_notice")
    with op.batch_alter_table("voucher_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voucher_use_voucher_id"))

    op.drop_table("voucher_use")
    op.drop_table("voucher_share")
    with op.batch_alter_table("variant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variant_product_id"))

    op.drop_table("variant")
    with op.batch_alter_table("supply_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supply_change_farm_order_id"))

    op.drop_table("supply_change")
    with op.batch_alter_table("product_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_photo_product_id"))

    op.drop_table("product_photo")
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_state"))
        batch_op.drop_index(batch_op.f("ix_payout_slip_id"))
        batch_op.drop_index("ix_payout_farm")
        batch_op.drop_index(batch_op.f("ix_payout_batch_id"))

    op.drop_table("payout")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_state"))
        batch_op.drop_index(batch_op.f("ix_payment_order_id"))
        batch_op.drop_index(batch_op.f("ix_payment_expires_at"))

    op.drop_table("payment")
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parcel_state"))
        batch_op.drop_index("ix_parcel_point")
        batch_op.drop_index(batch_op.f("ix_parcel_manifest_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_last_point_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_farm_order_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_destination_point_id"))

    op.drop_table("parcel")
    with op.batch_alter_table("nudge", schema=None) as batch_op:
        batch_op.drop_index("ix_nudge_learner")

    op.drop_table("nudge")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_product_id"))

    op.drop_table("lot")
    with op.batch_alter_table("listing_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_review_state"))
        batch_op.drop_index(batch_op.f("ix_listing_review_product_id"))
        batch_op.drop_index(
            "ix_listing_review_one_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("listing_review")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_order_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_month"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_farm_order_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_at"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("helped_listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helped_listing_state"))
        batch_op.drop_index("ix_helped_listing_person")
        batch_op.drop_index(batch_op.f("ix_helped_listing_helper_id"))

    op.drop_table("helped_listing")
    with op.batch_alter_table("farm_debt", schema=None) as batch_op:
        batch_op.drop_index("ix_farm_debt_open")
        batch_op.drop_index(batch_op.f("ix_farm_debt_farm_order_id"))

    op.drop_table("farm_debt")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_state"))
        batch_op.drop_index(batch_op.f("ix_claim_farm_order_id"))
        batch_op.drop_index("ix_claim_due")

    op.drop_table("claim")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_valid_until"))
        batch_op.drop_index(batch_op.f("ix_certificate_state"))
        batch_op.drop_index(batch_op.f("ix_certificate_product_id"))
        batch_op.drop_index("ix_certificate_number")
        batch_op.drop_index(batch_op.f("ix_certificate_kind"))
        batch_op.drop_index(batch_op.f("ix_certificate_farm_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_dossier_id"))

    op.drop_table("certificate")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_state"))
        batch_op.drop_index(batch_op.f("ix_campaign_product_id"))

    op.drop_table("campaign")
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voucher_state"))
        batch_op.drop_index(batch_op.f("ix_voucher_farm_id"))

    op.drop_table("voucher")
    with op.batch_alter_table("till_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_till_move_till_id"))

    op.drop_table("till_move")
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quote_made_at"))

    op.drop_table("quote")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_state"))
        batch_op.drop_index("ix_product_shelf")
        batch_op.drop_index(batch_op.f("ix_product_set_no"))
        batch_op.drop_index(batch_op.f("ix_product_farm_id"))

    op.drop_table("product")
    with op.batch_alter_table("placing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placing_finished_at"))

    op.drop_table("placing")
    with op.batch_alter_table("payout_slip", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_slip_state"))
        batch_op.drop_index(batch_op.f("ix_payout_slip_farm_id"))
        batch_op.drop_index(batch_op.f("ix_payout_slip_batch_id"))

    op.drop_table("payout_slip")
    with op.batch_alter_table("learner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learner_state"))
        batch_op.drop_index("ix_learner_phone")
        batch_op.drop_index("ix_learner_person")

    op.drop_table("learner")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_personal_id_print"))

    op.drop_table("identity")
    with op.batch_alter_table("hand_over_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hand_over_line_hand_over_id"))
        batch_op.drop_index(batch_op.f("ix_hand_over_line_dossier_id"))

    op.drop_table("hand_over_line")
    with op.batch_alter_table("goods_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goods_sheet_state"))
        batch_op.drop_index(batch_op.f("ix_goods_sheet_farm_id"))

    op.drop_table("goods_sheet")
    op.drop_table("fee_receipt")
    with op.batch_alter_table("farm_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_farm_order_state"))
        batch_op.drop_index(batch_op.f("ix_farm_order_order_id"))
        batch_op.drop_index("ix_farm_order_desk")
        batch_op.drop_index(batch_op.f("ix_farm_order_answer_by"))

    op.drop_table("farm_order")
    with op.batch_alter_table("farm_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_farm_member_person_id"))
        batch_op.drop_index(batch_op.f("ix_farm_member_farm_id"))

    op.drop_table("farm_member")
    with op.batch_alter_table("dossier_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_paper_paper_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_paper_dossier_id"))

    op.drop_table("dossier_paper")
    with op.batch_alter_table("dossier_extension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_extension_dossier_id"))

    op.drop_table("dossier_extension")
    with op.batch_alter_table("class_assistant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_assistant_person_id"))

    op.drop_table("class_assistant")
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_account_number_print"))

    op.drop_table("bank_account")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_person_id"))
        batch_op.drop_index(batch_op.f("ix_upload_expires_at"))

    op.drop_table("upload")
    with op.batch_alter_table("training_class", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_class_trainer_id"))
        batch_op.drop_index(batch_op.f("ix_training_class_state"))
        batch_op.drop_index(batch_op.f("ix_training_class_province_code"))
        batch_op.drop_index(batch_op.f("ix_training_class_commune_code"))
        batch_op.drop_index(batch_op.f("ix_training_class_begins_at"))

    op.drop_table("training_class")
    with op.batch_alter_table("till", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_till_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_till_state"))
        batch_op.drop_index(batch_op.f("ix_till_service_point_id"))
        batch_op.drop_index(batch_op.f("ix_till_clerk_id"))

    op.drop_table("till")
    with op.batch_alter_table("tax_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_tax_rule_class")

    op.drop_table("tax_rule")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("service_point_pickup", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_point_pickup_commune_code"))

    op.drop_table("service_point_pickup")
    with op.batch_alter_table("service_point_hours", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_point_hours_point_id"))

    op.drop_table("service_point_hours")
    with op.batch_alter_table("service_point_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_point_exception_point_id"))

    op.drop_table("service_point_exception")
    with op.batch_alter_table("saved_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_address_person_id"))

    op.drop_table("saved_address")
    with op.batch_alter_table("role_held", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_held_role"))
        batch_op.drop_index(batch_op.f("ix_role_held_person_id"))

    op.drop_table("role_held")
    op.drop_table("practice_report")
    with op.batch_alter_table("post_held", schema=None) as batch_op:
        batch_op.drop_index("ix_post_held_place")
        batch_op.drop_index(batch_op.f("ix_post_held_person_id"))

    op.drop_table("post_held")
    with op.batch_alter_table("payout_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_batch_state"))

    op.drop_table("payout_batch")
    with op.batch_alter_table("order_", schema=None) as batch_op:
        batch_op.drop_index("ix_order_phone")
        batch_op.drop_index(batch_op.f("ix_order__pay_until"))
        batch_op.drop_index(batch_op.f("ix_order__confirm_by"))
        batch_op.drop_index(batch_op.f("ix_order__buyer_id"))

    op.drop_table("order_")
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_code_secret_hash"))
        batch_op.drop_index("ix_one_time_code_account")

    op.drop_table("one_time_code")
    with op.batch_alter_table("manifest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_manifest_state"))
        batch_op.drop_index(batch_op.f("ix_manifest_service_point_id"))

    op.drop_table("manifest")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_role"))

    op.drop_table("invitation")
    with op.batch_alter_table("hand_over", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hand_over_service_point_id"))

    op.drop_table("hand_over")
    with op.batch_alter_table("farm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_farm_state"))
        batch_op.drop_index(batch_op.f("ix_farm_province_code"))
        batch_op.drop_index(batch_op.f("ix_farm_commune_code"))

    op.drop_table("farm")
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_index("ix_dossier_subject")
        batch_op.drop_index(batch_op.f("ix_dossier_state"))
        batch_op.drop_index(batch_op.f("ix_dossier_service_point_id"))
        batch_op.drop_index(batch_op.f("ix_dossier_due_at"))
        batch_op.drop_index(batch_op.f("ix_dossier_applicant_id"))

    op.drop_table("dossier")
    with op.batch_alter_table("door_appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_appeal_state"))
        batch_op.drop_index(batch_op.f("ix_door_appeal_phone"))
        batch_op.drop_index(batch_op.f("ix_door_appeal_person_id"))

    op.drop_table("door_appeal")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_state"))
        batch_op.drop_index(batch_op.f("ix_delivery_message_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_state"))

    op.drop_table("correction")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_state"))
        batch_op.drop_index(batch_op.f("ix_consent_scope"))
        batch_op.drop_index("ix_consent_pair")

    op.drop_table("consent")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_state"))
        batch_op.drop_index(batch_op.f("ix_complaint_person_id"))
        batch_op.drop_index("ix_complaint_due")

    op.drop_table("complaint")
    op.drop_table("closed_month")
    with op.batch_alter_table("cart", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cart_touched_at"))

    op.drop_table("cart")
    with op.batch_alter_table("bank_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_statement_state"))

    op.drop_table("bank_statement")
    op.drop_table("worker_beat")
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_person_id"))

    op.drop_table("wish")
    op.drop_table("transfer_rule")
    op.drop_table("throttle")
    op.drop_table("tariff")
    with op.batch_alter_table("stored_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_photo_uploaded_by"))
        batch_op.drop_index(batch_op.f("ix_stored_photo_sha256"))

    op.drop_table("stored_photo")
    with op.batch_alter_table("stored_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_paper_uploaded_by"))

    op.drop_table("stored_paper")
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_point_state"))
        batch_op.drop_index(batch_op.f("ix_service_point_province_code"))
        batch_op.drop_index(batch_op.f("ix_service_point_commune_code"))

    op.drop_table("service_point")
    op.drop_table("service_number")
    op.drop_table("searched_words")
    with op.batch_alter_table("search_touch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_touch_at"))

    op.drop_table("search_touch")
    with op.batch_alter_table("remote_commune", schema=None) as batch_op:
        batch_op.drop_index("ix_remote_commune_code")

    op.drop_table("remote_commune")
    op.drop_table("procedure")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_claimed_phone"))

    op.drop_table("person")
    op.drop_table("pay_time_rule")
    op.drop_table("own_words")
    with op.batch_alter_table("outbox_job", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_job_waiting")
        batch_op.drop_index(batch_op.f("ix_outbox_job_name"))

    op.drop_table("outbox_job")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_inbox")

    op.drop_table("message")
    with op.batch_alter_table("listing_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_rule_kind"))

    op.drop_table("listing_rule")
    op.drop_table("listing_policy")
    op.drop_table("ledger_zero")
    with op.batch_alter_table("kept_quote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_quote_valid_until"))

    op.drop_table("kept_quote")
    with op.batch_alter_table("keeping_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_keeping_rule_what"))

    op.drop_table("keeping_rule")
    op.drop_table("fee_rule")
    op.drop_table("dossier_book")
    op.drop_table("door_rule")
    op.drop_table("door_phone")
    op.drop_table("document_counter")
    op.drop_table("document")
    op.drop_table("day_override")
    op.drop_table("claim_rule")
    op.drop_table("carton_list")
    op.drop_table("carrier_call")
    op.drop_table("carriage_rule")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_record")
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_actor_id"))

    op.drop_table("audit_entry")
    op.drop_table("answer_rule")
