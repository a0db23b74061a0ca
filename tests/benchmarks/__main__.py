"""`make bench`: the demo market beside bare Flask, both under gunicorn, asked in turn.

Quoted is processor time of the server's own processes per request, as a multiple of bare Flask's in the same round
(requests per second swing with whatever else the machine does), the middle of several rounds; SQL statements are what
the server says (X-Sql-Count). Writes bench.json.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import board, freight, importing, orders, search, shelf

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, REQUESTS = 5, 150
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = market_env(folder)
        prepare(env)
        with served("tests.benchmarks.hello:app", env) as hello, served("wsgi:app", env) as market:
            rows = measure(hello, market)
        report(rows)
        found = freight.measured(env)
        freight.report(found)
        imported = importing.measured(env)
        importing.report(imported)
        placed = orders.measured(env)
        orders.report(placed)
    boards = board.measured()
    board.report(boards)
    results = shelf.measured()
    shelf.report(results)
    engines = search.measured()
    search.report(engines)
    everything = {
        "pages": rows,
        "freight": found,
        "import": imported,
        "orders": placed,
        "boards": boards,
        "results": results,
        "search": engines,
    }
    (ROOT / "bench.json").write_text(json.dumps(everything, indent=1) + "\n")


def market_env(folder: str) -> dict[str, str]:
    return {
        **os.environ,
        "INSTANCE_PATH": folder,
        "APP_ENV": "development",
        "LIMITS": "off",
        "DEBUG_HEADERS": "1",
        "LOG_LEVEL": "ERROR",
    }


def prepare(env: dict[str, str]) -> None:
    """The demo market in a folder of its own."""
    for command in (["db", "upgrade"], ["seed", "demo"]):
        subprocess.run(
            [sys.executable, "-m", "flask", *command], cwd=ROOT, env=env, check=True, stdout=sys.stderr
        )


def measure(hello: "Server", market: "Server") -> list[dict[str, object]]:
    """One row per page: times bare Flask, SQL statements, bytes."""
    code = json.loads(market.get("/api/v1/products?per_page=1")[1])["items"][0]["code"]
    shop = market.get(f"/products/{code}", follow=True)[2]
    pages = {"home": "/", "shelf": "/products", "search": "/products?q=che+tan+cuong", "product": shop}
    rows: list[dict[str, object]] = []
    for name, path in pages.items():
        answer = market.get(path)
        ratios = []
        for _ in range(ROUNDS):
            unit = hello.cpu_per_request("/hello")
            ratios.append(market.cpu_per_request(path) / unit)
        rows.append(
            {
                "page": name,
                "times_bare_flask": round(statistics.median(ratios), 1),
                "least": round(min(ratios), 1),
                "most": round(max(ratios), 1),
                "sql": int(answer[3].get("X-Sql-Count", 0)),
                "bytes": len(answer[1]),
            }
        )
    return rows


def report(rows: list[dict[str, object]]) -> None:
    print(f"{'page':10} {'× bare Flask':>14} {'least–most':>14} {'SQL':>5} {'bytes':>8}")
    for row in rows:
        span = f"{row['least']}–{row['most']}"
        print(f"{row['page']:10} {row['times_bare_flask']:>14} {span:>14} {row['sql']:>5} {row['bytes']:>8}")


class Server:
    """A gunicorn with one worker, on a port of its own; asked over one line kept open, as a proxy before it does."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.port, self.process = port, process
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=180)

    def get(self, path: str, follow: bool = False) -> tuple[int, bytes, str, dict[str, str]]:
        try:
            self.line.request("GET", path)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # idle too long: the server hung up
            self.line.close()
            self.line.request("GET", path)
            answer = self.line.getresponse()
        body, headers = answer.read(), dict(answer.getheaders())
        if follow and answer.status in (301, 302, 303):
            return self.get(headers["Location"], follow)
        if answer.status >= 400:
            sys.exit(f"{path} answered {answer.status}")
        return answer.status, body, path, headers

    def cpu_per_request(self, path: str) -> float:
        """Seconds of processor time, all of the server's processes together."""
        return self.cpu_of([path] * REQUESTS)

    def cpu_of(self, paths: Sequence[str]) -> float:
        """The same, on average over these."""
        before = self.cpu()
        for path in paths:
            self.get(path)
        return max(self.cpu() - before, 1 / TICKS) / len(paths)

    def megabytes(self) -> int:
        """Memory of the largest process (its share, PSS)."""
        sizes = []
        for pid in self._family():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            sizes += [int(line.split()[1]) for line in rollup if line.startswith("Pss:")]
        return max(sizes) // 1024

    def cpu(self) -> float:
        """Seconds of processor time so far, all of the server's processes together."""
        total = 0.0
        for pid in self._family():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
        return total

    def _family(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]


@contextmanager
def served(application: str, env: dict[str, str], threads: int = 4) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "-k",
        "gthread",
        "-w",
        "1",
        "--threads",
        str(threads),
    ]
    process = subprocess.Popen(
        [*command, "-b", f"127.0.0.1:{port}", "--log-level", "error", application], cwd=ROOT, env=env
    )
    server = Server(port, process)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield server
    finally:
        server.line.close()
        process.terminate()
        process.wait(60)


if __name__ == "__main__":
    main()
