#!/usr/bin/env bash
# Runs a MySQL server on loopback without Docker. See --help.
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/sbin:/usr/local/sbin:/usr/local/mysql/bin"

usage() {
  cat <<'END'
usage: bash local/mysql.sh COMMAND

  up                  start the development server, with data in local/data/mysql, on port 13306 (or SLIPWAY_MYSQL_PORT)
  down                stop the development server; the data stays
  start DIR [OPTION]...
                      start a temporary server with its files in DIR, on a free port, and print its URL. OPTIONs are
                      passed to mysqld, such as --max-connections=60. After `halt`, it restarts with the same port and data
  halt DIR [SIGNAL]   stop the temporary server with TERM (the default, a shutdown) or KILL (a crash); its files stay
  stop DIR            stop the temporary server and delete DIR

The script uses mysqld 8.0 or later on PATH. If there is none, and the system is Debian, it downloads MySQL once with
apt-get into ~/.cache/slipway (or $XDG_CACHE_HOME/slipway). It installs nothing and does not need root. The servers
listen on 127.0.0.1 only, and the user root has no password.
END
}
say() { echo "mysql: $*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/mysql

otherwise="install MySQL 8.0 or later, or use local/compose.yaml"
# shellcheck source=local/debian.sh
. "$here/debian.sh"

# download unpacks MySQL and its libraries into $cache/root.
download() {
  say "downloading MySQL (48 MB, once) to $cache"
  # Only Debian's unstable suite has MySQL. With all its libraries it runs on any release.
  unpack sid mysql-server-core '^(perl|libperl|libgdbm|libdb5|libcrypt1|gcc-|libc-gconv|openssl-provider)'
  mv "$cache/root.part" "$cache/root"
}

# find_mysqld sets mysqld to the command of the server, fast to the options of temporary servers, and template to the
# name of the data directory template.
find_mysqld() {
  local own lib
  mysqld=()
  if own=$(command -v mysqld); then
    case $("$own" --version 2>&1) in
      *MariaDB*) say "ignoring $own: it is MariaDB" ;;
      *"Ver 8."* | *"Ver 9."*) mysqld=("$own" --no-defaults) ;;
      *) say "ignoring $own: it is older than 8.0" ;;
    esac
  fi
  if [ ${#mysqld[@]} = 0 ]; then
    [ -d "$cache/root" ] || locked root download
    lib=$(echo "$cache"/root/usr/lib/*-linux-gnu)
    # Use the libraries and the dynamic loader of the packages, not those of the system.
    mysqld=("$(ls "$lib"/ld-linux-*.so.* | head -n 1)" --library-path "$lib" "$cache/root/usr/sbin/mysqld" --no-defaults --basedir="$cache/root/usr")
  fi
  [ "$(id -u)" != 0 ] || mysqld+=(--user=root)
  mysqld+=(--bind-address=127.0.0.1 --loose-mysqlx=OFF --socket= --secure-file-priv=NULL --skip-log-bin
    --max-connections=500 --innodb-redo-log-capacity=32M --performance-schema=ON --performance-schema-instrument=%=OFF)
  # Reduce the Performance Schema to the connection attributes, which are needed to find connections to KILL: 13 MB
  # instead of 250 MB.
  for size in error-size digests-size accounts-size users-size hosts-size max-digest-length max-sql-text-length \
    max-{memory,statement,stage,mutex,rwlock}-classes events-{statements,stages,waits,transactions}-history{,-long}-size; do
    mysqld+=("--performance-schema-$size=0")
  done
  # One template per version: another version upgrades it at each start, or cannot read it.
  template=template-$("${mysqld[@]}" --version | cksum | cut -d ' ' -f 1) || die "mysqld does not run: ${mysqld[*]}"
  # A temporary server needs no durability. Its tables are small: to start threads that read a table, or sort an index, in
  # parallel takes longer than to do it in one.
  fast=(--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-doublewrite=OFF --loose-innodb-use-native-aio=OFF
    --innodb-parallel-read-threads=1 --loose-innodb-ddl-threads=1)
}

# locked FOLDER FUNCTION calls FUNCTION if FOLDER of the cache is missing. The lock makes concurrent runs wait.
locked() {
  mkdir -p "$cache"
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -d "$cache/$1" ] || "$2" ) 9>"$cache/lock"
}

# initialise creates the template, an empty data directory. Copying it is faster than initialising a new one.
initialise() {
  rm -rf "$cache/template.part"
  say "initialising an empty data directory (3 s, once)"
  "${mysqld[@]}" "${fast[@]}" --initialize-insecure --datadir="$cache/template.part" >"$cache/template.log" 2>&1 ||
    { tail -n 20 "$cache/template.log" >&2; die "mysqld cannot initialise a data directory: see above"; }
  mv "$cache/template.part" "$cache/$template"
}

# run DIR PORT OPTION... starts the server on DIR/data and waits until it is ready. It returns 2 if the port is in use.
run() {
  local dir=$1 port=$2 pid log=$1/mysqld.log
  shift 2
  if [ ! -d "$dir/data" ]; then
    { rm -rf "$dir/data.part" && cp -R "$cache/$template" "$dir/data.part" && mv "$dir/data.part" "$dir/data"; } || die "cannot create a data directory in $dir: see above"
  fi
  ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)" || true # a low limit reduces the number of connections
  : >"$log"
  "${mysqld[@]}" --datadir="$dir/data" --port="$port" --log-error="$log" "$@" </dev/null >/dev/null 2>&1 &
  pid=$!
  echo "$pid" >"$dir/pid" # at once, so that `stop` works after an interrupted start
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

# alive DIR tests whether the server of DIR is running. It checks the command line, because the process ID may be reused.
alive() { [ -s "$1/pid" ] && arguments "$(cat "$1/pid")" 2>/dev/null | grep -qF -- "--datadir=$1/data"; }
arguments() { if [ -d /proc/self ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -p "$1" -o args=; fi; }

# end DIR SIGNAL sends SIGNAL to the server of DIR, if it is running, and waits for its end.
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
    dir=${2:?start: missing DIR}
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    shift 2
    prepare
    for _ in 1 2 3 4 5; do
      port=$((20000 + RANDOM % 10000)) # below the range of ephemeral ports
      if [ -s "$dir/port" ]; then port=$(cat "$dir/port"); fi
      status=0
      run "$dir" "$port" "${fast[@]}" "$@" || status=$?
      if [ $status = 0 ]; then echo "$port" >"$dir/port"; echo "mysql://root@127.0.0.1:$port/"; exit 0; fi
      [ ! -s "$dir/port" ] || die "port $port of the server in $dir is in use by another program"
    done
    die "no free port between 20000 and 30000" ;;
  halt)
    dir=${2:?halt: missing DIR}
    [ -d "$dir" ] || die "$dir does not exist"
    end "$(cd "$dir" && pwd)" "${3:-TERM}" ;;
  stop)
    dir=${2:?stop: missing DIR}
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
      [ $status = 0 ] || die "port $port is in use by another program: set SLIPWAY_MYSQL_PORT to a free port"
      echo "$port" >"$dir/port"
    fi
    say "ready; stop it with: bash local/mysql.sh down"
    echo "export DATABASE_URL=mysql://root@127.0.0.1:$port/slipway" ;;
  down)
    if alive "$here/data/mysql"; then end "$here/data/mysql" TERM; say "stopped"; else say "not running"; fi ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
