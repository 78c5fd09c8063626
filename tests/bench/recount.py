"""How long a recount takes: `python -m tests.bench.recount [ballots]`."""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from services.rules.ballot_record import RoundWords, build_record, read_record, verify_record
from services.rules.ballots import VotingMethod

ROOT = Path(__file__).resolve().parents[2]


def main(ballots: int) -> None:
    rng = random.Random(1)
    candidates = [(f"P{number:02d}", f"项目{number}") for number in range(30)]
    codes = [code for code, _ in candidates]
    urn = [(rng.randbytes(32), sorted(rng.sample(codes, rng.randint(0, 24)))) for _ in range(ballots)]
    record = build_record(RoundWords("bench", "计票", "2026-12-20"), VotingMethod("select_up_to_n", 24), candidates,
                          members=ballots, present=ballots, issued=ballots, ballots=urn)
    text = json.dumps(record, ensure_ascii=False)
    start = time.perf_counter()
    problems = verify_record(read_record(text), record["hashes"]["record"])
    print(f"verify_record: {ballots} ballots in {time.perf_counter() - start:.3f} s, {len(problems)} problems")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.json"
        path.write_text(text, encoding="utf-8")
        start = time.perf_counter()
        done = subprocess.run([sys.executable, str(ROOT / "docs" / "recount.py"), str(path)], check=False,
                              capture_output=True)
        print(f"docs/recount.py: {ballots} ballots in {time.perf_counter() - start:.3f} s with the start of Python, "
              f"exit {done.returncode}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
