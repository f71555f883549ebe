#!/usr/bin/env bash
# Sweeps: grids of real runs, killed, stopped and resumed; what they write and how they fail.
set -euo pipefail

cd "$(dirname "$0")/../.."
source tests/support/script.sh

cat >"$work/line.yaml" <<'END'
model: {input: 1, layers: [{dense: {units: 6, activation: tanh}}, {dense: 1}]}
loss: mean_squared_error
optimizer: {name: sgd, learning_rate: 0.01}
data: {train: {format: linear, samples: 3000}, validation: {split: 0.2}}
training: {epochs: 3, batch_size: 20}
report: {curves: false}
END

# sweep FOLDER ARGUMENTS...
sweep() {
  run timeout --kill-after=5 120 "$lockstep" sweep "$work/line.yaml" --out "$work/$1" "${@:2}"
}

grid=(--over training.batch_size=8,64 --over optimizer.learning_rate=0.01,0.05 --seeds 2)

# The columns of a sweep.csv that do not depend on the machine.
results() {
  awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) keep[i] = $i !~ /seconds/ }
    { for (i = 1; i <= NF; i++) if (keep[i]) printf "%s,", $i; print "" }' "$work/$1/sweep.csv"
}

last_value() { tail -n 1 "$work/$1/metrics.csv" | cut -d , -f "$2"; }

runs_every_combination() {
  sweep whole "${grid[@]}" && equal 'status' "$status" 0 &&
    equal 'runs' "$(grep -c ': finished, val_mean_absolute_error ' "$work/out")" 8 &&
    equal 'rows' "$(wc -l <"$work/whole/sweep.csv")" 5 &&
    equal 'folders' "$(find "$work/whole" -name metrics.csv | wc -l)" 8 &&
    grep -q ' ± ' "$work/out"
}

gives_the_means_of_its_runs() {
  local a b mean
  a=$(last_value 'whole/batch_size=8_learning_rate=0.01_seed=1' 5)
  b=$(last_value 'whole/batch_size=8_learning_rate=0.01_seed=2' 5)
  mean=$(awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "loss") at = i }
    NR == 2 { print $at }' "$work/whole/sweep.csv")
  awk -v a="$a" -v b="$b" -v mean="$mean" 'BEGIN { d = (a + b) / 2 - mean
    exit !(d < 1e-8 && d > -1e-8 && a != b) }'
}

# A run of the sweep is the run that anybody would have started by hand.
runs_are_ordinary_runs() {
  local name='batch_size=64_learning_rate=0.05_seed=2'
  train 1 "$work/by_hand" "$work/line.yaml" --set training.batch_size=64 \
    --set optimizer.learning_rate=0.05 --set seed=2 &&
    equal 'metrics' "$(cut -d , -f 1,2,4- "$work/whole/$name/metrics.csv")" \
      "$(cut -d , -f 1,2,4- "$work/by_hand/metrics.csv")"
}

repeats_nothing() {
  local before
  before=$(folder_state "$work/whole/batch_size=8_learning_rate=0.01_seed=1")
  sweep whole "${grid[@]}" --resume && equal 'status' "$status" 0 &&
    grep -q '8 of 8 runs are finished already' "$work/out" &&
    equal 'a run' "$(folder_state "$work/whole/batch_size=8_learning_rate=0.01_seed=1")" "$before"
}

# Killed with everything that it started, three times at moments that differ from test to test.
survives_kills() {
  local i pid
  for i in 1 2 3; do
    setsid "$lockstep" sweep "$work/line.yaml" --out "$work/killed" "${grid[@]}" \
      --set checkpoint.every_steps=20 --resume >"$work/out" 2>&1 </dev/null &
    pid=$!
    sleep "0.$((RANDOM % 8 + 1))"
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  sweep killed "${grid[@]}" --set checkpoint.every_steps=20 --resume &&
    equal 'status' "$status" 0 && equal 'results' "$(results killed)" "$(results whole)"
}

saves_and_stops() {
  "$lockstep" sweep "$work/line.yaml" --out "$work/stopped" "${grid[@]}" --jobs 2 \
    --set training.epochs=4000 >"$work/out" 2>"$work/err" </dev/null &
  local pid=$! status=0
  wait_until test -e "$work/stopped/batch_size=8_learning_rate=0.01_seed=2/checkpoints/last.h5" &&
    kill -TERM "$pid" && { wait "$pid" || status=$?; } && equal 'status' "$status" 75 &&
    equal 'error' "$(cat "$work/err")" \
      'lockstep: stopped on request; continue with --resume' &&
    ! pgrep -f "$work/stopped" >/dev/null
}

