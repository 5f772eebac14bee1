"""`make test`: every check, one after the other, and a summary at the end.

A stage that fails does not keep the others from running. Options are passed on to pytest:
`python -m scripts.test -k oauth`. The exit code is 0 when everything is green.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from scripts import chromium

ROOT = Path(__file__).resolve().parent.parent
BINARIES = Path(sys.executable).parent
# Not test-results: Playwright empties that at every start.
RESULTS = ROOT / ".cache" / "results"
PYTEST_STAGES = ("unit", "contract", "integration", "e2e", "faults")


def main() -> int:
    """Run all stages; return 1 when one of them failed."""
    os.chdir(ROOT)
    RESULTS.mkdir(parents=True, exist_ok=True)
    browser = chromium.ensure()
    environment = os.environ | ({"CHROMIUM": browser} if browser else {})
    outcomes = {name: run(name, command, environment) for name, command in stages().items()}
    return summary(outcomes)


def stages() -> dict[str, list[str]]:
    """The commands by the name that the summary gives them."""
    tool = {name: str(BINARIES / name) for name in ("deptry", "mypy", "pytest", "ruff")}
    checks = {
        "format": [tool["ruff"], "format", "--check", "."],
        "lint": [tool["ruff"], "check", "."],
        "lint (browser)": ["npx", "--no-install", "eslint", "."],
        "types": [tool["mypy"]],
        "dependencies": [tool["deptry"], "."],
    }
    tests = {name: [tool["pytest"], *pytest_options(name), *sys.argv[1:]] for name in PYTEST_STAGES}
    return checks | tests


def pytest_options(stage: str) -> list[str]:
    # The fault tests start whole installations, which keep every core busy by themselves.
    workers = "0" if stage == "faults" else str(min(os.cpu_count() or 1, 4))
    return [f"tests/{stage}", "-q", "-n", workers, "--dist", "loadfile", f"--junitxml={RESULTS / stage}.xml"]


def run(name: str, command: list[str], environment: dict[str, str]) -> tuple[bool, float]:
    """Run one stage; return whether it went well, and the seconds it took."""
    print(f"\n── {name} " + "─" * (70 - len(name)), flush=True)
    start = time.monotonic()
    code = subprocess.run(command, env=environment, check=False).returncode
    return code == 0, time.monotonic() - start


def summary(outcomes: dict[str, tuple[bool, float]]) -> int:
    """Print what each stage came to, why tests were skipped, and the count of all tests."""
    print("\n── summary " + "─" * 63)
    total: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for name, (went_well, seconds) in outcomes.items():
        counts = tests_of(name, reasons)
        total += counts
        detail = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
        print(f"  {'ok    ' if went_well else 'FAILED'}  {name:<16} {seconds:6.1f} s  {detail}")
    for reason, number in reasons.most_common():
        print(f"  skipped {number}: {reason}")
    green = all(went_well for went_well, _ in outcomes.values())
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if green else 1


def tests_of(stage: str, reasons: Counter[str]) -> Counter[str]:
    """Count the results of a pytest stage; adds to *reasons* why tests were skipped."""
    file = RESULTS / f"{stage}.xml"
    counts: Counter[str] = Counter()
    if stage not in PYTEST_STAGES or not file.exists():
        return counts
    for case in ET.parse(file).iter("testcase"):  # noqa: S314 -- as above
        skipped = case.find("skipped")
        broken = case.find("failure") is not None or case.find("error") is not None
        counts["skipped" if skipped is not None else "failed" if broken else "passed"] += 1
        if skipped is not None:
            reasons[skipped.get("message", "no reason given")] += 1
    file.unlink()
    return counts


if __name__ == "__main__":
    sys.exit(main())
