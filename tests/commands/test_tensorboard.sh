#!/usr/bin/env bash
# Event files for TensorBoard, by their names and the tags in them: one file a part, every epoch
# once after kills and resumes, and nothing where they are not wanted. What TensorBoard itself reads
# in them is looked at in tests/interop/test_tensorboard.py.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

cat >"$work/run.yaml" <<'END'
model: {input: 1, layers: [{dense: {units: 4, activation: tanh}}, {dense: 1}]}
loss: mean_squared_error
optimizer: {name: adam, learning_rate: 0.01}
data: {train: {format: linear, samples: 200}, validation: {split: 0.25}}
training: {epochs: 5, batch_size: 25, shards: 5}
report: {curves: false, tensorboard: true, histogram_every: 2}
END

files_of() { find "$1" -name 'events.out.tfevents.*' | sort; } # FOLDER

# times TAG RUN PART: how often a tag occurs in the files of a part.
times() { files_of "$2/tensorboard/$3" | xargs cat | grep -ao "$1" | wc -l; }

# holds RUN EPOCHS: one file a part, with every epoch once.
holds() {
  equal 'status' "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 0 &&
    equal 'files for training' "$(files_of "$1/tensorboard/train" | wc -l)" 1 &&
    equal 'files for validation' "$(files_of "$1/tensorboard/validation" | wc -l)" 1 &&
    equal 'losses' "$(times epoch_loss "$1" train)" "$2" &&
    equal 'validation losses' "$(times epoch_loss "$1" validation)" "$2" &&
    equal 'learning rates' "$(times epoch_learning_rate "$1" train)" "$2" &&
    equal 'weights' "$(times dense_1/kernel_0/histogram "$1" train)" $(($2 / 2)) &&
    equal 'gradients' "$(times dense_1/kernel_0_grad/histogram "$1" train)" $(($2 / 2)) &&
    equal 'sessions' "$(times brain.Event:2 "$1" train)" 1
}

is_written_on() { # RANKS
  train "$1" "$work/on_$1" "$work/run.yaml"
  holds "$work/on_$1" 5
}

bears_the_name_of_its_process() {
  files_of "$work/on_3/tensorboard/train" | xargs -n 1 basename |
    grep -qxE "events\.out\.tfevents\.[0-9]{10}\.$(hostname)\.[0-9]+\.0"
}

is_written_anew_by_a_resume() {
  train 2 "$work/on_3" "$work/run.yaml" --resume --set training.epochs=8
  holds "$work/on_3" 8
}

# The run knows five epochs by its checkpoint, and has written events of more.
survives_a_kill() {
  local words=("$work/run.yaml" --resume --set training.epochs=5000
    --set checkpoint.every_epochs=null) job
  "$lockstep" train --out "$work/on_1" "${words[@]}" >"$work/out" 2>"$work/err" </dev/null &
  job=$!
  wait_until has_trained "$work/on_1" 30 && kill -KILL "$job"
  wait "$job" 2>/dev/null || true
  local seen
  seen=$(times epoch_loss "$work/on_1" train)
  note "events of $seen epochs at the kill"
  ((seen >= 29)) || return 1
  train 1 "$work/on_1" "$work/run.yaml" --resume --set training.epochs=12
  holds "$work/on_1" 12
}

is_removed_by_force_and_nothing_else() {
  local mine=$work/on_3/tensorboard/train/events.out.tfevents.1234567890.me.1.0.v2
  echo mine >"$mine"
  train 1 "$work/on_3" "$work/run.yaml" --force --set report.tensorboard=false
  equal 'what is left' "$(find "$work/on_3/tensorboard" -type f)" "$mine"
}

is_absent_by_default() {
  train 1 "$work/none" "$work/run.yaml" --set report.tensorboard=false
  equal status "$status" 0 && [[ ! -e $work/none/tensorboard ]]
}

is_not_worth_a_run() {
  mkdir -p "$work/refused"
  echo mine >"$work/refused/tensorboard"
  train 3 "$work/refused" "$work/run.yaml" --quiet
  equal status "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 1 &&
    grep -q "warning: .*refused/tensorboard.*: " "$work/err" &&
    [[ -e $work/refused/checkpoints/last.h5 ]]
}

for ranks in 1 3; do
  check "$ranks ranks write every epoch once" is_written_on "$ranks"
done
check 'a file bears the time, the host and the process' bears_the_name_of_its_process
check 'a resume writes the files anew' is_written_anew_by_a_resume
check 'a kill after an epoch, before its checkpoint, leaves nothing twice' survives_a_kill
check '--force removes the files and nothing else' is_removed_by_force_and_nothing_else
check 'without report.tensorboard there are none' is_absent_by_default
check 'a folder that cannot be made is not worth a run' is_not_worth_a_run
summary
