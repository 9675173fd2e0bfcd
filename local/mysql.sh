#!/usr/bin/env bash
# A real MySQL on loopback, without Docker and without touching the system. See --help.
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/sbin:/usr/local/sbin:/usr/local/mysql/bin"

usage() {
  cat <<'END'
usage: bash local/mysql.sh COMMAND

  up                  start a MySQL for development and keep it: data in local/data/mysql, port 13306
  down                stop it; the data stays
  start DIR [OPTION]...
                      start a throw-away MySQL with its files in DIR, on a free port, and print its URL; OPTIONs go to
                      mysqld, such as --max-connections=60. One that was halted starts on its port, with its data
  halt DIR [SIGNAL]   end that one by a signal, TERM or KILL: a shutdown (the default), or a crash. Its files stay
  stop DIR            stop that one and delete DIR

A mysqld of version 8.0 or later on PATH is used if there is one. Otherwise, on Debian, MySQL is downloaded
once with apt-get into ~/.cache/slipway (XDG_CACHE_HOME moves it): nothing is installed and no root is needed.
Both servers listen on 127.0.0.1 only, where user root signs in without a password.
SLIPWAY_MYSQL_PORT is another port for `up`.
END
}
say() { echo "mysql: $*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/mysql

otherwise="install MySQL 8.0 or later, or use local/compose.yaml"
# shellcheck source=local/debian.sh
. "$here/debian.sh"

# download unpacks MySQL and the libraries it needs under $cache/root.
download() {
  say "downloading MySQL (48 MB, once) to $cache"
  # MySQL lives in Debian's unstable suite only; it comes with all its libraries and so runs on any release.
  unpack sid mysql-server-core '^(perl|libperl|libgdbm|libdb5|libcrypt1|gcc-|libc-gconv|openssl-provider)'
  mv "$cache/root.part" "$cache/root"
}

# find_mysqld sets mysqld to the command that runs the server, and fast to what a throw-away one adds.
find_mysqld() {
  local own lib
  mysqld=()
  if own=$(command -v mysqld); then
    case $("$own" --version 2>&1) in
      *MariaDB*) say "$own is a MariaDB: not used" ;;
      *"Ver 8."* | *"Ver 9."*) mysqld=("$own" --no-defaults) ;;
      *) say "$own is older than 8.0: not used" ;;
    esac
  fi
  if [ ${#mysqld[@]} = 0 ]; then
    [ -d "$cache/root" ] || locked root download
    lib=$(echo "$cache"/root/usr/lib/*-linux-gnu)
    # The libraries are those of the packages, not of the system, and so is the program that loads them.
    mysqld=("$(ls "$lib"/ld-linux-*.so.* | head -n 1)" --library-path "$lib" "$cache/root/usr/sbin/mysqld" --no-defaults --basedir="$cache/root/usr")
  fi
  [ "$(id -u)" != 0 ] || mysqld+=(--user=root)
  mysqld+=(--bind-address=127.0.0.1 --loose-mysqlx=OFF --socket= --secure-file-priv=NULL --skip-log-bin
    --max-connections=500 --innodb-redo-log-capacity=32M --performance-schema=ON --performance-schema-instrument=%=OFF)
  # Of the Performance Schema no more than the attributes of connections, by which KILL finds its own: 13 MB and not 250.
  for size in error-size digests-size accounts-size users-size hosts-size max-digest-length max-sql-text-length \
    max-{memory,statement,stage,mutex,rwlock}-classes events-{statements,stages,waits,transactions}-history{,-long}-size; do
    mysqld+=("--performance-schema-$size=0")
  done
  # A template of another version would be upgraded at each start, or not be read at all.
  template=template-$("${mysqld[@]}" --version | cksum | cut -d ' ' -f 1) || die "this mysqld does not run: ${mysqld[*]}"
  # Without the disk's word for each write: a throw-away server has nothing to lose.
  fast=(--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-doublewrite=OFF --loose-innodb-use-native-aio=OFF)
}

# locked FOLDER FUNCTION makes a folder of the cache once however many runs begin together: who waited finds it made.
locked() {
  mkdir -p "$cache"
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -d "$cache/$1" ] || "$2" ) 9>"$cache/lock"
}

# initialise makes an empty data directory to copy: making one takes seconds, copying it none.
initialise() {
  rm -rf "$cache/template.part"
  say "initialising an empty data directory (3 s, once)"
  "${mysqld[@]}" "${fast[@]}" --initialize-insecure --datadir="$cache/template.part" >"$cache/template.log" 2>&1 ||
    { tail -n 20 "$cache/template.log" >&2; die "mysqld could not initialise a data directory: see above"; }
  mv "$cache/template.part" "$cache/$template"
}

# run DIR PORT OPTION... starts the server on DIR/data and waits until it answers. Status 2: the port was taken.
run() {
  local dir=$1 port=$2 pid log=$1/mysqld.log
  shift 2
  if [ ! -d "$dir/data" ]; then
    { rm -rf "$dir/data.part" && cp -R "$cache/$template" "$dir/data.part" && mv "$dir/data.part" "$dir/data"; } || die "no data directory could be made in $dir: see above"
  fi
  ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)" || true # or the server allows fewer connections
  : >"$log"
  "${mysqld[@]}" --datadir="$dir/data" --port="$port" --log-error="$log" "$@" </dev/null >/dev/null 2>&1 &
  pid=$!
  echo "$pid" >"$dir/pid" # at once, so that whoever is interrupted now can stop it
  for _ in $(seq 1200); do
    if grep -q "ready for connections.*port: $port" "$log"; then return 0; fi
    if ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.05
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$dir/pid"
  if grep -q "Do you already have another mysqld server running on port" "$log"; then return 2; fi
  tail -n 20 "$log" >&2
  die "mysqld did not start: see above and $log"
}

# alive DIR says whether the server of DIR runs. A process id may have been given away since: its command line tells.
alive() { [ -s "$1/pid" ] && arguments "$(cat "$1/pid")" 2>/dev/null | grep -qF -- "--datadir=$1/data"; }
arguments() { if [ -d /proc/self ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -p "$1" -o args=; fi; }

# end DIR SIGNAL stops the server of DIR, if it runs, and waits for its end.
end() {
  alive "$1" || return 0
  kill "-$2" "$(cat "$1/pid")"
  for _ in $(seq 1200); do alive "$1" || { rm -f "$1/pid"; return 0; }; sleep 0.05; done
  die "mysqld (process $(cat "$1/pid")) does not end"
}

prepare() {
  find_mysqld
  [ -d "$cache/$template" ] || locked "$template" initialise
}

case ${1:-} in
  start)
    dir=${2:?start: which DIR?}
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    shift 2
    prepare
    for _ in 1 2 3 4 5; do
      port=$((20000 + RANDOM % 10000)) # below the range outgoing connections are given
      if [ -s "$dir/port" ]; then port=$(cat "$dir/port"); fi
      status=0
      run "$dir" "$port" "${fast[@]}" "$@" || status=$?
      if [ $status = 0 ]; then echo "$port" >"$dir/port"; echo "mysql://root@127.0.0.1:$port/"; exit 0; fi
      [ ! -s "$dir/port" ] || die "port $port, where the server in $dir was, is taken by another program"
    done
    die "no free port between 20000 and 30000" ;;
  halt)
    dir=${2:?halt: which DIR?}
    [ -d "$dir" ] || die "there is no $dir"
    end "$(cd "$dir" && pwd)" "${3:-TERM}" ;;
  stop)
    dir=${2:?stop: which DIR?}
    [ -d "$dir" ] || exit 0
    dir=$(cd "$dir" && pwd)
    end "$dir" KILL
    rm -rf "$dir" ;;
  up)
    dir=$here/data/mysql port=${SLIPWAY_MYSQL_PORT:-13306}
    mkdir -p "$dir"
    if alive "$dir"; then say "already running"; port=$(cat "$dir/port"); else
      prepare
      echo 'CREATE DATABASE IF NOT EXISTS slipway;' >"$dir/init.sql"
      status=0
      run "$dir" "$port" --init-file="$dir/init.sql" || status=$?
      [ $status = 0 ] || die "port $port is taken by another program: set SLIPWAY_MYSQL_PORT to a free one"
      echo "$port" >"$dir/port"
    fi
    say "ready; stop it with: bash local/mysql.sh down"
    echo "export DATABASE_URL=mysql://root@127.0.0.1:$port/slipway" ;;
  down)
    if alive "$here/data/mysql"; then end "$here/data/mysql" TERM; say "stopped"; else say "not running"; fi ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
