#!/bin/sh
# What the browser tests need, installed where it is missing: Chromium (Debian's package), and axe-core and
# playwright-core (the npm registry, versions and hashes in package-lock.json) into .recount/browser.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../../.recount/browser

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "browser tests: Node 20 or newer with npm is needed; install it and try again" >&2
  exit 2
fi
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  echo "browser tests: Node 20 or newer is needed, this is $(node --version)" >&2
  exit 2
fi

if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "browser tests: installing Debian's package chromium (once)"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  else
    echo "browser tests: no Chromium here, and only root could install it; install the package chromium and try again" >&2
    exit 2
  fi
fi

mkdir -p "$cache"
if ! cmp -s "$here/package-lock.json" "$cache/installed.json" || [ ! -d "$cache/node_modules" ]; then
  echo "browser tests: installing axe-core and playwright-core into .recount/browser (once)"
  cp "$here/package.json" "$here/package-lock.json" "$cache/"
  (cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$here/package-lock.json" "$cache/installed.json"
fi
