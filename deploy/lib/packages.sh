# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Debian packages of deploy/packages. Sourced after message.sh and account.sh.
: "${source_dir:?}"

# packages_wanted: what builds, runs and tests; not the section of the benchmark,
# whose rivals are only measured where somebody has them.
packages_wanted() {
  sed -e '/^# bench$/,$d' -e 's/#.*//' -e '/^[[:space:]]*$/d' "$source_dir/deploy/packages"
}

# packages_missing: of the wanted ones, those that are not installed.
packages_missing() {
  local -a wanted
  mapfile -t wanted < <(packages_wanted)
  comm -23 <(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/^installed //p' | LC_ALL=C sort -u)
}

# packages_authorise: asks for sudo's password before any progress is drawn.
packages_authorise() {
  local missing
  is_root && return
  missing=$(packages_missing | tr '\n' ' ')
  command -v sudo >/dev/null || fail "there is no sudo: as root, run apt-get install $missing"
  sudo -v || fail "sudo refused; the missing packages are: $missing"
}

# root_run COMMAND...: as root, through sudo when we are not.
root_run() {
  if is_root; then "$@"; else sudo "$@"; fi
}

# packages_forbid_cluster: installing PostgreSQL must not make a system cluster;
# where there is one already, the machine's owner has decided otherwise.
packages_forbid_cluster() {
  local folder=/etc/postgresql-common/createcluster.d
  if compgen -G '/etc/postgresql/*/*/postgresql.conf' >/dev/null; then
    return
  fi
  root_run mkdir -p "$folder"
  printf '# The CPTS federation has a private cluster, see deploy/cluster.\n%s\n' \
    'create_main_cluster = false' | root_run tee "$folder/cpts.conf" >/dev/null
}

packages_install() {
  local -a missing
  mapfile -t missing < <(packages_missing)
  [ ${#missing[@]} -gt 0 ] || return 0
  packages_forbid_cluster
  root_run apt-get update
  root_run env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "${missing[@]}"
}
