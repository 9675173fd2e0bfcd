#!/usr/bin/env bash
# A Chromium for the tests of the page at /docs, without touching the system. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/chromium.sh

Prints the path of a Chromium that runs without a screen.

One on PATH is used if there is one: chromium, chromium-browser, google-chrome, chromium-headless-shell. Otherwise, on
Debian, Chromium is downloaded once with apt-get into ~/.cache/slipway (XDG_CACHE_HOME moves it): nothing is installed
and no root is needed. It has none of the security updates that are newer than the Debian release: it is for pages of
this machine.
END
}
say() { echo "chromium: $*" >&2; }
die() { say "$*"; exit 1; }

cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/chromium
otherwise="install chromium or google-chrome, so that it is on PATH"

# shellcheck source=local/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# download unpacks Chromium and the libraries it needs under $cache/root.
download() {
  local part=$cache/root.part release lib
  say "downloading Chromium (120 MB, 360 MB unpacked, once) to $cache"
  # The program starts with the system's C library: it has to be of the system's release.
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") || true
  # Without the C library, and without what draws on a screen: pages are drawn in memory.
  unpack "$release" chromium-headless-shell \
    '^(libc6|libc-|gcc-|libllvm|libz3|libgl1|libglx|libglvnd|libglapi|x11-|xdg-|xkb-|debconf|perl|libperl)'

  # Fonts are those of the packages, and their index is kept here too.
  cat >"$part/fonts.conf" <<END
<?xml version="1.0"?>
<fontconfig><dir>$cache/root/usr/share/fonts</dir><cachedir>$cache/fonts</cachedir></fontconfig>
END
  lib=$(basename "$(echo "$part"/usr/lib/*-linux-gnu)")
  cat >"$part/chromium" <<END
#!/bin/sh
# Chromium's own sandbox refuses to run as root.
[ "\$(id -u)" != 0 ] || set -- --no-sandbox "\$@"
export LD_LIBRARY_PATH="$cache/root/usr/lib/$lib:$cache/root/usr/lib/$lib/pulseaudio:$cache/root/lib/$lib" FONTCONFIG_FILE="$cache/root/fonts.conf"
exec "$cache/root/usr/lib/chromium/chromium-headless-shell" "\$@"
END
  chmod +x "$part/chromium"
  mv "$part" "$cache/root"
}

case ${1:-} in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

for name in chromium chromium-browser google-chrome chromium-headless-shell; do
  own=$(command -v "$name") || continue
  # Some of these names are only there to say how to install one.
  case $("$own" --version 2>/dev/null) in
    *Chrom*) echo "$own"; exit 0 ;;
    *) say "$own does not run: not used" ;;
  esac
done
mkdir -p "$cache"
# However many runs begin together, one downloads: who waited finds it there.
( if command -v flock >/dev/null; then flock 9; fi
  [ -d "$cache/root" ] || download ) 9>"$cache/lock"
"$cache/root/chromium" --version >/dev/null || die "what was downloaded does not run here (see above): delete $cache, or $otherwise"
echo "$cache/root/chromium"
