#!/usr/bin/env bash
# Work that goes on: its folder is nobody else's, whoever reads it can, and a hang-up saves it.
set -euo pipefail

cd "$(dirname "$0")/../.."
source tests/support/script.sh

cat >"$work/line.yaml" <<'END'
model: {input: 1, layers: [{dense: {units: 6, activation: tanh}}, {dense: 1}]}
loss: mean_squared_error
optimizer: {name: sgd, learning_rate: 0.01}
data: {train: {format: linear, samples: 3000}, validation: {split: 0.2}}
training: {epochs: 100000, batch_size: 20, shards: 4}
checkpoint: {every_steps: 20, keep: 2}
report: {curves: false}
END

# shellcheck disable=SC2054  # the comma is of the value
grid=(--over training.batch_size=20,60)

# A check that failed has not ended what it started.
job=''
end_what_is_left() { if [[ $job ]]; then kill -KILL "$job" 2>/dev/null || true; fi; }
trap 'end_what_is_left; rm -rf "$work"' EXIT

# start COMMAND...: in the background, as $job.
start() {
  end_what_is_left
  "$@" >"$work/live_out" 2>&1 </dev/null &
  job=$!
}

# end SIGNAL: the job's status is in $status.
end() {
  status=0
  kill -s "$1" "$job"
  wait "$job" 2>/dev/null || status=$?
  job=''
}

start_run() { # FOLDER ARGUMENTS...
  start "$lockstep" train "$work/line.yaml" --quiet --out "$work/$1" "${@:2}"
  wait_until grep -q "process $job " "$work/$1/lock" &&
    wait_until test -e "$work/$1/checkpoints/last.h5"
}

start_sweep() { # FOLDER ARGUMENTS...
  start "$lockstep" sweep "$work/line.yaml" --out "$work/$1" "${grid[@]}" --jobs 2 "${@:2}"
  wait_until grep -q . "$work/$1/batch_size=60_seed=1/lock"
}

finish_sweep() { # FOLDER ARGUMENTS...
  run timeout 60 "$lockstep" sweep "$work/line.yaml" --out "$work/$1" "${grid[@]}" \
    --set training.epochs=1 "${@:2}"
  equal 'status' "$status" 0 && equal 'rows' "$(wc -l <"$work/$1/sweep.csv")" 3
}

refused() { # WORDS COMMAND...
  run timeout 60 "${@:2}"
  equal 'status' "$status" 73 && equal 'lines' "$(lines_of err)" 1 && grep -qE "$1" "$work/err"
}

refuses_a_second() { # FOLDER WAY...
  refused "^lockstep: $work/$1: a run goes on here \(process $job on .+ since .+\)$" \
    "$lockstep" train "$work/line.yaml" --out "$work/$1" "${@:2}"
}

keeps_a_live_run_to_itself() {
  start_run live
  refuses_a_second live && refuses_a_second live --force && refuses_a_second live --resume &&
    grep -q "^$work/live: a run goes on here .*; waiting for its end$" "$work/out" && end TERM &&
    equal 'status' "$status" 75 && [[ ! -e $work/live/lock ]] &&
    run "$lockstep" inspect "$work/live" && equal 'status' "$status" 0
}

keeps_a_live_run_on_ranks_to_itself() {
  start launch/local --timeout "$limit" -n 3 "$lockstep" train "$work/line.yaml" \
    --out "$work/ranks"
  wait_until test -e "$work/ranks/checkpoints/last.h5"
  refused "$work/ranks: a run goes on here" launch/local -n 3 "$lockstep" train \
    "$work/line.yaml" --force --out "$work/ranks" && end TERM && equal 'status' "$status" 75 &&
    [[ ! -e $work/ranks/lock ]]
}

goes_on_after_a_kill() {
  start_run killed && end KILL && [[ -e $work/killed/lock ]] &&
    refused 'there is a run already' "$lockstep" train "$work/line.yaml" --out "$work/killed" &&
    start_run killed --resume && end TERM && equal 'status' "$status" 75 &&
    [[ ! -e $work/killed/lock ]]
}

waits_for_a_run_that_saves() {
  start_run saves
  (sleep 2 && kill -TERM "$job") &
  run timeout 60 "$lockstep" train "$work/line.yaml" --out "$work/saves" --resume \
    --set training.epochs=1
  equal 'status' "$status" 0 && grep -q 'waiting for its end' "$work/out" &&
    grep -q 'resumed from' "$work/out"
}

# Its checkpoints come and go faster than a command takes to read one.
can_be_read() {
  start_run read --set checkpoint.every_steps=1 --set checkpoint.keep=1
  local failures=0
  for _ in {1..15}; do
    run "$lockstep" inspect "$work/read" "$work/read/"
    equal 'compared with itself' "$status" 0 || failures=$((failures + 1))
    run "$lockstep" eval "$work/read"
    equal 'evaluated' "$status" 0 || failures=$((failures + 1))
    run "$lockstep" train "$work/line.yaml" --init "$work/read" --out "$work/from" --force \
      --set training.epochs=1
    equal 'begun with' "$status" 0 || failures=$((failures + 1))
  done
  end TERM
  ((failures == 0))
}

passes_an_init_over() {
  run "$lockstep" train "$work/line.yaml" --out "$work/init" --set training.epochs=1
  run "$lockstep" train "$work/line.yaml" --out "$work/init" --set training.epochs=2 --resume \
    --init "$work/none.h5"
  equal 'status' "$status" 0 && equal 'error' "$(cat "$work/err")" "lockstep: warning: --init \
$work/none.h5 is not needed: the run goes on from its own checkpoint"
}

