# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The scene between two CPTS of the demo: the federation's root and a region's key
# authority, two coordinators with their own keys, and what they do. Sourced after
# client.sh. What is kept here of keys is for a demonstration: a root is otherwise
# made on a machine without a network, and no node has anybody's passphrase.
: "${source_dir:?}" "${state:?}" "${TRUST_DOMAIN:?}" "${server_port_file:?}"

readonly SCENE_ROLE_S=60
scene_keys=$state/keys
scene_root=$state/etc/root.pub
scene_lines=$state/demo.scene

# scene_tool WORD...: cptsctl with the demo's passphrase.
scene_tool() {
  CPTS_KEY_PASSPHRASE_FILE=$scene_keys/passphrase "$source_dir/build/bin/cptsctl" "$@" 9>&-
}

# scene_root_ensure: once, before the server starts, which believes it.
scene_root_ensure() {
  install -d -m 0700 "$scene_keys"
  install -d -m 0755 "$state/etc"
  if [ ! -e "$scene_keys/passphrase" ]; then
    (umask 077 && openssl rand -hex 24 >"$scene_keys/passphrase.new")
    mv -- "$scene_keys/passphrase.new" "$scene_keys/passphrase"
  fi
  [ -e "$scene_keys/root.keys" ] ||
    scene_tool key root --store "$scene_keys/root.keys" --out "$scene_keys/root.pub"
  install -m 0644 "$scene_keys/root.pub" "$scene_root"
}

# scene_authority_ensure REGION: its key authority, certified by the root.
scene_authority_ensure() {
  local store=$scene_keys/authority-$1.keys certificate=$scene_keys/authority-$1.crt public
  [ ! -e "$certificate" ] || return 0
  rm -f -- "$store"
  public=$(scene_tool key authority "$1" --store "$store" --json |
    sed -n 's/.*"signingKey": "\([0-9a-f]*\)".*/\1/p')
  scene_tool key certify "$1" "$public" --store "$scene_keys/root.keys" --out "$certificate.new"
  mv -- "$certificate.new" "$certificate"
}

# scene_profile_write NAME
scene_profile_write() {
  local desk=$state/desk/$1
  (umask 077 && cat >"$desk/profile.ini.new") <<PROFILE
; Written by deploy/quickstart at each run. A coordinator of the demo.
[profile]
address = 127.0.0.1:$(cat "$server_port_file")
ca = $state/pki/ca.pem
certificate = $state/pki/$1.pem
key = $state/pki/$1.key
key_root = $scene_root
keystore = own.keys
passphrase_file = $scene_keys/passphrase
function = coordination (démonstration)
purpose = coordination
PROFILE
  mv -- "$desk/profile.ini.new" "$desk/profile.ini"
}

# scene_desk_ensure NAME ID REGION: certificate, role and own keys of a coordinator.
scene_desk_ensure() {
  local desk=$state/desk/$1 uri=spiffe://$TRUST_DOMAIN/cpts/$2
  install -d -m 0700 "$state/desk" "$desk"
  "$source_dir/deploy/certificate" issue "$state/pki" "$1" "$uri"
  role_grant "$uri" CPTS_COORDINATOR "cpts:$2"
  scene_profile_write "$1"
  [ -e "$desk/own.keys" ] || scene_tool key generate "$2" --store "$desk/own.keys"
  [ ! -e "$desk/statement.txt" ] || return 0
  scene_tool key request --region "$3" --store "$desk/own.keys" --device "$1" \
    --out "$desk/request.txt"
  scene_tool key sign "$desk/request.txt" --store "$scene_keys/authority-$3.keys" \
    --certificate "$scene_keys/authority-$3.crt" --out "$desk/statement.txt.new"
  mv -- "$desk/statement.txt.new" "$desk/statement.txt"
}

# scene_desk_publish NAME: once the server knows its role.
scene_desk_publish() {
  local desk=$state/desk/$1 limit=$((SECONDS + SCENE_ROLE_S))
  until scene_tool referral inbox --profile "$desk/profile.ini" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || fail "the role of $1 did not take effect"
    sleep 0.2
  done
  [ ! -e "$desk/published" ] || return 0
  scene_tool key publish "$desk/statement.txt" --profile "$desk/profile.ini"
  : >"$desk/published"
}

# scene_play: once; a scene that broke off is played again.
scene_play() {
  local cast origin neighbour
  # shellcheck source=/dev/null
  . "$state/postgres/cluster.env"
  if [ -e "$scene_lines" ]; then
    scene_profile_write origin && scene_profile_write neighbour
    return
  fi
  [ -e "$state/desk/cast" ] || {
    install -d -m 0700 "$state/desk"
    /usr/bin/python3 -B "$source_dir/deploy/demo/scene.py" cast "$source_dir/build/bin/cptsctl" \
      "$state/log/import.csv" >"$state/desk/cast.new"
    mv -- "$state/desk/cast.new" "$state/desk/cast"
  }
  mapfile -t cast <"$state/desk/cast"
  read -r -a origin <<<"${cast[0]}"
  read -r -a neighbour <<<"${cast[1]}"
  scene_authority_ensure "${origin[1]}"
  scene_authority_ensure "${neighbour[1]}"
  scene_desk_ensure origin "${origin[@]}"
  scene_desk_ensure neighbour "${neighbour[@]}"
  kill -HUP "$(server_pid)"
  scene_desk_publish origin
  scene_desk_publish neighbour
  /usr/bin/python3 -B "$source_dir/deploy/demo/scene.py" play "$source_dir/build/bin/cptsctl" \
    "$state/desk/origin/profile.ini" "$state/desk/neighbour/profile.ini" "${origin[0]}" \
    >"$scene_lines.new"
  mv -- "$scene_lines.new" "$scene_lines"
}

# scene_show: what was played.
scene_show() {
  printf '\nA referral between two CPTS, SYNTHETIC: the patient and the need are invented\n'
  sed 's/^/  /' "$scene_lines"
}
