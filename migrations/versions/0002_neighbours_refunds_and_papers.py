"""Neighbours send together, refunds go out in lists, papers go both ways.

The procedure a shop is opened by is edited in place: it can be begun at a counter, and a co-operative or a company must
show its registration.

From 0001 to 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compensation_rule",
        sa.Column("declared_per_10_000", sa.Integer(), nullable=False),
        sa.Column("freight_times", sa.Integer(), nullable=False),
        sa.Column("per_kg_dong", sa.BigInteger(), nullable=False),
        sa.Column("rest_by", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_compensation_rule_code")),
    )
    op.create_table(
        "freight_difference_rule",
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("more_by", sa.String(length=16), nullable=False),
        sa.Column("less_to", sa.String(length=16), nullable=False),
        sa.Column("least_dong", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_difference_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_freight_difference_rule_code")),
    )
    op.create_table(
        "hand_in_rule",
        sa.Column("within", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_hand_in_rule_code")),
    )
    op.create_table(
        "perishable_rule",
        sa.Column("call_after_hours", sa.Integer(), nullable=False),
        sa.Column("give_up_after_hours", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_perishable_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_perishable_rule_code")),
    )
    op.create_table(
        "sharing_rule",
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_sharing_rule_code")),
    )
    op.create_table(
        "pickup_run",
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("farm_count", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("freight_dong", sa.BigInteger(), nullable=False),
        sa.Column("saved_dong", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["sharing_rule.id"], name=op.f("fk_pickup_run_rule_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_pickup_run_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_run")),
        sa.UniqueConstraint("code", name=op.f("uq_pickup_run_code")),
    )
    with op.batch_alter_table("pickup_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pickup_run_on_day"), ["on_day"], unique=False)
        batch_op.create_index(
            "ix_pickup_run_open",
            ["service_point_id", "commune_code"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(batch_op.f("ix_pickup_run_state"), ["state"], unique=False)

    op.create_table(
        "refund_batch",
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_refund_batch_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"], ["person.id"], name=op.f("fk_refund_batch_prepared_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_refund_batch_code")),
    )
    with op.batch_alter_table("refund_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_batch_state"), ["state"], unique=False)

    op.create_table(
        "code_slip",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("printed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_place", sa.Integer(), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_code_slip_class_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_code_slip_person_id")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["person.id"], name=op.f("fk_code_slip_printed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_slip")),
        sa.UniqueConstraint("code", name=op.f("uq_code_slip_code")),
    )
    with op.batch_alter_table("code_slip", schema=None) as batch_op:
        batch_op.create_index("ix_code_slip_person", ["person_id", "voided_at"], unique=False)

    op.create_table(
        "collection_point",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("street", sa.String(length=160), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=False),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_collection_point_opens_first")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_collection_point_weekday")),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_collection_point_farm_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_collection_point_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_point")),
        sa.UniqueConstraint("code", name=op.f("uq_collection_point_code")),
    )
    with op.batch_alter_table("collection_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_point_commune_code"), ["commune_code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_collection_point_service_point_id"), ["service_point_id"], unique=False
        )

    op.create_table(
        "consent_paper",
        sa.Column("consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_consent_paper_consent_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["stored_paper.id"], name=op.f("fk_consent_paper_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_paper")),
        sa.UniqueConstraint("code", name=op.f("uq_consent_paper_code")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_consent_paper_consent_id")),
    )
    op.create_table(
        "farm_photo",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_farm_photo_farm_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_photo.id"], name=op.f("fk_farm_photo_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farm_photo")),
        sa.UniqueConstraint("code", name=op.f("uq_farm_photo_code")),
        sa.UniqueConstraint("farm_id", "photo_id", name=op.f("uq_farm_photo_farm_id_photo_id")),
    )
    with op.batch_alter_table("farm_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_farm_photo_farm_id"), ["farm_id"], unique=False)

    op.create_table(
        "helped_dossier",
        sa.Column("farm_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name=op.f("fk_helped_dossier_farm_id")),
        sa.ForeignKeyConstraint(["helper_id"], ["person.id"], name=op.f("fk_helped_dossier_helper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helped_dossier_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helped_dossier")),
        sa.UniqueConstraint("code", name=op.f("uq_helped_dossier_code")),
    )
    with op.batch_alter_table("helped_dossier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helped_dossier_farm_id"), ["farm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_helped_dossier_helper_id"), ["helper_id"], unique=False)
        batch_op.create_index("ix_helped_dossier_person", ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_helped_dossier_state"), ["state"], unique=False)

    op.create_table(
        "refund_account",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bank_bin", sa.String(length=6), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_end", sa.String(length=4), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order_.id"], name=op.f("fk_refund_account_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_account")),
        sa.UniqueConstraint("code", name=op.f("uq_refund_account_code")),
        sa.UniqueConstraint("order_id", name=op.f("uq_refund_account_order_id")),
    )
    op.create_table(
        "dispatch",
        sa.Column("tracking", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("fee_dong", sa.BigInteger(), nullable=True),
        sa.Column("sender_name", sa.String(length=160), nullable=False),
        sa.Column("sender_phone", sa.String(length=20), nullable=False),
        sa.Column("sender_address", sa.String(length=300), nullable=False),
        sa.Column("recipient_name", sa.String(length=160), nullable=False),
        sa.Column("recipient_phone", sa.String(length=20), nullable=False),
        sa.Column("recipient_address", sa.String(length=300), nullable=False),
        sa.Column("origin_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(dossier_id IS NULL) <> (farm_order_id IS NULL)", name=op.f("ck_dispatch_carries_one_thing")
        ),
        sa.CheckConstraint("weight_grams > 0", name=op.f("ck_dispatch_has_weight")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dispatch_dossier_id")),
        sa.ForeignKeyConstraint(["farm_order_id"], ["farm_order.id"], name=op.f("fk_dispatch_farm_order_id")),
        sa.ForeignKeyConstraint(
            ["last_point_id"], ["service_point.id"], name=op.f("fk_dispatch_last_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["origin_point_id"], ["service_point.id"], name=op.f("fk_dispatch_origin_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("code", name=op.f("uq_dispatch_code")),
        sa.UniqueConstraint("farm_order_id", name=op.f("uq_dispatch_farm_order_id")),
        sa.UniqueConstraint("tracking", name=op.f("uq_dispatch_tracking")),
    )
    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dispatch_dossier_under_way",
            ["dossier_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('delivered', 'returned', 'lost', 'damaged', 'cancelled')"),
            postgresql_where=sa.text(
                "state NOT IN ('delivered', 'returned', 'lost', 'damaged', 'cancelled')"
            ),
        )
        batch_op.create_index(batch_op.f("ix_dispatch_last_point_id"), ["last_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispatch_origin_point_id"), ["origin_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispatch_state"), ["state"], unique=False)

    op.create_table(
        "fee_payment",
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("remitted_dong", sa.BigInteger(), nullable=False),
        sa.Column("remitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_fee_payment_positive")),
        sa.ForeignKeyConstraint(["receipt_id"], ["fee_receipt.id"], name=op.f("fk_fee_payment_receipt_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_fee_payment_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_payment")),
        sa.UniqueConstraint("code", name=op.f("uq_fee_payment_code")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_fee_payment_receipt_id")),
    )
    with op.batch_alter_table("fee_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fee_payment_service_point_id"), ["service_point_id"], unique=False
        )

    op.create_table(
        "helped_order",
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_helped_order_farm_order_id")
        ),
        sa.ForeignKeyConstraint(["helper_id"], ["person.id"], name=op.f("fk_helped_order_helper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helped_order_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helped_order")),
        sa.UniqueConstraint("code", name=op.f("uq_helped_order_code")),
    )
    with op.batch_alter_table("helped_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helped_order_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_helped_order_helper_id"), ["helper_id"], unique=False)
        batch_op.create_index("ix_helped_order_person", ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_helped_order_state"), ["state"], unique=False)

    op.create_table(
        "run_share",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("freight_dong", sa.BigInteger(), nullable=False),
        sa.Column("saved_dong", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("grams > 0", name=op.f("ck_run_share_has_weight")),
        sa.CheckConstraint(
            "saved_dong >= 0 AND saved_dong <= freight_dong", name=op.f("ck_run_share_within_freight")
        ),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_run_share_farm_order_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["pickup_run.id"], name=op.f("fk_run_share_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_share")),
        sa.UniqueConstraint("code", name=op.f("uq_run_share_code")),
        sa.UniqueConstraint("farm_order_id", name=op.f("uq_run_share_farm_order_id")),
    )
    with op.batch_alter_table("run_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_share_run_id"), ["run_id"], unique=False)

    op.create_table(
        "slip_number",
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("deed", sa.String(length=80), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["slip_id"], ["code_slip.id"], name=op.f("fk_slip_number_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_number")),
        sa.UniqueConstraint("code", name=op.f("uq_slip_number_code")),
        sa.UniqueConstraint("slip_id", "place", name=op.f("uq_slip_number_slip_id_place")),
    )
    op.create_table(
        "dispatch_scan",
        sa.Column("dispatch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_dispatch_scan_dispatch_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_dispatch_scan_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_scan")),
        sa.UniqueConstraint("code", name=op.f("uq_dispatch_scan_code")),
        sa.UniqueConstraint("once", name=op.f("uq_dispatch_scan_once")),
    )
    with op.batch_alter_table("dispatch_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispatch_scan_dispatch_id"), ["dispatch_id"], unique=False)

    op.create_table(
        "freight_difference",
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("farm_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("quoted_dong", sa.BigInteger(), nullable=False),
        sa.Column("difference_dong", sa.BigInteger(), nullable=False),
        sa.Column("borne_by", sa.String(length=16), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("difference_dong <> 0", name=op.f("ck_freight_difference_differs")),
        sa.ForeignKeyConstraint(
            ["farm_order_id"], ["farm_order.id"], name=op.f("fk_freight_difference_farm_order_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_freight_difference_parcel_id")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["freight_difference_rule.id"], name=op.f("fk_freight_difference_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_difference")),
        sa.UniqueConstraint("code", name=op.f("uq_freight_difference_code")),
        sa.UniqueConstraint("parcel_id", "cause", name=op.f("uq_freight_difference_parcel_id_cause")),
    )
    with op.batch_alter_table("freight_difference", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_freight_difference_farm_order_id"), ["farm_order_id"], unique=False
        )

    op.create_table(
        "parcel_line",
        sa.Column("parcel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_parcel_line_some")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_parcel_line_order_line_id")
        ),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_line_parcel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_line")),
        sa.UniqueConstraint("code", name=op.f("uq_parcel_line_code")),
        sa.UniqueConstraint(
            "parcel_id", "order_line_id", name=op.f("uq_parcel_line_parcel_id_order_line_id")
        ),
    )
    with op.batch_alter_table("parcel_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parcel_line_order_line_id"), ["order_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcel_line_parcel_id"), ["parcel_id"], unique=False)

    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder_asked_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("cart", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("helper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("for_name", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("for_phone", sa.String(length=20), nullable=True))
        batch_op.create_index(batch_op.f("ix_cart_helper_id"), ["helper_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_cart_helper_id"), "person", ["helper_id"], ["id"])

    with op.batch_alter_table("claim_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_waiting", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("asked_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sms_instead", sa.Text(), nullable=True))

    with op.batch_alter_table("door_appeal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=2), server_default="vi", nullable=False))

    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("return_street", sa.String(length=200), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("return_commune_code", sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column("result_number", sa.String(length=20), nullable=True))

    with op.batch_alter_table("farm", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vpostcode", sa.String(length=12), nullable=True))

    with op.batch_alter_table("farm_order", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("freight_saved_dong", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("lost_dong", sa.BigInteger(), server_default="0", nullable=False))

    with op.batch_alter_table("fee_receipt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.String(length=40), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_fee_receipt_number"), ["number"])

    with op.batch_alter_table("keeping_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_waiting", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("asked_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))

    with op.batch_alter_table("listing_review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("new_origin", sa.Boolean(), nullable=True))

    with op.batch_alter_table("order_", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("helper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("pickup_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(batch_op.f("fk_order__helper_id"), "person", ["helper_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_order__pickup_point_id"), "service_point", ["pickup_point_id"], ["id"]
        )

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "collection_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("collect_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("called_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("split_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("split_more_dong", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("taken_off_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("goods_back", sa.String(length=32), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_parcel_collection_point_id"), ["collection_point_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_parcel_run_id"), ["run_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_parcel_split_from_id"), "parcel", ["split_from_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_parcel_run_id"), "pickup_run", ["run_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_parcel_collection_point_id"), "collection_point", ["collection_point_id"], ["id"]
        )

    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_payout_farm_order_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_payout_farm_order_id"), ["farm_order_id"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_payout_farm_order_id_kind"), ["farm_order_id", "kind"]
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("letters_by", sa.String(length=32), nullable=True))

    with op.batch_alter_table("procedure", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("counter_starts_at", sa.String(length=60), server_default="", nullable=False)
        )

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.add_column(sa.Column("typed", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_bin", sa.String(length=6), nullable=True))
        batch_op.add_column(
            sa.Column("account_holder", sa.String(length=120), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_refund_batch_id"), ["batch_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_refund_batch_id"), "refund_batch", ["batch_id"], ["id"])

    with op.batch_alter_table("remittance_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_carrier_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("return_reason", sa.String(length=300), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "return_asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("returned_dong", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("return_reference", sa.String(length=80), server_default="", nullable=False)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_remittance_line_return_asked_by_id"), "person", ["return_asked_by_id"], ["id"]
        )

    with op.batch_alter_table("saved_address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lat", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("lon", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("vpostcode", sa.String(length=12), nullable=True))

    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vpostcode", sa.String(length=12), nullable=True))

    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("contact_print", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("key", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("person_id", existing_type=sa.BIGINT(), nullable=True)
        batch_op.create_index(batch_op.f("ix_wish_contact_print"), ["contact_print"], unique=False)

    _open_shops_at_counters()


def _open_shops_at_counters() -> None:
    procedure = sa.table(
        "procedure",
        sa.column("id", sa.Integer()),
        sa.column("key", sa.String()),
        sa.column("intakes", sa.JSON()),
        sa.column("papers", sa.JSON()),
        sa.column("counter_starts_at", sa.String()),
    )
    bind = op.get_bind()
    for row in bind.execute(sa.select(procedure).where(procedure.c.key == "open_farm_shop")).all():
        papers = [
            {**paper, "required": paper["required"] or paper["key"] == "registration"} for paper in row.papers
        ]
        bind.execute(
            sa.update(procedure)
            .where(procedure.c.id == row.id)
            .values(counter_starts_at="farmers_post.new", intakes=["counter"], papers=papers)
        )


def downgrade() -> None:
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_contact_print"))
        batch_op.alter_column("person_id", existing_type=sa.BIGINT(), nullable=False)
        batch_op.drop_column("stopped_at")
        batch_op.drop_column("language")
        batch_op.drop_column("key")
        batch_op.drop_column("contact_print")
        batch_op.drop_column("email")
        batch_op.drop_column("phone")

    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.drop_column("vpostcode")

    with op.batch_alter_table("saved_address", schema=None) as batch_op:
        batch_op.drop_column("vpostcode")
        batch_op.drop_column("lon")
        batch_op.drop_column("lat")

    with op.batch_alter_table("remittance_line", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_remittance_line_return_asked_by_id"), type_="foreignkey")
        batch_op.drop_column("return_reference")
        batch_op.drop_column("returned_dong")
        batch_op.drop_column("return_asked_by_id")
        batch_op.drop_column("return_reason")
        batch_op.drop_column("asked_carrier_at")

    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_refund_batch_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_refund_batch_id"))
        batch_op.drop_column("batch_id")
        batch_op.drop_column("account_holder")
        batch_op.drop_column("account_bin")

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_column("first_seen_at")
        batch_op.drop_column("typed")

    with op.batch_alter_table("procedure", schema=None) as batch_op:
        batch_op.drop_column("counter_starts_at")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("letters_by")

    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_payout_farm_order_id_kind"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_payout_farm_order_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_payout_farm_order_id"), ["farm_order_id"])

    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_parcel_collection_point_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_parcel_run_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_parcel_split_from_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_parcel_run_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_collection_point_id"))
        batch_op.drop_column("goods_back")
        batch_op.drop_column("taken_off_at")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("split_more_dong")
        batch_op.drop_column("split_from_id")
        batch_op.drop_column("called_at")
        batch_op.drop_column("run_id")
        batch_op.drop_column("collect_on")
        batch_op.drop_column("collection_point_id")

    with op.batch_alter_table("order_", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_order__pickup_point_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_order__helper_id"), type_="foreignkey")
        batch_op.drop_column("pickup_point_id")
        batch_op.drop_column("helper_id")

    with op.batch_alter_table("listing_review", schema=None) as batch_op:
        batch_op.drop_column("new_origin")

    with op.batch_alter_table("keeping_rule", schema=None) as batch_op:
        batch_op.drop_column("approved_by_id")
        batch_op.drop_column("asked_by_id")
        batch_op.drop_column("is_waiting")

    with op.batch_alter_table("fee_receipt", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_fee_receipt_number"), type_="unique")
        batch_op.drop_column("number")

    with op.batch_alter_table("farm_order", schema=None) as batch_op:
        batch_op.drop_column("lost_dong")
        batch_op.drop_column("freight_saved_dong")

    with op.batch_alter_table("farm", schema=None) as batch_op:
        batch_op.drop_column("vpostcode")

    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_column("result_number")
        batch_op.drop_column("return_commune_code")
        batch_op.drop_column("return_street")

    with op.batch_alter_table("door_appeal", schema=None) as batch_op:
        batch_op.drop_column("language")

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("sms_instead")

    with op.batch_alter_table("claim_rule", schema=None) as batch_op:
        batch_op.drop_column("approved_by_id")
        batch_op.drop_column("asked_by_id")
        batch_op.drop_column("is_waiting")

    with op.batch_alter_table("cart", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_cart_helper_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_cart_helper_id"))
        batch_op.drop_column("for_phone")
        batch_op.drop_column("for_name")
        batch_op.drop_column("helper_id")

    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.drop_column("holder_asked_at")

    with op.batch_alter_table("parcel_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parcel_line_parcel_id"))
        batch_op.drop_index(batch_op.f("ix_parcel_line_order_line_id"))

    op.drop_table("parcel_line")
    with op.batch_alter_table("freight_difference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_freight_difference_farm_order_id"))

    op.drop_table("freight_difference")
    with op.batch_alter_table("dispatch_scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispatch_scan_dispatch_id"))

    op.drop_table("dispatch_scan")
    op.drop_table("slip_number")
    with op.batch_alter_table("run_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_share_run_id"))

    op.drop_table("run_share")
    with op.batch_alter_table("helped_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helped_order_state"))
        batch_op.drop_index("ix_helped_order_person")
        batch_op.drop_index(batch_op.f("ix_helped_order_helper_id"))
        batch_op.drop_index(batch_op.f("ix_helped_order_farm_order_id"))

    op.drop_table("helped_order")
    with op.batch_alter_table("fee_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fee_payment_service_point_id"))

    op.drop_table("fee_payment")
    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispatch_state"))
        batch_op.drop_index(batch_op.f("ix_dispatch_origin_point_id"))
        batch_op.drop_index(batch_op.f("ix_dispatch_last_point_id"))
        batch_op.drop_index(
            "ix_dispatch_dossier_under_way",
            sqlite_where=sa.text("state NOT IN ('delivered', 'returned', 'lost', 'damaged', 'cancelled')"),
            postgresql_where=sa.text(
                "state NOT IN ('delivered', 'returned', 'lost', 'damaged', 'cancelled')"
            ),
        )

    op.drop_table("dispatch")
    op.drop_table("refund_account")
    with op.batch_alter_table("helped_dossier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helped_dossier_state"))
        batch_op.drop_index("ix_helped_dossier_person")
        batch_op.drop_index(batch_op.f("ix_helped_dossier_helper_id"))
        batch_op.drop_index(batch_op.f("ix_helped_dossier_farm_id"))

    op.drop_table("helped_dossier")
    with op.batch_alter_table("farm_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_farm_photo_farm_id"))

    op.drop_table("farm_photo")
    op.drop_table("consent_paper")
    with op.batch_alter_table("collection_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_point_service_point_id"))
        batch_op.drop_index(batch_op.f("ix_collection_point_commune_code"))

    op.drop_table("collection_point")
    with op.batch_alter_table("code_slip", schema=None) as batch_op:
        batch_op.drop_index("ix_code_slip_person")

    op.drop_table("code_slip")
    with op.batch_alter_table("refund_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refund_batch_state"))

    op.drop_table("refund_batch")
    with op.batch_alter_table("pickup_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pickup_run_state"))
        batch_op.drop_index(
            "ix_pickup_run_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_pickup_run_on_day"))

    op.drop_table("pickup_run")
    op.drop_table("sharing_rule")
    op.drop_table("perishable_rule")
    op.drop_table("hand_in_rule")
    op.drop_table("freight_difference_rule")
    op.drop_table("compensation_rule")
