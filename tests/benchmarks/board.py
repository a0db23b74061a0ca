"""The trainers' pages over 5,000 farmers in 100 classes: time, and SQL statements, which are as many for ten classes.

python -m tests.benchmarks.board      by itself
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CLASSES, FARMERS_EACH, FEW = 100, 50, 10
PAGES = {
    "today": "/train",
    "one class": "/train/classes/{code}",
    "by class": "/train/results?by=class",
    "by commune": "/train/results?by=commune",
    "by province": "/train/results?by=province",
}


def measured(env: dict[str, str] | None = None) -> dict[str, Any]:
    """In a process and a market of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.board", "here"], cwd=ROOT, check=True, text=True,
            env={**(env or os.environ), "INSTANCE_PATH": folder, "APP_ENV": "development", "LIMITS": "off",
                 "LOG_LEVEL": "ERROR"}, stdout=subprocess.PIPE,
        )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(found: dict[str, Any]) -> None:
    print(
        f"\n{CLASSES * FARMERS_EACH:,} farmers in {CLASSES} classes {'':8} {'CPU ms':>8} {'SQL':>5} {'SQL of ten':>11}"
    )
    for name, row in found.items():
        print(f"  {name:38} {row['cpu_ms']:>8} {row['sql']:>5} {row['sql_of_ten']:>11}")


def main() -> None:
    from sqlalchemy import event

    from marketplace.accounts.models import Role
    from marketplace.app import create_app
    from marketplace.foundation.db import db
    from tests import cast
    from tests.visit import Visitor

    app = create_app()
    said: list[str] = []

    def hear(*facts: Any) -> None:
        said.append(facts[2])

    with app.app_context():
        db.create_all()
        boss = cast.another("Cán bộ hội", "0912000070", Role.ADMIN, Role.TRAINER)
        code = fill(FEW, 0, boss.id)
        browser = Visitor(app).sign_in(boss)
        event.listen(db.engine, "before_cursor_execute", hear)

        def look(path: str) -> tuple[float, int]:
            path = path.format(code=code)
            browser.raw("GET", path)
            said.clear()
            begun = process_time()
            answer = browser.raw("GET", path)
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            return process_time() - begun, len(said)

        few = {name: look(path)[1] for name, path in PAGES.items()}
        fill(CLASSES - FEW, FEW, boss.id)
        found = {}
        for name, path in PAGES.items():
            seconds, statements = look(path)
            found[name] = {"cpu_ms": round(seconds * 1000), "sql": statements, "sql_of_ten": few[name]}
    print(json.dumps(found))


def fill(count: int, since: int, trainer_id: int) -> str:
    """So many classes with their farmers, each somewhere on the way to the first sale; the code of the last class."""
    from marketplace.accounts.models import Person
    from marketplace.catalog.models import Product
    from marketplace.farmers.models import Farm, FarmKind, FarmMember, FarmState
    from marketplace.foundation import clock
    from marketplace.foundation.db import db, transaction
    from marketplace.training.models import CameBy, Learner, LearnerState, TrainingClass

    now = clock.now()
    for number in range(since, since + count):
        begins = now - timedelta(days=1 + number % 90)
        with transaction():
            made = TrainingClass(
                title=f"Lớp {number}", province_code="19", commune_code=("05503", "05710")[number % 2], place="Nhà văn hóa",
                begins_at=begins, ends_at=begins + timedelta(hours=3), seats=FARMERS_EACH, trainer_id=trainer_id,
                join_code=f"{number:06d}",
            )  # fmt: skip
            people = [
                Person(
                    name=f"Nông dân {number}.{n}", phone=f"+8497{number:03d}{n:04d}", phone_verified_at=begins
                )
                for n in range(FARMERS_EACH)
            ]
            db.session.add_all([made, *people])
            db.session.flush()
            farms = [
                Farm(name=f"Vườn {number}.{n}", kind=FarmKind.HOUSEHOLD, state=FarmState.OPEN, phone=person.phone,
                     province_code="19", commune_code="05503", street="Xóm", open_at=begins)
                for n, person in enumerate(people) if n % 5
            ]  # fmt: skip
            db.session.add_all(farms)
            db.session.flush()
            owners = [person for n, person in enumerate(people) if n % 5]
            db.session.add_all(
                FarmMember(farm_id=farm.id, person_id=owner.id, is_owner=True)
                for farm, owner in zip(farms, owners, strict=True)
            )
            db.session.add_all(
                Product(farm_id=farm.id, name=farm.name, published_at=now) for farm in farms[::2]
            )
            db.session.add_all(
                Learner(class_id=made.id, person_id=person.id, name=person.name, phone=person.phone,
                        came_by=CameBy.CODE, state=LearnerState.JOINED, joined_at=begins)
                for person in people
            )  # fmt: skip
        code = made.code
    return code


if __name__ == "__main__":
    if sys.argv[1:] == ["here"]:
        main()
    else:
        report(measured())
