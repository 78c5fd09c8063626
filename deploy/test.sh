#!/bin/sh
# Everything CI checks, or a part: `test.sh [all|fast|lint]`. Starts what it needs on free ports and stops it.
set -eu
cd "$(dirname "$0")/.."
part=${1:-all}
export CI=1 PYTHONPATH="$PWD" PATH="$PATH:$PWD/.venv/bin"
bin=.venv/bin
say() { printf '\n== %s\n' "$1"; }

say "lint, import contracts, types"
$bin/ruff check app services models wechat tests deploy docs wsgi.py
$bin/lint-imports --no-cache | tail -n 3
$bin/mypy services models wechat app
[ "$part" = lint ] && exit 0

if [ "$part" = fast ]; then
  say "unit, architecture, services on SQLite"
  exec $bin/python -m pytest tests/unit tests/architecture tests/services -n 2
fi

say "all but the browser, on SQLite"
$bin/python -m pytest tests --ignore=tests/browser --ignore=tests/faults -n 2
say "database tests on PostgreSQL"
$bin/python -m tests.with_postgres $bin/python -m pytest tests/services tests/api tests/jobs tests/migrations tests/faults tests/integration --db postgres -n 2

say "mini-program: types, unit tests, API drift"
(cd miniprogram && npm run --silent type-check && npm run --silent lint && npm test --silent && node scripts/check-api.mjs)
say "mini-program: both builds"
(cd miniprogram && npm run --silent build:mp-weixin >/dev/null && npm run --silent check:mp && npm run --silent build:mp-web >/dev/null)
sh deploy/build-phone-page.sh

say "the day, in Chromium"
sh deploy/chromium.sh
$bin/python -m pytest tests/browser
