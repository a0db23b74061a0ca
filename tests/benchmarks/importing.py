"""A list of 5,000 goods: processor time of reading the file, the preview, and writing it, on a market of its own."""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parents[2]
ROWS, AIM_SECONDS = 5_000, 20.0
BAD = 100
"""One row in so many cannot be taken."""
OWNER = "0912000098"


def measured(env: dict[str, str]) -> dict[str, float]:
    """In a process and a market of its own, whatever was measured before it."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.importing"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
            env={**env, "INSTANCE_PATH": folder, "LOG_LEVEL": "ERROR"}, text=True,
        )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(found: dict[str, float]) -> None:
    print(f"\n{ROWS} rows imported: {found['cpu_seconds']} s of CPU (aim {AIM_SECONDS:.0f})")
    print(f"  read {found['read']} s, preview {found['preview']} s, write {found['write']} s")


def main() -> None:
    from marketplace.accounts import queries as people
    from marketplace.accounts.models import Role
    from marketplace.app import create_app
    from marketplace.catalog import importing, jobs
    from marketplace.catalog.sheet_models import GoodsSheet, SheetState
    from marketplace.foundation import sheets
    from marketplace.foundation.db import db, transaction
    from tests import cast, make

    with create_app().app_context():
        db.create_all()
        # A farm of its own in whatever market this is, however often it ran there.
        owner = people.person_by_login(OWNER) or cast.another("Người nhập danh sách", OWNER, Role.FARMER)
        farm = make.farm(name="Hợp tác xã nhập danh sách", owner=owner)
        by = make.actor_of(farm)
        out = io.StringIO()
        rows = [[f"Chè vườn số {n}", "100", "g", "rẻ" if n % BAD == 0 else 100_000 + n * 100, 3, 11]
                for n in range(ROWS)]  # fmt: skip
        bad = [2 + n for n in range(0, ROWS, BAD)]
        csv.writer(out).writerows([importing.heads()[:6], *rows])
        times = [process_time()]
        sheet = sheets.read(io.BytesIO(out.getvalue().encode()), "list.csv", importing.MOST_ROWS)
        with transaction():
            kept = importing.keep(farm, sheet, "list.csv", by)
        times.append(process_time())
        plan = importing.plan(kept)
        assert (plan.added, [fault.row for fault in plan.faults]) == (ROWS - len(bad), bad)
        times.append(process_time())
        with transaction():
            importing.start(db.session.get_one(GoodsSheet, kept.id), by)
        number = kept.id
        while db.session.get_one(GoodsSheet, number).state is SheetState.WAITING:
            jobs.write_sheet(number)
        times.append(process_time())
        done = db.session.get_one(GoodsSheet, number)
        assert (done.done_count, done.added_count) == (ROWS, ROWS - len(bad))
        assert [(fault.cell, fault.value) for fault in importing.faults_of(done)] == [
            (f"D{row}", "rẻ") for row in bad
        ]
    names = ("read", "preview", "write")
    parts = {name: round(b - a, 2) for name, a, b in zip(names, times, times[1:], strict=False)}
    print(json.dumps({"cpu_seconds": round(times[-1] - times[0], 2), **parts}))


if __name__ == "__main__":
    main()
