# For mysql.sh, chromium.sh and docker.sh, which source it: programs of Debian's, without touching the system. Needs their
# `say`, `die`, `cache` (a folder) and `otherwise` (what to do where this cannot).

# unpack SUITE PACKAGES WITHOUT downloads packages (names parted by blanks) and all that they need, less the packages whose
# names match WITHOUT, and unpacks them under $cache/root.part, for the caller to move into place. A name that ends with ?
# is left out where the suite does not have it. apt-get works with a state of its own, so
# that neither the system's package lists nor its packages change; the mirror is the one the system itself uses.
unpack() {
  local suite=$1 wanted=() without=$3 part=$cache/root.part mirror key package packages apt
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    die "none on PATH, and this is no Debian to fetch one for: $otherwise"
  mirror=$(sed -nE 's/^(URIs:|deb) *(\[[^]]*\] *)?([^#]*)/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    cat - /etc/apt/mirrors/*.list 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
  [ -n "$mirror" ] && [ -n "$suite" ] || die "none on PATH, and no Debian mirror in the apt sources: $otherwise"
  for key in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do [ -e "$key" ] && break; done

  rm -rf "$part" "$cache/apt"
  mkdir -p "$part" "$cache"/apt/{lists/partial,archives/partial}
  : >"$cache/apt/status"
  echo "deb [signed-by=$key] $mirror $suite main" >"$cache/apt/sources.list"
  # The system's settings, a proxy say, but not its hooks: some clean the system's own cache.
  apt-config dump | grep -v Invoke >"$cache/apt/apt.conf"
  echo 'Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null";' >>"$cache/apt/apt.conf"
  export APT_CONFIG=$cache/apt/apt.conf
  apt=(apt-get -qq -o Dir::State="$cache/apt" -o Dir::State::status="$cache/apt/status" -o Dir::Cache="$cache/apt"
    -o Dir::Etc::sourcelist="$cache/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o APT::Install-Recommends=0 -o APT::Sandbox::User= -o Acquire::Retries=3)
  "${apt[@]}" update >&2 || die "the package lists could not be fetched: see above"
  for package in $2; do
    case $package in
      *\?) if "${apt[@]}" install -s "${package%\?}" >/dev/null 2>&1; then wanted+=("${package%\?}"); fi ;;
      *) wanted+=("$package") ;;
    esac
  done
  packages=$("${apt[@]}" install -s "${wanted[@]}" | awk '$1 == "Inst" { print $2 }' | grep -vE "$without") ||
    die "Debian's ${wanted[*]} cannot be had: see above"
  # shellcheck disable=SC2086 # package names are words
  (cd "$cache/apt/archives" && "${apt[@]}" download $packages >&2) || die "the packages could not be fetched: see above"
  for package in "$cache"/apt/archives/*.deb; do dpkg -x "$package" "$part"; done
  rm -rf "$cache/apt"
}