begins_with_an_init() {
  run "$lockstep" train "$work/line.yaml" --out "$work/begun" --set training.epochs=1 --resume \
    --init "$work/init" --set optimizer.learning_rate=1e-30
  equal 'status' "$status" 0 && equal 'error' "$(lines_of err)" 0 &&
    run "$lockstep" inspect "$work/init" "$work/begun" --json
  equal 'parameters' "$(jq -c '[.tensors[] | select(.slot == null) | .equal] | unique' \
    "$work/out")" '[true]'
}

saves_at_a_hang_up() {
  start_run hung && end HUP && equal 'status' "$status" 75
}

epochs_in() { wc -l <"$work/$1/metrics.csv"; }
goes_on() { (($(epochs_in "$1") > $2 + 3)); } # FOLDER LINES

outlives_its_terminal() {
  start nohup "$lockstep" train "$work/line.yaml" --quiet --out "$work/nohup"
  wait_until test -e "$work/nohup/metrics.csv"
  kill -HUP "$job"
  wait_until goes_on nohup "$(epochs_in nohup)" && end TERM && equal 'status' "$status" 75
}

keeps_a_live_sweep_to_itself() {
  start_sweep sweep
  local way
  for way in --quiet --force --resume; do
    refused "$work/sweep: a sweep goes on here .process $job " "$lockstep" sweep \
      "$work/line.yaml" --out "$work/sweep" "${grid[@]}" "$way" || return 1
  done
  refused "$work/sweep/batch_size=20_seed=1: a run goes on here" "$lockstep" train \
    "$work/line.yaml" --force --out "$work/sweep/batch_size=20_seed=1" && end TERM &&
    equal 'status' "$status" 75 && [[ ! $(find "$work/sweep" -name lock) ]]
}

# Killed alone, it leaves runs that are asked to stop, and may still save when the next one begins.
goes_on_after_a_killed_sweep() {
  local i
  for i in 1 2 3; do
    start_sweep again --resume && sleep "0.$i" && end KILL
  done
  finish_sweep again --resume
}

replaces_a_killed_sweep() {
  start_sweep replaced && end KILL && finish_sweep replaced --force
}

scale() { # FOLDER ARGUMENTS...
  timeout 60 "$lockstep" scale "$work/line.yaml" --out "$work/$1" --repeats 1 "${@:2}"
}

keeps_a_live_measurement_to_itself() {
  start "$lockstep" scale "$work/line.yaml" --out "$work/scale" --ranks 1 --repeats 10000
  wait_until grep -q . "$work/scale/lock" &&
    refused "$work/scale: a scaling measurement goes on here .process $job " "$lockstep" scale \
      "$work/line.yaml" --out "$work/scale" --force && end TERM && equal 'status' "$status" 75 &&
    [[ ! -e $work/scale/lock ]]
}

replaces_a_measurement() {
  run scale measured --rounds 1 --ranks 1,2 && equal 'status' "$status" 0 &&
    refused "$work/measured: there is a scaling measurement already; .*--force" "$lockstep" \
      scale "$work/line.yaml" --out "$work/measured" &&
    echo mine >"$work/measured/strong_ranks=2.json" &&
    run scale measured --rounds 1 --ranks 1 --force && equal 'status' "$status" 0 &&
    equal 'files' "$(find "$work/measured" -name 'strong*.json' -printf '%f\n' | sort |
      paste -sd ' ')" 'strong_ranks=1_repeat=1.json strong_ranks=2.json'
}

# refuses_the_folder_of WORDS FOLDER COMMAND ARGUMENTS...: anew, and with --force.
refuses_the_folder_of() {
  local before
  before=$(folder_state "$work/$2")
  refused "$work/$2: found $1, expected " "$lockstep" "$3" "$work/line.yaml" --out "$work/$2" \
    "${@:4}" && refused "$work/$2: found $1, expected " "$lockstep" "$3" "$work/line.yaml" \
    --out "$work/$2" "${@:4}" --force &&
    equal 'the folder' "$(folder_state "$work/$2")" "$before"
}

check 'a live run keeps its folder to itself' keeps_a_live_run_to_itself
check 'a live run on 3 ranks keeps its folder to itself' keeps_a_live_run_on_ranks_to_itself
check 'a run that was killed can be resumed at once' goes_on_after_a_kill
check 'a resume waits for a run that saves and stops' waits_for_a_run_that_saves
check 'a live run can be read, compared and begun with' can_be_read
check 'a resume needs no --init, and says so' passes_an_init_over
check 'a resume of nothing begins with --init' begins_with_an_init
check 'a hang-up saves and stops a run' saves_at_a_hang_up
check 'a hang-up under nohup is nothing' outlives_its_terminal
check 'a live sweep keeps its folder to itself' keeps_a_live_sweep_to_itself
check 'a sweep that was killed alone goes on' goes_on_after_a_killed_sweep
check 'a sweep that was killed alone can be replaced' replaces_a_killed_sweep
check 'a live scaling measurement keeps its folder to itself' keeps_a_live_measurement_to_itself
check 'a scaling measurement is replaced with --force alone' replaces_a_measurement
check 'a sweep is not made in the folder of a run' refuses_the_folder_of 'a run' init sweep \
  "${grid[@]}"
check 'scaling is not measured in the folder of a run' refuses_the_folder_of 'a run' init scale
check 'a run is not made in the folder of a sweep' refuses_the_folder_of 'a sweep' sweep train
check 'a run is not made in the folder of a measurement' refuses_the_folder_of \
  'a scaling measurement' measured train
summary
