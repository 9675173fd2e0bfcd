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

# download unpacks Chromium and the libraries it needs under $cache/root. apt-get works with a state of its own, so that
# neither the system's package lists nor its packages change; the mirror is the one the system itself uses.
download() {
  local part=$cache/root.part mirror key release packages apt lib
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    die "none on PATH, and this is no Debian to fetch one for: $otherwise"
  mirror=$(sed -nE 's/^(URIs:|deb) *(\[[^]]*\] *)?([^#]*)/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    cat - /etc/apt/mirrors/*.list 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
  # The program starts with the system's C library: it has to be of the system's release.
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") || true
  [ -n "$mirror" ] && [ -n "$release" ] || die "none on PATH, and no Debian mirror in the apt sources: $otherwise"
  for key in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do [ -e "$key" ] && break; done

  say "downloading Chromium (120 MB, 360 MB unpacked, once) to $cache"
  rm -rf "$part" "$cache/apt"
  mkdir -p "$part" "$cache"/apt/{lists/partial,archives/partial}
  : >"$cache/apt/status"
  echo "deb [signed-by=$key] $mirror $release main" >"$cache/apt/sources.list"
  # The system's settings, a proxy say, but not its hooks: some clean the system's own cache.
  apt-config dump | grep -v Invoke >"$cache/apt/apt.conf"
  echo 'Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null";' >>"$cache/apt/apt.conf"
  export APT_CONFIG=$cache/apt/apt.conf
  apt=(apt-get -qq -o Dir::State="$cache/apt" -o Dir::State::status="$cache/apt/status" -o Dir::Cache="$cache/apt"
    -o Dir::Etc::sourcelist="$cache/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o APT::Install-Recommends=0 -o APT::Sandbox::User= -o Acquire::Retries=3)
  "${apt[@]}" update >&2 || die "the package lists could not be fetched: see above"
  # Without the C library, and without what draws on a screen: pages are drawn in memory.
  packages=$("${apt[@]}" install -s chromium-headless-shell | awk '$1 == "Inst" { print $2 }' |
    grep -vE '^(libc6|libc-|gcc-|libllvm|libz3|libgl1|libglx|libglvnd|libglapi|x11-|xdg-|xkb-|debconf|perl|libperl)') || die "Debian's chromium-headless-shell cannot be had: see above"
  # shellcheck disable=SC2086 # package names are words
  (cd "$cache/apt/archives" && "${apt[@]}" download $packages >&2) || die "the packages could not be fetched: see above"
  for package in "$cache"/apt/archives/*.deb; do dpkg -x "$package" "$part"; done
  rm -rf "$cache/apt"

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