runs_on_ranks() {
  sweep ranks "${grid[@]}" --ranks 2 --jobs 1 --set training.shards=4 &&
    equal 'status' "$status" 0 && sweep one "${grid[@]}" --set training.shards=4 &&
    equal 'results' "$(results ranks)" "$(results one)"
}

tells_when_a_target_was_reached() {
  sweep target --over training.batch_size=8,1000 --target 1 && equal 'status' "$status" 0 &&
    equal 'epochs' "$(awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "epochs_to_target")
      at = i } NR > 1 { print $at }' "$work/target/sweep.csv" | paste -sd /)" '1/'
}

calls_a_point_diverged() {
  sweep diverged --over optimizer.learning_rate=0.01,1e6 && equal 'status' "$status" 0 &&
    grep -q 'learning_rate=1e6_seed=1: diverged' "$work/out" &&
    grep -qE '^ *0\.01 +1 +0 ' "$work/out" && grep -qE '^ *1e6 +0 +1' "$work/out"
}

# A crash is no result: here the memory for the parameters is refused.
calls_a_crash_a_failure() {
  run bash -c "ulimit -v 1500000; exec '$lockstep' sweep '$work/line.yaml' --out '$work/crash' \
    --over model.layers.0.dense.units=6,16000000 --jobs 1"
  equal 'status' "$status" 70 && grep -q 'units=16000000_seed=1: failed' "$work/out" &&
    grep -q 'units=6_seed=1: finished' "$work/out" && equal 'lines' "$(lines_of err)" 1
}

# Called like results of their own.
keeps_the_values_of_keys_called_like_results() {
  sweep named --over loss=mean_squared_error,mean_absolute_error --over training.epochs=1,2 \
    --json && equal 'status' "$status" 0 &&
    equal 'losses' "$(jq -r '.points[]["config.loss"]' "$work/out" | sort -u | paste -sd ,)" \
      mean_absolute_error,mean_squared_error &&
    equal 'epochs' "$(jq -r '.points[]["config.training.epochs"]' "$work/out" | paste -sd ,)" \
      1,2,1,2
}

compares_runs_with_different_metrics() {
  sweep metrics --over 'metrics=[mean_absolute_error],[root_mean_squared_error]' --json &&
    equal 'status' "$status" 0 && jq -e '.points[0].val_mean_absolute_error > 0 and
      .points[0].val_root_mean_squared_error == null and
      .points[1].val_root_mean_squared_error > 0' "$work/out" >/dev/null
}

takes_words() {
  sweep words --over training.shuffle=true,false --json && equal 'status' "$status" 0 &&
    equal 'values' "$(jq -r '.points[].shuffle' "$work/out" | paste -sd ,)" true,false
}

# A sweep that is written down: the command line adds to it and comes before it.
reads_a_file() {
  cat >"$work/written.yaml" <<'END'
config: line.yaml
over:
  optimizer: [{name: sgd, momentum: 0.5}, {name: adam, beta_1: 0.8}]
  training.batch_size: [8, 64]
set: {training.epochs: 2}
seeds: 2
target: 1
END
  run "$lockstep" sweep "$work/written.yaml" --out "$work/written" --json \
    --over training.batch_size=32,64 --set optimizer.clip_norm=1
  equal 'status' "$status" 0 &&
    equal 'points' "$(jq -r '.points[] | .batch_size + " " + .optimizer' "$work/out")" \
      "$(printf '%s\n' '32 {name: sgd, momentum: 0.5}' '32 {name: adam, beta_1: 0.8}' \
        '64 {name: sgd, momentum: 0.5}' '64 {name: adam, beta_1: 0.8}')" &&
    equal 'runs' "$(jq -r '.points[] | [.runs, .epochs] | @csv' "$work/out" | sort -u)" 2,2 &&
    equal 'target' "$(jq '.target == 1' "$work/out")" true
}

refuses_a_file() { # WORDS LINES...
  printf '%s\n' "${@:2}" >"$work/wrong.yaml"
  run "$lockstep" sweep "$work/wrong.yaml" --out "$work/never"
  equal 'status' "$status" 64 && equal 'lines' "$(lines_of err)" 1 && grep -q -- "$1" "$work/err"
}

