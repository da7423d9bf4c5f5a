# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A test program in shell: every function named test_* runs alone in a fresh
# directory ($PWD); an assertion that fails ends it.

assert_equal() {
  [ "$1" = "$2" ] || { printf 'expected: %s\n  actual: %s\n' "$2" "$1" >&2; exit 1; }
}

# assert_match TEXT REGEX
assert_match() {
  [[ $1 =~ $2 ]] || { printf 'expected a match of: %s\n  actual: %s\n' "$2" "$1" >&2; exit 1; }
}

# assert_refused STATUS COMMAND...: it fails with that exit status; sets `said`.
assert_refused() {
  local wanted=$1 status=0
  shift
  # shellcheck disable=SC2034  # for the test to look at
  said=$("$@" 2>&1) || status=$?
  assert_equal "$status" "$wanted"
}

# tests_run_all: one line a test; fails when one failed or there was none.
tests_run_all() {
  local test folder count=0 failures=0 status
  for test in $(compgen -A function test_); do
    count=$((count + 1)) status=0
    folder=$(mktemp -d /tmp/cpts-shell.XXXXXX)
    chmod 0711 "$folder"
    set +e
    (set -e; cd "$folder"; "$test")
    status=$?
    set -e
    if declare -F teardown >/dev/null; then (cd "$folder" && teardown); fi
    rm -rf -- "$folder"
    if [ "$status" -eq 0 ]; then printf 'ok %s\n' "$test"; else
      printf 'FAILED %s\n' "$test"
      failures=$((failures + 1))
    fi
  done
  [ "$count" -gt 0 ] && [ "$failures" -eq 0 ]
}
