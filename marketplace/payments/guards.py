# ruff: noqa: S608  (statements made of names that stand in this file)
"""What the database itself refuses in the books: an entry that does not add up, one that is changed or taken away, one
written into a closed month.

`ddl(dialect)` is the whole of it, for the tables as `create_all()` makes them and for the migration alike.

How it works, on both databases. A new entry is off by one (`off_dong = 1`); every line written makes `off_dong` the
sum of the lines, and a deferred foreign key to `ledger_zero`, which holds nothing but 0, is asked at the commit. So an
entry without lines, or whose lines do not add up, cannot be committed; and one that adds up takes no further line.
"""

from sqlalchemy import event
from sqlalchemy.engine import Connection

from marketplace.foundation.db import db

ADDS_UP = "the ledger: an entry that adds up takes no further line"
STAYS = "the ledger is append-only: correct it with another entry"
CLOSED = "the ledger: this month is closed, or not the month of the entry"

ENTRY = ("id", "code", "created_at", "kind", "reference", "at", "month", "order_id", "farm_order_id", "note")
"""What of an entry never changes."""


def ddl(dialect: str) -> list[str]:
    """The statements, in order, for `sqlite` or `postgresql`; run again they change nothing."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def drop(dialect: str) -> list[str]:
    """The statements that take the guards away again (a migration's way back, a test that plants a mistake)."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in _names(_sqlite())]
    return [
        *(f"DROP TRIGGER IF EXISTS {name} ON {name.rpartition('_')[0]}" for name in _names(_postgresql())),
        *(f"DROP FUNCTION IF EXISTS {name}()" for name in FUNCTIONS),
    ]


def _names(statements: list[str]) -> list[str]:
    return [one.split()[one.split().index("TRIGGER") + 1 :][0] for one in _plain(statements)]


def _plain(statements: list[str]) -> list[str]:
    """The statements that make triggers, without `IF NOT EXISTS`."""
    return [
        one.replace("IF NOT EXISTS ", "")
        for one in statements
        if one.startswith("CREATE") and "TRIGGER" in one.split("(")[0]
    ]


def _sqlite() -> list[str]:
    differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in ENTRY)
    total = "(SELECT SUM(amount_dong) FROM ledger_line WHERE entry_id = NEW.{})"
    closed = "EXISTS (SELECT 1 FROM closed_month WHERE month = NEW.month)"

    def never(name: str, when: str, words: str, condition: str = "") -> str:
        asked = f" WHEN {condition}" if condition else ""
        table = name.rpartition("_")[0]
        return (
            f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when} ON {table}{asked} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )

    return [
        "INSERT OR IGNORE INTO ledger_zero (dong) VALUES (0)",
        never(
            "ledger_entry_begins", "INSERT", CLOSED,
            f"NEW.off_dong <> 1 OR {closed} OR NEW.month <> strftime('%Y-%m', NEW.at, '+7 hours')",
        ),
        never("ledger_entry_stays", "UPDATE", STAYS, f"{differs} OR NEW.off_dong IS NOT {total.format('id')}"),
        never("ledger_entry_remains", "DELETE", STAYS),
        never(
            "ledger_line_joins", "INSERT", ADDS_UP,
            "(SELECT off_dong FROM ledger_entry WHERE id = NEW.entry_id) = 0",
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS ledger_line_counts AFTER INSERT ON ledger_line BEGIN "
            f"UPDATE ledger_entry SET off_dong = {total.format('entry_id')} WHERE id = NEW.entry_id; END"
        ),
        never("ledger_line_stays", "UPDATE", STAYS),
        never("ledger_line_remains", "DELETE", STAYS),
        never("closed_month_stays", "UPDATE", STAYS),
        never("closed_month_remains", "DELETE", STAYS),
    ]  # fmt: skip


FUNCTIONS = (
    "ledger_refuses",
    "ledger_entry_is_new",
    "ledger_entry_is_kept",
    "ledger_line_is_taken",
    "ledger_line_is_counted",
)


def _postgresql() -> list[str]:
    differs = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in ENTRY)

    def function(name: str, body: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )

    def trigger(name: str, when: str, call: str, each: str = "ROW") -> str:
        table = name.rpartition("_")[0]
        return f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {call}()"

    def refuse(words: str) -> str:
        return f"RAISE EXCEPTION USING MESSAGE = '{words}', ERRCODE = 'integrity_constraint_violation';"

    return [
        "INSERT INTO ledger_zero (dong) VALUES (0) ON CONFLICT DO NOTHING",
        function("ledger_refuses", refuse(STAYS)),
        function(
            "ledger_entry_is_new",
            "IF NEW.off_dong <> 1 OR EXISTS (SELECT 1 FROM closed_month WHERE month = NEW.month) OR "
            "NEW.month <> to_char(NEW.at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM') "
            f"THEN {refuse(CLOSED)} END IF; RETURN NEW;",
        ),
        function(
            "ledger_entry_is_kept",
            f"IF {differs} OR NEW.off_dong IS DISTINCT FROM "
            "(SELECT SUM(amount_dong) FROM ledger_line WHERE entry_id = NEW.id) "
            f"THEN {refuse(STAYS)} END IF; RETURN NEW;",
        ),
        function(
            "ledger_line_is_taken",
            "IF (SELECT off_dong FROM ledger_entry WHERE id = NEW.entry_id) = 0 "
            f"THEN {refuse(ADDS_UP)} END IF; RETURN NEW;",
        ),
        function(
            "ledger_line_is_counted",
            "UPDATE ledger_entry SET off_dong = (SELECT SUM(amount_dong) FROM ledger_line "
            "WHERE entry_id = NEW.entry_id) WHERE id = NEW.entry_id; RETURN NULL;",
        ),
        trigger("ledger_entry_begins", "BEFORE INSERT", "ledger_entry_is_new"),
        trigger("ledger_entry_stays", "BEFORE UPDATE", "ledger_entry_is_kept"),
        trigger("ledger_entry_remains", "BEFORE DELETE", "ledger_refuses"),
        trigger("ledger_entry_empties", "BEFORE TRUNCATE", "ledger_refuses", "STATEMENT"),
        trigger("ledger_line_joins", "BEFORE INSERT", "ledger_line_is_taken"),
        trigger("ledger_line_counts", "AFTER INSERT", "ledger_line_is_counted"),
        trigger("ledger_line_stays", "BEFORE UPDATE", "ledger_refuses"),
        trigger("ledger_line_remains", "BEFORE DELETE", "ledger_refuses"),
        trigger("ledger_line_empties", "BEFORE TRUNCATE", "ledger_refuses", "STATEMENT"),
        trigger("closed_month_stays", "BEFORE UPDATE OR DELETE", "ledger_refuses"),
    ]


@event.listens_for(db.metadata, "after_create")
def _with_the_tables(metadata: object, connection: Connection, **about: object) -> None:
    made = {table.name for table in about.get("tables") or ()}  # type: ignore[attr-defined]
    if "ledger_line" in made:
        for statement in ddl(connection.dialect.name):
            connection.exec_driver_sql(statement)
