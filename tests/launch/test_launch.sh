#!/usr/bin/env bash
# launch/local, as its user sees it: statuses, messages, signals, and nothing left behind.
set -euo pipefail

cd "$(dirname "$0")/../.."
launch=launch/local
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
probe=$work/signal_probe
passed=0 failed=0

# Every run is bounded twice: by mpirun, and by timeout in case that mpirun itself hangs.
limit=30
run_local() { timeout --kill-after=5 $((limit + 10)) "$launch" --timeout "$limit" "$@"; }

# check NAME COMMAND...: one line of the report. -e does not hold inside, so checks chain with &&.
check() {
  local name=$1
  if "${@:2}"; then
    passed=$((passed + 1))
    echo "ok - $name"
  else
    failed=$((failed + 1))
    echo "not ok - $name"
    sed 's/^/#   /' "$work"/out "$work"/err
  fi
}

# check_on_terminal NAME COMMAND...: a check that needs a pseudo-terminal, if there is one.
check_on_terminal() {
  if script -qec true /dev/null >/dev/null 2>&1; then
    check "$@"
  else
    echo "ok - $1 # SKIP no pseudo-terminal here"
  fi
}

# run ARGUMENTS...: output into $work/out and $work/err, status into $status.
run() {
  status=0
  run_local "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

lines_of() { wc -l <"$work/$1"; }

# start ARGUMENTS...: in the background, back when the probe's ranks listen.
start() {
  : >"$work/out"
  "$launch" --timeout "$limit" "$@" >"$work/out" 2>"$work/err" </dev/null &
  job=$!
  wait_until grep -q 'rank 0 is process' "$work/out"
  rank_0=$(awk '/rank 0 is process/ { print $NF }' "$work/out")
}

wait_until() {
  for _ in {1..200}; do
    if "$@" 2>/dev/null; then return 0; fi
    sleep 0.05
  done
  return 1
}

finish() {
  status=0
  wait "$job" || status=$?
}

# pgrep sees no command line in a process that has ended and that nobody has waited for yet.
none_left() { ! pgrep -f "$probe " >/dev/null; }
nothing_left() { wait_until none_left; }

passes_the_status_through() {
  run -n 2 "$probe" fail "$1"
  [[ $status == "$1" && $(lines_of err) == 1 ]]
}

passes_an_early_status_through() {
  run -n 2 "$probe" early 64
  [[ $status == 64 && $(lines_of err) == 1 && $(lines_of out) == 0 ]]
}

runs_more_ranks_than_cores() {
  local many=$(($(nproc --all) + 3))
  run -n "$many" "$probe" none
  [[ $status == 0 ]] && grep -q "^$many ranks" "$work/out"
}

turns_into_usr1() {
  start -n 3 "$probe" wait
  kill -s "$1" "$job"
  finish
  [[ $status == 75 ]] && grep -q '^3 of 3 ranks had SIGUSR1' "$work/out" && nothing_left
}

keeps_a_request_that_comes_before_the_ranks() {
  "$launch" --timeout "$limit" -n 2 "$probe" wait >"$work/out" 2>"$work/err" &
  job=$!
  # As soon as mpirun is there; a rank that has not set its handler yet is ended by the signal.
  wait_until pgrep -x -P "$job" mpirun >/dev/null
  kill -TERM "$job"
  finish
  [[ $status == 75 || $status == 138 ]] && nothing_left
}

takes_two_signals_at_once_for_one() {
  start -n 2 "$probe" wait
  kill -TERM "$job" && kill -INT "$job" && kill -TERM "$job"
  finish
  [[ $status == 75 ]] && nothing_left
}

kills_at_the_second_signal() {
  start -n 2 "$probe" hang
  kill -TERM "$job" && sleep 1 && kill -TERM "$job"
  finish
  [[ $status == 143 ]] && grep -q 'killed by the second signal' "$work/err" && nothing_left
}

ends_with_a_killed_rank() {
  start -n 3 "$probe" hang
  kill -KILL "$rank_0"
  finish
  [[ $status == 137 ]] && grep -q 'signal 9 (KILL)' "$work/err" && nothing_left
}

# Ranks that do not listen have ten seconds.
ends_with_a_killed_launcher() {
  start -n 2 "$probe" hang
  kill -KILL "$job"
  finish 2>/dev/null
  nothing_left || nothing_left
}

saves_with_a_killed_launcher() {
  start -n 2 "$probe" wait
  kill -KILL "$job"
  finish 2>/dev/null
  nothing_left && grep -q '^2 of 2 ranks had SIGUSR1' "$work/out"
}

# From before mpirun is there until its ranks run: with the whole process group, as well.
ends_with_a_launcher_killed_while_it_starts() {
  local delay
  for delay in 0 0.02 0.04 0.06 0.1 0.15 0.2 0.3 0.5; do
    setsid "$launch" -n 3 "$probe" wait >"$work/out" 2>"$work/err" </dev/null &
    job=$!
    sleep "$delay"
    kill -KILL -- "-$job" 2>/dev/null || kill -KILL "$job"
    finish 2>/dev/null
  done
  nothing_left || nothing_left
}

ends_at_the_time_limit() {
  local limit=1
  run -n 2 "$probe" hang
  [[ $status == 110 && $(lines_of err) == 1 ]] && nothing_left
}

refuses() {
  run "$@"
  [[ $status == 64 && $(lines_of err) == 1 && $(lines_of out) == 0 ]]
}

# in_terminal COMMAND...: under a terminal of 91 columns; its keyboard is the caller's stdin. The
# shell in between outlives Ctrl-C, which dash, unlike bash, would not do by itself.
in_terminal() {
  timeout --kill-after=5 $((limit + 10)) script -qec "trap : INT; stty cols 91; $*" /dev/null \
    >"$work/out" 2>&1
}

tells_the_terminal_width() {
  in_terminal "$launch -n 2 $probe terminal" </dev/null
  grep -q 'columns: 91' "$work/out" || return 1
  run -n 2 "$probe" terminal
  grep -q 'columns: none' "$work/out"
}

press_ctrl_c_when_ready() {
  wait_until grep -q 'rank 0 is process' "$work/out" && printf '\003'
  wait_until test -e "$work/ended" # the keyboard stays open until then
}

saves_at_ctrl_c() {
  : >"$work/out"
  press_ctrl_c_when_ready |
    in_terminal "$launch --timeout $limit -n 2 $probe wait; echo status \$? | tee $work/ended"
  grep -q '2 of 2 ranks had SIGUSR1' "$work/out" && grep -q 'status 75' "$work/ended" &&
    nothing_left
}

hands_stdin_to_rank_0() {
  [[ $(echo words | run_local -n 2 cat) == words ]]
}

mpicc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$probe" tests/launch/signal_probe.c

check 'status 0 passes through, with one line on stderr' passes_the_status_through 0
check 'status 64 passes through, with one line on stderr' passes_the_status_through 64
check 'status 75 passes through, with one line on stderr' passes_the_status_through 75
check 'a program that never starts MPI can fail in one line' passes_an_early_status_through
check 'more ranks than cores run' runs_more_ranks_than_cores
check 'rank 0 reads the standard input' hands_stdin_to_rank_0
check 'SIGTERM reaches every rank as SIGUSR1, and 75 returns' turns_into_usr1 TERM
check 'SIGHUP reaches every rank as SIGUSR1, and 75 returns' turns_into_usr1 HUP
check 'SIGUSR1 reaches every rank as it is' turns_into_usr1 USR1
check_on_terminal 'Ctrl-C reaches every rank as SIGUSR1, and 75 returns' saves_at_ctrl_c
check 'a request before the ranks exist is not lost' keeps_a_request_that_comes_before_the_ranks
check 'signals at the same moment are one request' takes_two_signals_at_once_for_one
check 'a second signal kills ranks that do not listen' kills_at_the_second_signal
check 'a killed rank ends the run' ends_with_a_killed_rank
check 'a killed launcher takes its ranks along' ends_with_a_killed_launcher
check 'a killed launcher lets its ranks save' saves_with_a_killed_launcher
check 'a launcher killed while it starts leaves nothing' ends_with_a_launcher_killed_while_it_starts
check 'the time limit ends the run' ends_at_the_time_limit
check 'no ranks are refused' refuses -n 0 "$probe"
check 'an unknown option is refused' refuses --ranks 2 "$probe"
check 'a missing program is refused' refuses "$work/none"
check 'no program at all is refused' refuses -n 2
check_on_terminal 'the terminal width is told on a terminal only' tells_the_terminal_width

echo "$passed passed, $failed failed"
((failed == 0))
