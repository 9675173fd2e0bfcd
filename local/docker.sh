#!/usr/bin/env bash
# A Docker Engine for sam local, without touching the system, and an image where no registry is. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/docker.sh COMMAND

  start DIR   print the address of a Docker Engine, for DOCKER_HOST: of the one that runs, or of a throw-away one, which
              is started with its files in DIR
  stop DIR    stop that one, if one was started, and delete DIR and all that it left elsewhere
  client      print the path of a docker command
  image NAME  make an image of that name on the engine, to stand in for AWS's own base image of Lambda

A throw-away engine takes Debian and root. It is Debian's, downloaded once with apt-get into ~/.cache/slipway
(XDG_CACHE_HOME moves it): nothing is installed. It has a socket, a network bridge and cgroups of its own, and changes no
firewall rule and no kernel setting: what runs in it reaches this machine and nothing else.

The stand-in image is for where public.ecr.aws cannot be reached. It is no Amazon Linux: it holds Debian's static busybox as
sh, mv and chmod, which SAM's own layer on top of it takes, the certificates of certificate authorities, /tmp and the user
root. The functions of this project are static binaries and use nothing else; what needs a C library, or any other program
of Amazon Linux, does not run in it.
END
}
say() { echo "docker: $*" >&2; }
die() { say "$*"; exit 1; }

cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/docker
otherwise="install and start Docker"
# shellcheck source=local/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# download unpacks the engine, busybox and the libraries they need under $cache/root.
download() {
  local part=$cache/root.part release
  say "downloading Docker (66 MB, 200 MB unpacked, once) to $cache"
  # The programs start with the system's C library: they have to be of the system's release.
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") || true
  # docker-cli is a part of docker.io in releases before Debian 13. The rest is what dockerd and runc are linked with.
  unpack "$release" "docker.io docker-cli? busybox-static ca-certificates" '^(perl|lib.*-perl$|libperl|libgdbm|libdb5|debconf|cdebconf|libdebian|libtext|libnewt|libslang|adduser|passwd|libc6|libc-|gcc-|libgcc|dpkg|tar$|init-system|iptables|libip|libnf|libnet|tini|lsb-base|sysv|libpam|libaudit|libcap-ng|libsem|libsep|libcrypt1|libacl|libattr|libmd|libbz2|dmsetup|libmnl|libxtables|zlib|libxxhash|netbase|usrmerge|openssl|libssl)'
  rm -rf "$part"/usr/share/{doc,man,bash-completion,docker.io} "$part"/usr/bin/{ctr,dnet,containerd-shim,containerd-shim-runc-v1} "$part"/usr/sbin/ovrouter
  mv "$part" "$cache/root"
}

# fetched sees to it that $cache/root is there, however many runs begin together: who waited finds it made.
fetched() {
  [ -d "$cache/root" ] && return
  mkdir -p "$cache"
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -d "$cache/root" ] || download ) 9>"$cache/lock"
}

# use makes the downloaded programs and their libraries those of the commands that follow.
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
  [ -e /etc/debian_version ] || die "no docker command on PATH: $otherwise"
  fetched
  echo "$cache/root/usr/bin/docker" # needs no library but the C library
}

# answers says whether an engine answers at DOCKER_HOST, or where the client looks by itself.
answers() { [ -n "$("$docker" version -f '{{.Server.Version}}' 2>/dev/null)" ]; }

# start_bridge makes the bridge that containers are on. Its addresses are of a range for measurements (RFC 2544), which no
# network in use has.
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
  die "no network bridge can be made here (see above): $otherwise"
}

# alive says whether the engine of DIR runs. A process id may have been given away since: its command line tells.
alive() { [ -s "$dir/pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$dir/pid")/cmdline" | grep -qF -- "--data-root $dir/data"; }

start() {
  local address socket name
  docker=$(client)
  if answers; then "$docker" context inspect -f '{{.Endpoints.docker.Host}}'; return; fi
  [ -e /etc/debian_version ] || die "no engine answers, and this is no Debian to fetch one for: $otherwise"
  [ "$(id -u)" = 0 ] || die "no engine answers, and one of this run takes root: $otherwise"
  use
  mkdir -p "$dir"
  start_bridge
  # A socket's path has at most 107 characters, and DIR may have more.
  socket=$(mktemp -d /tmp/slipway-docker.XXXXXX)
  echo "$socket" >"$dir/socket"
  name=$(basename "$socket")
  echo '{}' >"$dir/daemon.json" # not the system's
  export DOCKER_HOST=unix://$socket/s
  # A session of its own, or Ctrl-C at whoever started it would end it before its containers. What is
  # mounted for them is seen by the engine alone, and gone with it; so is what it keeps in /run.
  # shellcheck disable=SC2016 # the inner shell's
  setsid unshare --mount --propagation slave sh -c 'mount -t tmpfs slipway /run && exec "$@"' sh \
    dockerd --config-file "$dir/daemon.json" --host "$DOCKER_HOST" --data-root "$dir/data" --exec-root /run/d --pidfile "$dir/dockerd.pid" \
    --bridge="$(cat "$dir/bridge")" --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false \
    --cgroup-parent="/$name" </dev/null >"$dir/log" 2>&1 &
  echo $! >"$dir/pid"
  for _ in $(seq 300); do
    if answers; then
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
    # shellcheck disable=SC2046 # ids are words
    timeout 20 docker rm -f $(timeout 20 docker ps -aq) >/dev/null 2>&1 || true # none may be there
    kill -TERM "$(cat "$dir/pid")"
    for _ in $(seq 200); do alive || break; sleep 0.1; done
    if alive; then kill -KILL "$(cat "$dir/pid")"; fi
  fi
  # What a killed engine left: its helpers, which see its mounts, and then what ran in containers.
  for process in /proc/[0-9]*; do
    [ -s "$dir/namespace" ] && [ "$(readlink "$process/ns/mnt")" = "$(cat "$dir/namespace")" ] || continue
    case $(readlink "$process/exe") in "$cache"/root/*) kill -KILL "${process#/proc/}" 2>/dev/null || true ;; esac
  done
  for folder in $(find /sys/fs/cgroup -depth -type d -path "*/$name*" 2>/dev/null); do
    # shellcheck disable=SC2046 # ids are words
    kill -KILL $(cat "$folder/cgroup.procs") 2>/dev/null || true
    for _ in $(seq 50); do rmdir "$folder" 2>/dev/null && break; sleep 0.1; done
  done
  if [ -s "$dir/bridge" ]; then
    use
    "$busybox" ip link del "$(cat "$dir/bridge")" 2>/dev/null || true # never made, or gone
  fi
  for _ in $(seq 50); do rm -rf "$dir" 2>/dev/null && break; sleep 0.1; done # its last process may still write
  [ ! -d "$dir" ] || die "$dir cannot be deleted"
  [ -z "$socket" ] || rm -rf "$socket"
}

image() {
  local root part
  docker=$(client)
  # For one program the project's own Debian is asked even where the system has an engine of its own.
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
  tar -C "$part" --owner=0 --group=0 -c . | "$docker" import -c 'LABEL slipway.stand-in=yes' - "$1" >/dev/null || { rm -rf "$root"; die "the image could not be made: see above"; }
  rm -rf "$root"
}

case ${1:-} in
  start | stop)
    dir=${2:?$1: which DIR?}
    case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
    "$1" ;;
  client) client ;;
  image) image "${2:?image: which NAME?}" ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
