# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Building with CMake's presets. Sourced after message.sh.
: "${source_dir:?}"

# configure PRESET
configure() {
  cd "$source_dir" || return
  cmake --preset "$1"
}

# build PRESET [TARGET...]: configured before; all targets when none is named.
build() {
  local preset=$1
  shift
  cd "$source_dir" || return
  if [ $# -gt 0 ]; then set -- --target "$@"; fi
  cmake --build --preset "$preset" --parallel "$(nproc)" "$@"
}