writes_hdf5() {
  h5dump -d "/runs/batch_size=8_learning_rate=0.05_seed=2/val_loss" "$work/whole/sweep.h5" \
    >"$work/out" 2>&1 && grep -q '( 3 ) / ( 3 )' "$work/out" &&
    h5dump -d /points/loss "$work/whole/sweep.h5" | grep -q '( 4 ) / ( 4 )' &&
    h5dump -a "/runs/batch_size=8_learning_rate=0.05_seed=2/optimizer.learning_rate" \
      "$work/whole/sweep.h5" | grep -q '"0.05"'
}

draws() {
  grep -q 'batch_size=64, learning_rate=0.05' "$work/whole/curves.svg" &&
    grep -q '>64<' "$work/whole/result.svg"
}

refuses_a_launcher() {
  run run_local -n 2 "$lockstep" sweep "$work/line.yaml" "${grid[@]}" --out "$work/launched_twice"
  equal 'status' "$status" 64 && equal 'lines' "$(lines_of err)" 1 &&
    grep -q 'found a launcher' "$work/err" && [[ ! -e $work/launched_twice ]]
}

refused() { # STATUS WORDS ARGUMENTS...
  run "$lockstep" sweep "${@:3}"
  equal 'status' "$status" "$1" && equal 'lines' "$(lines_of err)" 1 && grep -q -- "$2" "$work/err"
}

names_a_missing_file_once() {
  sweep missing --over seed_of_nothing=1,2
  equal 'status' "$status" 64 && [[ ! -e $work/missing ]] && equal 'lines' "$(lines_of err)" 1
}

stops_at_data_that_is_missing() {
  sweep nodata --over training.batch_size=8,64 --jobs 1 \
    --set 'data.train={format: csv, inputs: none.csv, target: y}'
  equal 'status' "$status" 66 && equal 'lines' "$(lines_of err)" 1 && grep -q none.csv "$work/err"
}

check 'a sweep runs every combination with every seed' runs_every_combination
check 'a point is the mean of its runs' gives_the_means_of_its_runs
check 'a run of a sweep is an ordinary run' runs_are_ordinary_runs
check 'a finished sweep repeats nothing' repeats_nothing
check 'a sweep that was killed three times gives the same results' survives_kills
check 'a sweep that is asked to stop lets its runs save' saves_and_stops
check 'a sweep on 2 ranks gives the results of one' runs_on_ranks
check 'a sweep tells when the target was reached' tells_when_a_target_was_reached
check 'a point may diverge' calls_a_point_diverged
check 'a run that crashes is a failure' calls_a_crash_a_failure
check 'keys that are called like results keep their values' \
  keeps_the_values_of_keys_called_like_results
check 'runs with different metrics are compared' compares_runs_with_different_metrics
check 'an empty launcher is refused' refused 64 'found no word' "$work/line.yaml" "${grid[@]}" \
  --launcher '' --out "$work/never"
check 'a key may have words for values, and --json is JSON' takes_words
check 'a sweep may be written down' reads_a_file
check 'a list that is none is refused' refuses_a_file 'wrong.yaml:2: over.seed.*a list' \
  'config: line.yaml' 'over: {seed: 3}'
check 'a key that a sweep has not is refused' refuses_a_file 'target' 'config: line.yaml' \
  'over: {training.batch_size: [1]}' 'tagret: 3'
check 'a sweep without a configuration is refused' refuses_a_file 'config' \
  'over: {training.batch_size: [1]}'
check 'sweep.h5 holds points and runs' writes_hdf5
if type -P gnuplot >/dev/null; then
  check 'pictures name points and ticks' draws
else
  skip 'pictures name points and ticks' 'gnuplot is missing'
fi
check 'a sweep is not overwritten' refused 73 'a sweep already' "$work/line.yaml" \
  "${grid[@]}" --out "$work/whole"
check 'another sweep in the same folder is refused' refused 64 'is of another sweep' \
  "$work/line.yaml" "${grid[@]}" --out "$work/whole" --resume --set optimizer.momentum=0.5
check 'a sweep over nothing is refused' refused 64 'expected --over' "$work/line.yaml"
check 'a sweep of no configuration is refused' refused 66 'none.yaml' "$work/none.yaml" "${grid[@]}"
check 'a value that is no value is refused before anything is run' refused 64 'batch_size' \
  "$work/line.yaml" --over training.batch_size=8,many --out "$work/never"
check 'a key that is none is named once' names_a_missing_file_once
check 'seeds are not swept' refused 64 'expected --seeds' "$work/line.yaml" --over seed=1,2
check 'data that is missing ends a sweep at once' stops_at_data_that_is_missing
check 'ranks are not started by ranks' refuses_a_launcher
summary
