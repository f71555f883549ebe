#!/usr/bin/env bash
# What commands read and write, as their user sees it: a standard output that takes nothing, files
# that are none.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

# What MPI leaves allocated lies in modules that it has unloaded: no suppression knows their names.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# tell ARGUMENTS...
tell() { run timeout --kill-after=5 60 "$lockstep" "$@"; }

# failed_with STATUS MESSAGE: in one line that ends in MESSAGE, with nothing on standard output.
failed_with() {
  equal status "$status" "$1" && equal 'lines of errors' "$(lines_of err)" 1 &&
    equal 'lines of standard output' "$(lines_of out)" 0 || return 1
  [[ $(<"$work/err") == *"$2" ]] || { note "found $(<"$work/err"), expected $2" && return 1; }
}

# ---- what the tests work on ----

{
  echo x,y,class
  for i in {1..300}; do echo "$((i % 7)),$((i % 5)),$((i % 3))"; done
} >"$work/data.csv"
cut -d , -f 1,2 "$work/data.csv" >"$work/inputs.csv"
cat >"$work/small.yaml" <<'END'
model: {input: 2, layers: [{dense: {units: 3, activation: softmax}}]}
loss: categorical_cross_entropy
optimizer: sgd
data: {train: {format: csv, inputs: data.csv, target: class}}
training: {epochs: 2, batch_size: 64}
report: {curves: false}
END
tell train "$work/small.yaml" --out "$work/small"
((status == 0)) || { cat "$work/err" && exit 1; }
model=$work/small/checkpoints/last.h5

# ---- standard output ----

loses_nothing_quietly() { # ARGUMENTS...
  status=0 && : >"$work/out"
  timeout --kill-after=5 60 "$lockstep" "$@" >/dev/full 2>"$work/err" </dev/null || status=$?
  failed_with 74 'lockstep: standard output: cannot write: No space left on device'
}

# The reader of the pipe has gone; a parent may have seen to it that no signal tells so.
leaves_a_reader_in_peace() {
  status=0
  { sleep 0.3 && (trap '' PIPE && exec "$lockstep" options 2>"$work/err"); } | true || status=$?
  equal status "$status" 74 && equal 'lines of errors' "$(lines_of err)" 0
}

check 'lockstep --help tells that its output is lost' loses_nothing_quietly --help
check 'lockstep --version tells that its output is lost' loses_nothing_quietly --version
check 'predict --help tells that its output is lost' loses_nothing_quietly predict --help
check 'options tells that its output is lost' loses_nothing_quietly options
check 'predict tells that its output is lost' loses_nothing_quietly predict "$model" --on train
check 'predict --json tells that its output is lost' \
  loses_nothing_quietly predict "$model" --on train --json
check 'inspect tells that its output is lost' loses_nothing_quietly inspect "$model"
check 'train tells that its output is lost' \
  loses_nothing_quietly train "$work/small.yaml" --out "$work/lost"
check 'train --dry-run tells that its output is lost' \
  loses_nothing_quietly train "$work/small.yaml" --dry-run
check 'nobody complains to a reader that has seen enough' leaves_a_reader_in_peace

summary
