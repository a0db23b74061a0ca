"""Promised days are reminded of, what the post owes for a loss is approved by two, debts of farms are settled.

A farm's money that waits for a claim says so itself from now on: where one is under way, it is written down.

From 0002 to 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deadline_notice",
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_notice")),
        sa.UniqueConstraint(
            "about", "due_at", "is_late", name=op.f("uq_deadline_notice_about_due_at_is_late")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_deadline_notice_code")),
    )
    with op.batch_alter_table("claim_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("privacy_days", sa.Integer(), server_default="2", nullable=False))
        batch_op.add_column(sa.Column("refund_days", sa.Integer(), server_default="3", nullable=False))
        batch_op.add_column(sa.Column("remind_hours", sa.Integer(), server_default="24", nullable=False))

    with op.batch_alter_table("compensation_rule", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_freight_within", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("is_confirmed", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("is_off", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("source", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("is_waiting", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("asked_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))

    with op.batch_alter_table("door_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appeal_days", sa.Integer(), server_default="2", nullable=False))

    with op.batch_alter_table("farm_debt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_dong", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("write_off_reason", sa.String(length=300), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "write_off_asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_farm_debt_write_off_asked_by_id"), "person", ["write_off_asked_by_id"], ["id"]
        )

    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_disputed", sa.Boolean(), server_default=sa.false(), nullable=False))

    _money_waits_for_claims()


def _money_waits_for_claims() -> None:
    payout = sa.table(
        "payout",
        sa.column("farm_order_id", sa.BigInteger()),
        sa.column("state", sa.String()),
        sa.column("held_because", sa.String()),
        sa.column("is_disputed", sa.Boolean()),
    )
    claim = sa.table(
        "claim",
        sa.column("farm_order_id", sa.BigInteger()),
        sa.column("state", sa.String()),
        sa.column("is_return", sa.Boolean()),
        sa.column("came_back_at", sa.DateTime()),
    )
    under_way = claim.c.state.in_(("opened", "answered", "appealed"))
    still_to_come_back = sa.and_(
        claim.c.state == "decided", claim.c.is_return, claim.c.came_back_at.is_(None)
    )
    claimed = sa.exists().where(
        claim.c.farm_order_id == payout.c.farm_order_id, sa.or_(under_way, still_to_come_back)
    )
    waits = sa.and_(payout.c.state == "held", payout.c.held_because == "claim")
    to_come = payout.c.state.in_(("due", "held", "batched", "bounced"))
    op.execute(sa.update(payout).where(sa.or_(waits, sa.and_(to_come, claimed))).values(is_disputed=True))


def downgrade() -> None:
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.drop_column("is_disputed")

    with op.batch_alter_table("farm_debt", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_farm_debt_write_off_asked_by_id"), type_="foreignkey")
        batch_op.drop_column("write_off_asked_by_id")
        batch_op.drop_column("write_off_reason")
        batch_op.drop_column("settled_dong")

    with op.batch_alter_table("door_rule", schema=None) as batch_op:
        batch_op.drop_column("appeal_days")

    with op.batch_alter_table("compensation_rule", schema=None) as batch_op:
        batch_op.drop_column("approved_by_id")
        batch_op.drop_column("asked_by_id")
        batch_op.drop_column("is_waiting")
        batch_op.drop_column("source")
        batch_op.drop_column("is_off")
        batch_op.drop_column("is_confirmed")
        batch_op.drop_column("is_freight_within")

    with op.batch_alter_table("claim_rule", schema=None) as batch_op:
        batch_op.drop_column("remind_hours")
        batch_op.drop_column("refund_days")
        batch_op.drop_column("privacy_days")

    op.drop_table("deadline_notice")
