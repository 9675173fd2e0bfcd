# Downloads Debian packages without installing them. Other scripts source this file. They must define the functions say
# and die, and the variables cache (a folder) and otherwise (what the user can do if the download is impossible).

# unpack SUITE PACKAGES WITHOUT downloads packages (names separated by spaces) and their dependencies, except packages
# whose names match the regular expression WITHOUT. It unpacks them into $cache/root.part; the caller renames that folder.
# A package whose name ends with ? is optional. apt-get uses its own state folder, so the system's package lists and
# packages do not change. The mirror is the one of the system.
unpack() {
  local suite=$1 wanted=() without=$3 part=$cache/root.part mirror key package packages apt
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    die "not on PATH, and a download is possible on Debian only: $otherwise"
  mirror=$(sed -nE 's/^(URIs:|deb) *(\[[^]]*\] *)?([^#]*)/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    cat - /etc/apt/mirrors/*.list 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
  [ -n "$mirror" ] && [ -n "$suite" ] || die "not on PATH, and the apt sources contain no Debian mirror: $otherwise"
  for key in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do [ -e "$key" ] && break; done

  rm -rf "$part" "$cache/apt"
  mkdir -p "$part" "$cache"/apt/{lists/partial,archives/partial}
  : >"$cache/apt/status"
  echo "deb [signed-by=$key] $mirror $suite main" >"$cache/apt/sources.list"
  # Keep the system's settings, such as a proxy, but not its hooks: some of them clean the system's cache.
  apt-config dump | grep -v Invoke >"$cache/apt/apt.conf"
  echo 'Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null";' >>"$cache/apt/apt.conf"
  export APT_CONFIG=$cache/apt/apt.conf
  apt=(apt-get -qq -o Dir::State="$cache/apt" -o Dir::State::status="$cache/apt/status" -o Dir::Cache="$cache/apt"
    -o Dir::Etc::sourcelist="$cache/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o APT::Install-Recommends=0 -o APT::Sandbox::User= -o Acquire::Retries=3)
  "${apt[@]}" update >&2 || die "cannot download the package lists: see above"
  for package in $2; do
    case $package in
      *\?) if "${apt[@]}" install -s "${package%\?}" >/dev/null 2>&1; then wanted+=("${package%\?}"); fi ;;
      *) wanted+=("$package") ;;
    esac
  done
  packages=$("${apt[@]}" install -s "${wanted[@]}" | awk '$1 == "Inst" { print $2 }' | grep -vE "$without") ||
    die "cannot find the Debian packages ${wanted[*]}: see above"
  # shellcheck disable=SC2086 # package names are words
  (cd "$cache/apt/archives" && "${apt[@]}" download $packages >&2) || die "cannot download the packages: see above"
  for package in "$cache"/apt/archives/*.deb; do dpkg -x "$package" "$part"; done
  rm -rf "$cache/apt"
}
