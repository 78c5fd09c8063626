"""Run a command with TEST_DATABASE_URL of a cluster that lives just as long: one for all test workers."""

import os
import subprocess
import sys

from tests.databases import started_cluster


def main() -> int:
    if os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(sys.argv[1:])
    with started_cluster() as url:
        return subprocess.call(sys.argv[1:], env={**os.environ, "TEST_DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main())
