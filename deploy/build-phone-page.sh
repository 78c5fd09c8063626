#!/bin/sh
# Build the browser build of the mini-program, only where its sources have changed.
set -eu
cd "$(dirname "$0")/../miniprogram"
export CI=1
[ -d ../.venv/bin ] && PATH="$PATH:$PWD/../.venv/bin"
mark=dist/.h5-made-from
want=$(find src index.html package-lock.json vite.config.ts -type f | sort | xargs cat | cksum)
if [ ! -f "$mark" ] || [ "$(cat "$mark")" != "$want" ]; then
  echo "正在构建手机端页面……"
  npm run --silent build:h5 >/dev/null
  mkdir -p dist && echo "$want" > "$mark"
fi
