#!/usr/bin/env bash
# Scaling measurements: real steps on real ranks, the same parameters on all, and how they fail.
set -euo pipefail

cd "$(dirname "$0")/../.."
source tests/support/script.sh

cat >"$work/line.yaml" <<'END'
model: {input: 1, layers: [{dense: {units: 64, activation: tanh}}, {dropout: 0.1}, {dense: 1}]}
loss: mean_squared_error
optimizer: {name: adam, learning_rate: 0.01}
data: {train: {format: linear, samples: 20000}}
training: {batch_size: 48}
END

# scale FOLDER ARGUMENTS...
scale() {
  run timeout --kill-after=5 120 "$lockstep" scale "$work/line.yaml" --out "$work/$1" --repeats 2 \
    --rounds 1 "${@:2}"
}

# of COLUMN: the values of a column of the latest scaling.csv, separated by commas.
of() {
  awk -F , -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
    NR > 1 { print $at }' "$work/$1/scaling.csv" | paste -sd ,
}

gives_the_same_parameters() {
  scale strong --ranks 1,2,4 && equal 'status' "$status" 0 &&
    equal 'ranks' "$(of strong ranks)" 1,2,4 && equal 'shards' "$(of strong shards)" 4,4,4 &&
    equal 'hashes' "$(of strong parameter_hash | tr , '\n' | sort -u | wc -l)" 1 &&
    grep -q "^parameters xxh3:$(of strong parameter_hash | cut -d , -f 1) " "$work/out"
}

# The hash is the one that bench step gives by itself.
measures_what_bench_step_measures() {
  run run_local -n 2 "$lockstep" bench step "$work/line.yaml" --set training.shards=4 --rounds 1 \
    --json && equal 'hash' "$(jq -r .run.parameter_hash "$work/out")" \
    "$(of strong parameter_hash | cut -d , -f 1)"
}

speedups_follow_from_the_times() {
  paste -d ' ' <(of strong step_ms | tr , '\n') <(of strong samples_per_s | tr , '\n') |
    awk '{ d = 48 / $1 * 1000 / $2; if (d < 0.999 || d > 1.001) exit 1 }' &&
    equal 'the first' "$(of strong speedup | cut -d , -f 1)" 1
}

gives_each_rank_its_batch() {
  scale weak --ranks 1,3 --mode weak --json && equal 'status' "$status" 0 &&
    equal 'batches' "$(jq -r '.points[].batch_size' "$work/out" | paste -sd ,)" 48,144 &&
    equal 'shards' "$(jq -r '.points[].shards' "$work/out" | paste -sd ,)" 4,12
}

has_a_model_of_what_has_cores() {
  scale model --ranks 1,2 --mode both --set training.shards=8 --json &&
    equal 'status' "$status" 0 &&
    equal 'points' "$(jq '.points | length' "$work/out")" 4 &&
    if (($(getconf _NPROCESSORS_ONLN) > 1)); then
      jq -e '.model.work > 0 and .model.error >= 0 and .predictions[0].ranks == 4' "$work/out" \
        >/dev/null
    else
      jq -e '.model == null and (.predictions | length) == 0' "$work/out" >/dev/null
    fi
}

names_a_batch_larger_than_the_data() {
  scale larger --ranks 1,2 --mode weak --set training.batch_size=15000
  equal 'status' "$status" 64 && equal 'lines' "$(lines_of err)" 1 &&
    grep -q 'found 20000 samples for a batch of 30000' "$work/err"
}

goes_through_a_launcher() {
  local words="$PWD/launch/local --timeout 60 -n {ranks} --"
  scale launched --ranks 1,2 --launcher "$words" && equal 'status' "$status" 0 &&
    equal 'hash' "$(of launched parameter_hash | tr , '\n' | sort -u | wc -l)" 1
}

tells_of_a_launcher_that_is_none() {
  scale none --ranks 1,2 --launcher /no/such/launcher
  equal 'status' "$status" 70 && equal 'lines' "$(lines_of err)" 1 &&
    grep -q 'cannot start: No such file' "$work/err"
}

stops() {
  "$lockstep" scale "$work/line.yaml" --out "$work/stopped" --rounds 1000 --ranks 2 \
    >"$work/out" 2>"$work/err" </dev/null &
  local pid=$! status=0
  wait_until test -e "$work/stopped/strong_ranks=2_repeat=1.json"
  sleep 0.5
  kill -TERM "$pid" && { wait "$pid" || status=$?; }
  equal 'status' "$status" 75 && equal 'error' "$(cat "$work/err")" 'lockstep: stopped on request'
}

refuses_a_launcher() {
  run run_local -n 2 "$lockstep" scale "$work/line.yaml" --out "$work/launched_twice"
  equal 'status' "$status" 64 && equal 'lines' "$(lines_of err)" 1 &&
    grep -q 'found a launcher' "$work/err" && [[ ! -e $work/launched_twice ]]
}

refused() { # STATUS WORDS ARGUMENTS...
  run "$lockstep" scale --out "$work/refused" "${@:3}"
  equal 'status' "$status" "$1" && equal 'lines' "$(lines_of err)" 1 && grep -q -- "$2" "$work/err"
}

check 'strong scaling gives the same parameters on 1, 2 and 4 ranks' gives_the_same_parameters
check 'scale measures what bench step measures' measures_what_bench_step_measures
check 'samples per second and speedups follow from the times' speedups_follow_from_the_times
check 'weak scaling gives each rank a batch and its shards' gives_each_rank_its_batch
check 'the model is of points with a core for each rank' has_a_model_of_what_has_cores
check 'a batch larger than the data is named' names_a_batch_larger_than_the_data
check 'a launcher may be given' goes_through_a_launcher
check 'a launcher that is none is named' tells_of_a_launcher_that_is_none
check 'scale stops on request' stops
if type -P gnuplot >/dev/null; then
  check 'scaling.svg is drawn' grep -q 'speedup' "$work/strong/scaling.svg"
else
  skip 'scaling.svg is drawn' 'gnuplot is missing'
fi
check 'ranks that do not rise are refused' refused 64 'expected rising numbers from 1 to 100000' \
  "$work/line.yaml" --ranks 2,1
check 'a mode that is none is refused' refused 64 'strong, weak or both' "$work/line.yaml" \
  --mode fast
check 'fewer shards than ranks are refused' refused 64 'training.shards: found 2' \
  "$work/line.yaml" --ranks 1,4 --set training.shards=2
check 'a missing configuration is refused' refused 66 none.yaml "$work/none.yaml"
check 'no configuration is refused' refused 64 'no configuration'
check 'ranks are not started by ranks' refuses_a_launcher
summary
