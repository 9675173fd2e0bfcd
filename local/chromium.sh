#!/usr/bin/env bash
# Finds or downloads a Chromium for the browser tests. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/chromium.sh

Prints the path of a Chromium that can run headless.

The script uses chromium, chromium-browser, google-chrome, or chromium-headless-shell on PATH. If none of them works, and
the system is Debian, it downloads Chromium once with apt-get into ~/.cache/slipway (or $XDG_CACHE_HOME/slipway). It
installs nothing and does not need root. The download lacks security updates: use it for local pages only.
END
}
say() { echo "chromium: $*" >&2; }
die() { say "$*"; exit 1; }

cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/chromium
otherwise="install chromium or google-chrome, so that it is on PATH"

# shellcheck source=local/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# download unpacks Chromium and its libraries into $cache/root.
download() {
  local part=$cache/root.part release lib
  say "downloading Chromium (120 MB, 360 MB unpacked, once) to $cache"
  # The program uses the system's C library, so it must be of the same release.
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") || true
  # Leave out the C library and the packages for a display: headless Chromium draws in memory.
  unpack "$release" chromium-headless-shell \
    '^(libc6|libc-|gcc-|libllvm|libz3|libgl1|libglx|libglvnd|libglapi|x11-|xdg-|xkb-|debconf|perl|libperl)'

  # Use only the fonts of the packages, and keep the font cache out of the home folder.
  cat >"$part/fonts.conf" <<END
<?xml version="1.0"?>
<fontconfig><dir>$cache/root/usr/share/fonts</dir><cachedir>$cache/fonts</cachedir></fontconfig>
END
  lib=$(basename "$(echo "$part"/usr/lib/*-linux-gnu)")
  cat >"$part/chromium" <<END
#!/bin/sh
# Chromium's sandbox does not run as root.
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
  # On some systems these commands only print how to install the browser.
  case $("$own" --version 2>/dev/null) in
    *Chrom*) echo "$own"; exit 0 ;;
    *) say "ignoring $own: it does not run" ;;
  esac
done
mkdir -p "$cache"
# The lock makes concurrent runs wait for one download.
( if command -v flock >/dev/null; then flock 9; fi
  [ -d "$cache/root" ] || download ) 9>"$cache/lock"
"$cache/root/chromium" --version >/dev/null || die "the downloaded Chromium does not run (see above): delete $cache, or $otherwise"
echo "$cache/root/chromium"
