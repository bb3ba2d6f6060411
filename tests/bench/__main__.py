"""How fast is it, and compared with what? `python -m tests.bench [--quick] [--seconds N] [--pairs N]`; `make bench` runs it whole."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from goodword.commands.migrate import migrate
from goodword.house.folder import DataFolder
from goodword.house.postgres import Cluster
from tests.bench import engine, judging, machine, pages, report
from tests.bench.contests import CONTESTS, decided_after
from tests.bench.report import Findings
from tests.bench.sides import Side, baseline, product
from tests.journeys.house import House

TEXT = Path(__file__).parents[2] / "docs" / "performance.md"
ENGINE_EVENTS = 6_000
JUDGED_EVENTS = 100_000
IDLE_SECONDS = 3.0
WAITERS = 8


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two pairs, nothing written")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.5, help="the length of one run")
    args = parser.parse_args()
    pairs = 2 if args.quick else args.pairs
    found = Findings(machine.described(), datetime.now(UTC).strftime("%Y-%m-%d"), pairs)
    began = time.monotonic()
    stolen = machine.stolen()
    with tempfile.TemporaryDirectory(prefix="goodword-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with baseline(folder / "baseline") as plain, product(folder / "product") as (ours, house):
            say(f"{found.machine}; {pairs} pairs of {args.seconds:g} s")
            measure(found, plain, ours, house, pairs, args.seconds)
    found.steal = machine.stolen_since(stolen)
    for text in (report.contests_table(found), report.engine_table(found), report.goals_table(found)):
        say("\n" + text)
    say(f"\n{found.steal} Took {time.monotonic() - began:,.0f} s.")
    if not args.quick:
        TEXT.write_text(report.whole(found), encoding="utf-8")
        pages.write(pages.run(pages.REFERRALS, pages.ROUNDS))
        say(f"Written to {TEXT.relative_to(TEXT.parents[1])}.")


def measure(found: Findings, plain: Side, ours: Side, house: House, pairs: int, seconds: float) -> None:
    """All contests, the two sides in turn, and who begins in turn too."""
    time.sleep(IDLE_SECONDS)
    assert house.process is not None
    parts = {name: machine.memory_mb(pid) for name, pid in ours.roots.items()}
    found.idle_mb = {**parts, "serve itself": machine.memory_mb(house.process.pid) - sum(parts.values())}
    cluster = Cluster(DataFolder(house.data))
    urls = cluster.create_database("engine")
    migrate(urls)
    for pair in range(pairs):
        for contest in CONTESTS:
            sides = (plain, ours) if pair % 2 == 0 else (ours, plain)
            results = {side.name: contest.run(side, seconds) for side in sides}
            both = (results[plain.name], results[ours.name])
            found.pairs.setdefault(contest.name, []).append(both)
            rates = [one.receipts_per_second for one in both]
            say(
                f"  {pair + 1}/{pairs} {contest.name:<32} {rates[0]:>9,.0f} /s  {rates[1]:>9,.0f} /s  {rates[1] / rates[0]:>6.1f}x"
            )
        found.waits.append(decided_after(ours, WAITERS, seconds))
        found.engine.append(engine.measure(urls, ENGINE_EVENTS, f"engine-{pair}"))
        say(f"  {pair + 1}/{pairs} engine against COPY {'':<43} {found.engine[-1].ratio:>6.2f}")
    found.judged = judging.measure(urls, JUDGED_EVENTS, "judged")
    say(
        f"  a backtest: by the record {found.judged.per_second:,.0f} events/s, a share"
        f" {found.judged.share_per_second:,.0f}, anew {found.judged.anew_per_second:,.0f} events/s"
    )


if __name__ == "__main__":
    main()
