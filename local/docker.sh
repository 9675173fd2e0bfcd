#!/usr/bin/env bash
# Starts a Docker Engine for sam local, and creates a base image without a registry. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/docker.sh COMMAND

  start DIR   print the address of a Docker Engine, for DOCKER_HOST. If none is running, start a temporary one with its
              files in DIR
  stop DIR    stop the temporary engine, if one was started, and delete DIR and everything else that the engine created
  client      print the path of a docker command
  image NAME  create an image NAME on the engine, as a substitute for AWS's Lambda base image

A temporary engine requires Debian and root. The script downloads Debian's engine once with apt-get into ~/.cache/slipway
(or $XDG_CACHE_HOME/slipway) and installs nothing. The engine has its own socket, network bridge, and cgroups. It changes
no firewall rule and no kernel setting, so its containers reach this machine only.

The substitute image is for networks that cannot reach public.ecr.aws. It is not Amazon Linux. It contains Debian's static
busybox as sh, mv, and chmod (which SAM's layer needs), CA certificates, /tmp, and the user root. The functions of this
project are static binaries and need nothing else. A program that needs a C library does not run in it.
END
}
say() { echo "docker: $*" >&2; }
die() { say "$*"; exit 1; }

cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/docker
otherwise="install and start Docker"
# shellcheck source=local/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# download unpacks the engine, busybox, and their libraries into $cache/root.
download() {
  local part=$cache/root.part release
  say "downloading Docker (66 MB, 200 MB unpacked, once) to $cache"
  # The programs use the system's C library, so they must be of the same release.
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") || true
  # Before Debian 13, docker.io contains docker-cli. The packages that remain are libraries of dockerd and runc.
  unpack "$release" "docker.io docker-cli? busybox-static ca-certificates" '^(perl|lib.*-perl$|libperl|libgdbm|libdb5|debconf|cdebconf|libdebian|libtext|libnewt|libslang|adduser|passwd|libc6|libc-|gcc-|libgcc|dpkg|tar$|init-system|iptables|libip|libnf|libnet|tini|lsb-base|sysv|libpam|libaudit|libcap-ng|libsem|libsep|libcrypt1|libacl|libattr|libmd|libbz2|dmsetup|libmnl|libxtables|zlib|libxxhash|netbase|usrmerge|openssl|libssl)'
  rm -rf "$part"/usr/share/{doc,man,bash-completion,docker.io} "$part"/usr/bin/{ctr,dnet,containerd-shim,containerd-shim-runc-v1} "$part"/usr/sbin/ovrouter
  mv "$part" "$cache/root"
}

# fetched creates $cache/root if it is missing. The lock makes concurrent runs wait for one download.
fetched() {
  [ -d "$cache/root" ] && return
  mkdir -p "$cache"
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -d "$cache/root" ] || download ) 9>"$cache/lock"
}

# use puts the downloaded programs and libraries on PATH and LD_LIBRARY_PATH.
use() {
  local lib
  fetched
  lib=$(basename "$(echo "$cache"/root/usr/lib/*-linux-gnu)")
  export PATH="$cache/root/usr/sbin:$cache/root/usr/bin:$PATH" LD_LIBRARY_PATH="$cache/root/usr/lib/$lib:$cache/root/lib/$lib"
  busybox=$cache/root/bin/busybox
  [ -e "$busybox" ] || busybox=$cache/root/usr/bin/busybox
}

client() {
  command -v docker && return
  [ -e /etc/debian_version ] || die "docker is not on PATH: $otherwise"
  fetched
  echo "$cache/root/usr/bin/docker" # needs no library but the C library
}

# responds tests whether an engine responds at DOCKER_HOST, or at the client's default address.
responds() { [ -n "$("$docker" version -f '{{.Server.Version}}' 2>/dev/null)" ]; }

# start_bridge creates the network bridge of the containers. Its addresses are from the range for benchmarks (RFC 2544),
# which normal networks do not use.
start_bridge() {
  local name address
  for _ in 1 2 3 4 5; do
    name=slipway$((RANDOM % 10000)) address=198.18.$((RANDOM % 256)).$((RANDOM % 16 * 16 + 1))
    if "$busybox" ip addr | grep -qF "inet $address/"; then continue; fi
    "$busybox" ip link add name "$name" type bridge || continue
    echo "$name" >"$dir/bridge"
    "$busybox" ip addr add "$address/28" dev "$name" && "$busybox" ip link set "$name" up && return
    break
  done
  die "cannot create a network bridge (see above): $otherwise"
}

