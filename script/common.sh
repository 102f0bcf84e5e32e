# shellcheck shell=bash
# What the scripts share. Sourced, never run: it puts the caller at the root of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A log file gains nothing from a progress bar that redraws itself.
if [ -n "${CI:-}" ] || [ ! -t 2 ]; then export CARGO_TERM_PROGRESS_WHEN=never; fi
export npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false

say() { printf '\n==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
die() { printf '\nerror: %s\n' "$*" >&2; exit 1; }

# at_least HAVE WANT: whether version HAVE is WANT or newer.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# npm_install DIR: installs what the lock file says, once per lock file.
npm_install() {
  local stamp="$1/node_modules/.installed-lock"
  if cmp -s "$1/package-lock.json" "$stamp"; then return; fi
  say "Installing the packages of $1"
  (cd "$1" && npm ci --no-progress) || return
  cp "$1/package-lock.json" "$stamp"
}

# build_web: builds web/dist when something it is made of is newer than the last build.
build_web() {
  local stamp=web/node_modules/.built
  if [ -f web/dist/dashboard.html ] && [ -f "$stamp" ] && [ -z "$(find web \
    \( -name node_modules -o -name dist -o -name '.*' \) -prune -o \
    -newer "$stamp" -print -quit)" ]; then
    return
  fi
  say "Building the web pages"
  (cd web && npm run --silent build) || return
  touch "$stamp"
}

# free_port: prints a port of the loopback interface that nobody listens on.
free_port() {
  node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}
