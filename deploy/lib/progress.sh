# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Steps that can take long: one line each, with its time; while it runs, what it
# does now. Sourced after message.sh. Set PROGRESS_LOGS to a folder first.

# Without a terminal, a running step says so this often.
readonly PROGRESS_BEAT_S=15
readonly PROGRESS_TAIL_LINES=15
readonly PROGRESS_FRAMES=('|' '/' '-' "\\")

progress_watcher=

# pause SECONDS: a sleep that is no process of its own, so that nothing is left
# behind when the watcher is ended.
pause() {
  read -rt "$1" <&"$progress_silence" || true
}

# progress_is_live: standard error is a terminal that can redraw a line.
progress_is_live() {
  [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]
}

# seconds_since MICROSECONDS: with one decimal.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - $1) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# progress_last_line LOG: the last line that is not empty, printable, cut to fit.
progress_last_line() {
  local columns=${COLUMNS:-80}
  tail -c 400 "$1" 2>/dev/null | tr '\r' '\n' | tr -cd '\n[:print:]' |
    awk 'NF { line = $0 } END { print line }' | cut -c "1-$((columns > 60 ? columns - 45 : 15))"
}

# progress_watch TITLE LOG START: redraws one line until it is ended.
progress_watch() {
  local frame=0 progress_silence
  exec {progress_silence}<> <(:)
  while :; do
    printf '\r\033[K  %s   %-28s %6ss  %s' "${PROGRESS_FRAMES[frame++ % 4]}" "$1" \
      "$(seconds_since "$3")" "$(progress_last_line "$2")" >&2
    pause 0.3
  done
}

# progress_beat TITLE LOG START: a plain line now and then until it is ended.
progress_beat() {
  local progress_silence
  exec {progress_silence}<> <(:)
  while pause "$PROGRESS_BEAT_S"; do
    printf '  ..  %-28s %6ss  %s\n' "$1" "$(seconds_since "$3")" "$(progress_last_line "$2")" >&2
  done
}

progress_begin() {
  if progress_is_live; then
    progress_watch "$@" &
  else
    progress_beat "$@" </dev/null >/dev/null &
  fi
  progress_watcher=$!
}

# progress_end: ends the watcher; safe at any time, for an EXIT trap too.
progress_end() {
  [ -n "$progress_watcher" ] || return 0
  kill "$progress_watcher" 2>/dev/null || true
  wait "$progress_watcher" 2>/dev/null || true
  progress_watcher=
  if progress_is_live; then printf '\r\033[K' >&2; fi
}

# step TITLE COMMAND...: runs it with its output in PROGRESS_LOGS/TITLE.log.
# When it fails: which step, why, where its log is; and the script ends.
step() {
  local start=${EPOCHREALTIME/[.,]/} log=$PROGRESS_LOGS/${1// /-}.log status=0
  : >"$log"
  progress_begin "$1" "$log" "$start"
  set +e
  (set -e; "${@:2}") </dev/null >"$log" 2>&1
  status=$?
  set -e
  progress_end
  step_report "$1" "$log" "$start" "$status"
}

# step_drawing TITLE COMMAND...: the same for a command that draws its own
# progress on standard error.
step_drawing() {
  local start=${EPOCHREALTIME/[.,]/} log=$PROGRESS_LOGS/${1// /-}.log status=0
  if ! progress_is_live; then
    step "$@"
    return
  fi
  set +e
  (set -e; "${@:2}") </dev/null >"$log"
  status=$?
  set -e
  step_report "$1" "$log" "$start" "$status"
}

# step_report TITLE LOG START STATUS
step_report() {
  if [ "$4" -eq 0 ]; then
    printf '  ok  %-28s %6ss\n' "$1" "$(seconds_since "$3")" >&2
    return
  fi
  printf '  FAILED  %s, after %s s. The end of its log:\n\n' "$1" "$(seconds_since "$3")" >&2
  tail -n "$PROGRESS_TAIL_LINES" "$2" | sed 's/^/    /' >&2
  printf '\n  The whole log: %s\n' "$2" >&2
  exit 1
}