# alive tests whether the engine of DIR is running. It checks the command line, because the process ID may be reused.
alive() { [ -s "$dir/pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$dir/pid")/cmdline" | grep -qF -- "--data-root $dir/data"; }

start() {
  local address socket name
  docker=$(client)
  if responds; then "$docker" context inspect -f '{{.Endpoints.docker.Host}}'; return; fi
  [ -e /etc/debian_version ] || die "no engine is running, and a temporary one requires Debian: $otherwise"
  [ "$(id -u)" = 0 ] || die "no engine is running, and a temporary one requires root: $otherwise"
  use
  mkdir -p "$dir"
  start_bridge
  # The path of a socket has at most 107 characters, so it cannot be in DIR.
  socket=$(mktemp -d /tmp/slipway-docker.XXXXXX)
  echo "$socket" >"$dir/socket"
  name=$(basename "$socket")
  echo '{}' >"$dir/daemon.json" # instead of the system's configuration
  export DOCKER_HOST=unix://$socket/s
  # In a new session, Ctrl-C does not end the engine before its containers. In a new mount namespace, its mounts and its
  # files in /run are private, and end with it.
  # shellcheck disable=SC2016 # for the inner shell
  setsid unshare --mount --propagation slave sh -c 'mount -t tmpfs slipway /run && exec "$@"' sh \
    dockerd --config-file "$dir/daemon.json" --host "$DOCKER_HOST" --data-root "$dir/data" --exec-root /run/d --pidfile "$dir/dockerd.pid" \
    --bridge="$(cat "$dir/bridge")" --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false \
    --cgroup-parent="/$name" </dev/null >"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  for _ in $(seq 300); do
    if responds; then
      readlink "/proc/$(cat "$dir/pid")/ns/mnt" >"$dir/namespace"
      echo "$DOCKER_HOST"
      return
    fi
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$dir/log" >&2
  stop
  die "the engine did not start: see above; $otherwise"
}

stop() {
  local socket name folder process
  [ -d "$dir" ] || return 0
  socket=$(cat "$dir/socket" 2>/dev/null) || socket=
  name=$(basename "${socket:-none}")
  if alive; then
    use
    export DOCKER_HOST=unix://$socket/s
    # shellcheck disable=SC2046 # IDs are words
    timeout 20 docker rm -f $(timeout 20 docker ps -aq) >/dev/null 2>&1 || true # fails if there are no containers
    kill -TERM "$(cat "$dir/pid")"
    for _ in $(seq 200); do alive || break; sleep 0.1; done
    if alive; then kill -KILL "$(cat "$dir/pid")"; fi
  fi
  # After a kill, end the helper processes (in the engine's mount namespace) and the processes of its containers.
  for process in /proc/[0-9]*; do
    [ -s "$dir/namespace" ] && [ "$(readlink "$process/ns/mnt")" = "$(cat "$dir/namespace")" ] || continue
    case $(readlink "$process/exe") in "$cache"/root/*) kill -KILL "${process#/proc/}" 2>/dev/null || true ;; esac
  done
  for folder in $(find /sys/fs/cgroup -depth -type d -path "*/$name*" 2>/dev/null); do
    # shellcheck disable=SC2046 # IDs are words
    kill -KILL $(cat "$folder/cgroup.procs") 2>/dev/null || true
    for _ in $(seq 50); do rmdir "$folder" 2>/dev/null && break; sleep 0.1; done
  done
  if [ -s "$dir/bridge" ]; then
    use
    "$busybox" ip link del "$(cat "$dir/bridge")" 2>/dev/null || true # it may be missing
  fi
  for _ in $(seq 50); do rm -rf "$dir" 2>/dev/null && break; sleep 0.1; done # the last process may still write
  [ ! -d "$dir" ] || die "cannot delete $dir"
  [ -z "$socket" ] || rm -rf "$socket"
}

image() {
  local root part
  docker=$(client)
  # busybox comes from the download, even if the system has its own engine.
  use
  root=$(mktemp -d "${TMPDIR:-/tmp}/slipway-image.XXXXXX")
  part=$root/image
  mkdir -p "$part"/{bin,etc/ssl/certs,tmp,var/task}
  cp "$busybox" "$part/bin/busybox"
  for applet in sh mv chmod; do ln -s busybox "$part/bin/$applet"; done
  echo 'root:x:0:0:root:/:/bin/sh' >"$part/etc/passwd"
  cat "$cache"/root/usr/share/ca-certificates/mozilla/*.crt >"$part/etc/ssl/certs/ca-certificates.crt"
  chmod -R u=rwX,go=rX "$part"
  chmod 1777 "$part/tmp"
  tar -C "$part" --owner=0 --group=0 -c . | "$docker" import -c 'LABEL slipway.stand-in=yes' - "$1" >/dev/null || { rm -rf "$root"; die "cannot create the image: see above"; }
  rm -rf "$root"
}

case ${1:-} in
  start | stop)
    dir=${2:?$1: missing DIR}
    case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
    "$1" ;;
  client) client ;;
  image) image "${2:?image: missing NAME}" ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
