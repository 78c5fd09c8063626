#!/bin/sh
# A Chromium and a Chinese font for the browser tests: CHROMIUM, else the system's, else Debian's when root.
set -eu
if [ -n "${CHROMIUM:-}" ] || [ -x /usr/bin/chromium ]; then have_browser=1; else have_browser=0; fi
if fc-list :lang=zh 2>/dev/null | grep -q .; then have_font=1; else have_font=0; fi
[ "$have_browser$have_font" = 11 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei fontconfig >/dev/null
else
  echo "浏览器测试需要 Chromium 和中文字体，请运行：sudo apt-get install -y chromium fonts-wqy-microhei" >&2
  exit 1
fi
