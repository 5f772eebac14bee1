"""The sandbox's REST API: does its size matter, and how does it compare with a peer emulator?

1. Search, the first page, a page deep in the list and one record, in the sandbox as it starts and in one
   with 100,000 patients and 500,000 orders, asked in turn. Aim: the p95 of the big one at most twice the
   small one's.
2. Creates, retrieves and lists a second of one connection, beside localstripe's customers, in turn in one
   run. Aim: at least twice its creates and lists, and 0.6 of its retrieves.

    python -m bench.sandbox_api
"""

from __future__ import annotations

import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from bench import big_clinic
from bench.wire import Wire
from fullscript_embed.testing import start_sandbox

MAYA = "maya.chen@juniper.example"
ROUNDS, WARM_UP = 400, 40
SECONDS, TURNS = 1.0, 5
FEW = 100  # records on each side before they are compared
FORM = "application/x-www-form-urlencoded"
AIMS = {"create": 2.0, "retrieve": 0.6, "list of 20": 2.0, "list of 100": 2.0}

Calls = dict[str, Callable[[], object]]


def main() -> None:
    """Print both tables."""
    os.environ["SANDBOX_RATE_LIMIT"] = "1000000000"
    with TemporaryDirectory() as small, TemporaryDirectory() as big:
        _make_big(Path(big))
        with _sandbox(Path(small)) as one, _sandbox(Path(big)) as other:
            _report_sizes(_times({"small": _questions(one), "big": _questions(other)}))
            with _localstripe() as peer:
                _report_rates(_rates({"sandbox": _works(one), "localstripe": _peer_works(peer)}))


def _make_big(folder: Path) -> None:
    with start_sandbox(folder):
        pass
    start = time.perf_counter()
    big_clinic.fill(folder / "sandbox.db")
    took = time.perf_counter() - start
    print(f"{big_clinic.PATIENTS:,} patients and {big_clinic.ORDERS:,} orders in {took:.0f} s")


@contextmanager
def _sandbox(folder: Path) -> Iterator[Wire]:
    with start_sandbox(folder) as sandbox:
        token = sandbox.token(sandbox.apps()[0], MAYA)["oauth"]["access_token"]
        wire = Wire(sandbox.url, token)
        yield wire
        wire.close()


def _questions(wire: Wire) -> Calls:
    """What is asked of both sizes, with other words each time."""
    chance = random.Random(3)
    patients = wire.get("/api/clinic/patients?page[size]=100")
    orders = wire.get("/api/clinic/orders?page[size]=100")
    last, last_order = patients["meta"]["total_count"] // 20, orders["meta"]["total_count"] // 20
    rows = patients["patients"]

    def search() -> object:
        row = chance.choice(rows)
        words = chance.choice([row["last_name"], row["email"], f"{row['first_name']} {row['last_name']}"])
        return wire.get(f"/api/clinic/search/patients?query={quote(words)}")

    return {
        "search": search,
        "patients, page 1": lambda: wire.get("/api/clinic/patients"),
        "patients, deep page": lambda: wire.get(
            f"/api/clinic/patients?page[number]={chance.randint(last * 3 // 4, last)}"
        ),
        "patients, one": lambda: wire.get(f"/api/clinic/patients/{chance.choice(rows)['id']}"),
        "orders, page 1": lambda: wire.get("/api/clinic/orders"),
        "orders, deep page": lambda: wire.get(
            f"/api/clinic/orders?page[number]={chance.randint(last_order * 3 // 4, last_order)}"
        ),
        "orders, of a patient": lambda: wire.get(
            f"/api/clinic/orders?patient_id={chance.choice(orders['orders'])['patient_id']}"
        ),
        "orders, one": lambda: wire.get(f"/api/clinic/orders/{chance.choice(orders['orders'])['id']}"),
    }


def _times(sides: dict[str, Calls]) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each call, the sides taken in turn so that both meet the same machine."""
    times: dict[str, dict[str, list[float]]] = {}
    for name in next(iter(sides.values())):
        times[name] = {side: [] for side in sides}
        for turn in range(ROUNDS + WARM_UP):
            for side, calls in sides.items():
                start = time.perf_counter()
                calls[name]()
                if turn >= WARM_UP:
                    times[name][side].append((time.perf_counter() - start) * 1000)
    return times


def _report_sizes(times: dict[str, dict[str, list[float]]]) -> None:
    print(f"\n{'p95 in ms':<24}{'small':>8}{'big':>8}{'ratio':>8}   aim 2.0")
    for name, sides in times.items():
        small, big = (statistics.quantiles(values, n=20)[-1] for values in sides.values())
        print(f"{name:<24}{small:8.2f}{big:8.2f}{big / small:8.2f}")


@contextmanager
def _localstripe() -> Iterator[Wire]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with TemporaryDirectory() as folder:
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env={**os.environ, "TMPDIR": folder}, stdout=quiet, stderr=quiet)
        try:
            yield Wire(_when_up(port), "sk_test_bench")
        finally:
            process.terminate()
            process.wait()


def _when_up(port: int) -> str:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return f"http://127.0.0.1:{port}"
    raise SystemExit("localstripe did not start")


def _works(wire: Wire) -> Calls:
    numbers = count(wire.get("/api/clinic")["clinic"]["patient_count"])
    known = wire.get("/api/clinic/patients")["patients"][0]["id"]

    def create() -> object:
        number = next(numbers)
        body = f'{{"first_name":"Ann","last_name":"Bench","email":"ann.{number}@bench.example"}}'
        return wire.call("POST", "/api/clinic/patients", body.encode())

    for _ in range(FEW):
        create()
    return {
        "retrieve": lambda: wire.get(f"/api/clinic/patients/{known}"),
        "list of 20": lambda: wire.get("/api/clinic/patients?page[size]=20"),
        "list of 100": lambda: wire.get("/api/clinic/patients?page[size]=100"),
        "create": create,
    }


def _peer_works(wire: Wire) -> Calls:
    numbers = count()

    def create() -> object:
        body = f"name=Ann+Bench&email=ann.{next(numbers)}%40bench.example"
        return wire.call("POST", "/v1/customers", body.encode(), FORM)

    made = [create() for _ in range(FEW)]
    known = made[0]["id"]  # type: ignore[index]  # an answer of localstripe
    return {
        "retrieve": lambda: wire.get(f"/v1/customers/{known}"),
        "list of 20": lambda: wire.get("/v1/customers?limit=20"),
        "list of 100": lambda: wire.get("/v1/customers?limit=100"),
        "create": create,
    }


def _rates(sides: dict[str, Calls]) -> dict[str, dict[str, float]]:
    """Calls a second: the median of several turns of a second each, taken in turn."""
    rates: dict[str, dict[str, list[float]]] = {}
    for name in next(iter(sides.values())):
        rates[name] = {side: [] for side in sides}
        for _ in range(TURNS):
            for side, calls in sides.items():
                rates[name][side].append(_rate(calls[name]))
    return {
        name: {side: statistics.median(values) for side, values in both.items()}
        for name, both in rates.items()
    }


def _rate(call: Callable[[], object]) -> float:
    done, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        call()
        done += 1
    return done / passed


def _report_rates(rates: dict[str, dict[str, float]]) -> None:
    print(f"\n{'calls a second':<24}{'sandbox':>12}{'localstripe':>12}{'ratio':>8}{'aim':>8}")
    for name, sides in rates.items():
        ours, theirs = sides.values()
        print(f"{name:<24}{ours:12.0f}{theirs:12.0f}{ours / theirs:8.2f}{AIMS[name]:8.1f}")


if __name__ == "__main__":
    main()
