#!/usr/bin/env bash
# Bad input of every kind: one line that says where, what was found and what was expected, the exit
# code of the design, the same on 1 and on 3 ranks; and whatever was in the run's folder stays.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

# ---- good files, from which bad ones are made ----

# A 32-bit number, most significant byte first.
word() {
  # shellcheck disable=SC2059  # the bytes are the format
  printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) \
    $(($1 >> 8 & 255)) $(($1 & 255)))"
}

# The header of an IDX file: its magic number, then its dimensions.
idx_header() {
  local number
  for number; do word "$((number))"; done
}

pixels() { seq 1 1000 | head -c "$1"; }
labels() { for ((i = 0; i < $1 / 4; i++)); do printf '\0\1\2\3'; done; }

write_data() {
  { idx_header 0x803 60 4 5 && pixels 1200; } >"$work/images"
  { idx_header 0x801 60 && labels 60; } >"$work/labels"
  gzip -n -c "$work/images" >"$work/images.gz"
  {
    echo a,b,class
    seq 1 40 | awk '{ print $1 / 40 "," $1 % 7 "," $1 % 4 }'
  } >"$work/good.csv"
}

# The configuration stands in the tests by its lines: keep them.
write_config() {
  cat >"$work/good.yaml" <<END
seed: 1
model:
  input: 20
  layers:
    - dense: {units: 8, activation: relu}
    - dense: {units: 4, activation: softmax}
loss: categorical_cross_entropy
optimizer: {name: sgd, learning_rate: 0.1}
data:
  train: {format: idx, inputs: images, targets: labels}
  scale: 255
training: {epochs: 2, batch_size: 16, shards: 4}
checkpoint: {keep: 1}
report: {curves: false}
END
}

# ---- what is expected ----

# The words of a message, without the rank that it is about where only one has failed.
message() { sed -E 's/ \(on rank [0-9]+, host [^)]*\)$//' "$work/err"; }

says() { # WORDS...
  local words
  for words; do
    grep -qF -- "$words" "$work/err" && continue
    note "the message lacks '$words'"
    return 1
  done
}

# A copy of a good run, whose only checkpoint is $file of $bytes bytes, after $damage to it.
copy_run() {
  rm -rf "$folder"
  cp -a "$work/good" "$folder"
  file=$(echo "$folder"/checkpoints/step_*.h5)
  bytes=$(stat -c %s "$file")
  "${damage[@]}"
}

# On one rank without a launcher: mpirun takes 2 s to end after a failure there.
train_on() { # RANKS ARGUMENTS...
  if (($1 > 1)); then
    train "$1" "$folder" "${@:2}"
  else
    run timeout "$limit" "$lockstep" train --out "$folder" "${@:2}"
  fi
}

# refused CODE RANKS ARGUMENTS...: one line, the code, and the folder as it was.
refused() {
  local before
  copy_run
  before=$(folder_state "$folder")
  train_on "${@:2}"
  equal "status on $2 ranks" "$status" "$1" &&
    equal "lines of standard error on $2 ranks" "$(lines_of err)" 1 &&
    says 'lockstep: ' && equal "state of $folder" "$(folder_state "$folder")" "$before"
}

# refuses CODE 'WORDS|WORDS' ARGUMENTS...: on 1 and on 3 ranks.
refuses() {
  local words first
  IFS='|' read -ra words <<<"$2"
  refused "$1" 1 "${@:3}" && says "${words[@]}" && first=$(message) &&
    refused "$1" 3 "${@:3}" && equal 'message on 3 ranks' "$(message)" "$first"
}

# with LINE TEXT: good.yaml with one line replaced, as $work/bad.yaml.
with() {
  awk -v at="$1" -v text="$2" 'NR == at { print text; next } { print }' \
    "$work/good.yaml" >"$work/bad.yaml"
}

# bad_config NAME LINE TEXT WORDS: one line of the configuration is bad; if it became several, the
# last of them.
bad_config() {
  local at=$(($2 + $(wc -l <<<"$3") - 1))
  with "$2" "$3"
  check "$1" refuses 64 "$work/bad.yaml:$at: $4" "$work/bad.yaml" --force
}

# bad_data NAME CODE WORDS SETTING...: what the configuration names is bad.
bad_data() {
  local settings=() setting
  for setting in "${@:4}"; do settings+=(--set "$setting"); done
  check "$1" refuses "$2" "$3" "$work/good.yaml" "${settings[@]}" --force
}

# ---- the configuration ----

check_configurations() {
  check 'a missing configuration' refuses 66 "$work/none.yaml: |No such file" "$work/none.yaml"
  check 'data as configuration' refuses 64 \
    "good.csv:1: found 'a,b,class |', expected keys with values" "$work/good.csv"
  check 'a folder as configuration' refuses 66 "$work: cannot read: " "$work"
  bad_config 'a YAML syntax error' 5 '    - dense: {units: 8]' 'YAML syntax: did not find expected'
  bad_config 'a key that stands twice' 1 $'seed: 1\nseed: 2' 'seed: this key stands twice'
  bad_config 'a second document' 14 $'---\nseed: 2' 'a second document; expected one'
  bad_config 'an unknown key' 12 'training: {epochs: 2, bach_size: 16}' \
    'training.bach_size: unknown key; did you mean training.batch_size?'
  bad_config 'an unknown key of the top level' 1 'sed: 1' 'sed: unknown key; did you mean seed?'
  bad_config 'an unknown layer' 5 '    - danse: {units: 8}' \
    "model.layers[0]: unknown layer 'danse'; did you mean dense?"
  bad_config 'an unknown option of a layer' 5 '    - dense: {unit: 8}' \
    'model.layers[0].dense.unit: unknown key; did you mean model.layers[0].dense.units?'
  bad_config 'a layer without its units' 5 '    - dense' 'model.layers[0].dense.units: missing: '
  bad_config 'an unknown activation' 5 '    - dense: {units: 8, activation: rely}' \
    "model.layers[0].dense.activation: unknown activation 'rely'; did you mean relu?"
  bad_config 'an unknown loss' 7 'loss: categorical_crossentopy' \
    "loss: unknown loss 'categorical_crossentopy'; did you mean categorical_cross_entropy?"
  bad_config 'an unknown optimizer' 8 'optimizer: {name: adan}' \
    "optimizer: unknown optimizer 'adan'; did you mean adam?"
  bad_config 'an optimizer without a name' 8 'optimizer: {learning_rate: 1}' \
    "optimizer: no 'name:' that names the optimizer"
  bad_config 'an unknown data format' 10 '  train: {format: iddx, inputs: images}' \
    "data.train: unknown data format 'iddx'; did you mean idx?"
  bad_config 'a batch of 0 samples' 12 'training: {batch_size: 0}' \
    "training.batch_size: found '0', expected a whole number from 1 to "
  bad_config 'a value below its bound' 12 'training: {epochs: -1}' \
    "training.epochs: found '-1', expected a whole number from 0 to "
  bad_config 'a value at a bound that is not allowed' 11 '  scale: 0' \
    "data.scale: found '0', expected a number above 0"
  bad_config 'a fraction for a whole number' 1 'seed: 1.5' "seed: found '1.5', expected a whole"
  bad_config 'a number that is not finite' 8 'optimizer: {name: sgd, learning_rate: .nan}' \
    "optimizer.learning_rate: found '.nan', expected a number of at least 0"
  bad_config 'a word for true or false' 14 'report: {curves: yes}' \
    "report.curves: found 'yes', expected true or false"
  bad_config 'an unknown choice' 12 'training: {reduction: telepathy}' \
    "training.reduction: found 'telepathy', expected auto | "
  bad_config 'a list for a number' 1 'seed: [1, 2]' 'seed: found a list, expected a whole number'
  bad_config 'a variable that is not set' 10 "  train: {format: idx, inputs: '\${NO_SUCH_VAR}'}" \
    'data.train: the variable NO_SUCH_VAR is not set'
  bad_config 'two ways to clip' 8 'optimizer: {name: sgd, clip_norm: 1, clip_value: 1}' \
    'optimizer: found clip_norm and clip_value, expected at most one of them'
  bad_config 'a layer with a slash in its name' 6 '    - dense: {name: a/b, units: 4}' \
    "model.layers[1]: found the name 'a/b', expected text without '/'"
  bad_config 'a layer with a name that files cannot have' 6 '    - dense: {name: ., units: 4}' \
    "model.layers[1]: found the name '.'"
}

check_shapes() {
  bad_data 'a model for other inputs' 64 "$work/images: found samples of 4x5 numbers, expected 21" \
    model.input=21
  bad_data 'a dense layer on a shape' 64 \
    'model.layers[0]: |takes a plain number of inputs, found the shape 4x5' 'model.input=[4, 5]'
  bad_data 'a label that is no class' 65 \
    "$work/images: sample 3: found the target 3, expected a class from 0 to 2" \
    model.layers.1.dense.units=3
  bad_data 'a layer with the name that another one needs' 64 \
    'model.layers[1]: |dense_activation' model.layers.1.dense.name=dense_activation \
    'model.layers.0.dense.activation={leaky_relu: 0.1}'
  bad_data 'a split that keeps nothing back' 64 \
    'data.validation: a split of 0.001 leaves none of 60 samples for validation' \
    'data.validation={split: 0.001}'
  bad_data 'a metric that stands twice' 64 'metrics|accuracy' 'metrics=[accuracy, accuracy]'
  bad_data 'pooled rows with an engine that cannot' 64 \
    'training.reduction: pooled needs compute.engine: native; expected another, or auto' \
    training.reduction=pooled compute.engine=openblas
  bad_data 'pooled rows with a limit on the norm' 64 \
    'training.reduction: pooled needs no optimizer.clip_norm' \
    training.reduction=pooled optimizer.clip_norm=1
  bad_data 'targets of another width' 65 "found 1 target per sample, expected 4" \
    loss=binary_cross_entropy
}

# ---- the command line ----

check_words() {
  local config=$work/good.yaml
  check '--set of an unknown key' refuses 64 \
    'training.epoch=3: training.epoch: unknown key; did you mean training.epochs?' \
    "$config" --force --set training.epoch=3
  check '--set without =' refuses 64 '--set training.epochs: expected key=value' \
    "$config" --force --set training.epochs
  check '--set without a value' refuses 64 'training.epochs: found nothing, expected a whole' \
    "$config" --force --set training.epochs=
  check '--set of no path' refuses 64 'data.train.inputs: found nothing, expected a path' \
    "$config" --force --set data.train.inputs=
  check '--set of nothing as the only metric' refuses 64 \
    'metrics[0]: found nothing, expected a metric' "$config" --print-config --set 'metrics=[null]'
  check '--set of an item that a list does not have' refuses 64 \
    "model.layers.2.dense.units=3: no item '2' in a list of 2" \
    "$config" --force --set model.layers.2.dense.units=3
  check 'an unknown option' refuses 64 "train: unrecognized option '--spee'" "$config" --spee
  check 'an option without its value' refuses 64 "option '--set' requires an argument" \
    "$config" --set
  check 'no configuration' refuses 64 'no configuration given'
  check 'two configurations' refuses 64 'a second configuration ' "$config" "$config"
  check '--resume with --force' refuses 64 '--resume and --force exclude each other' \
    "$config" --resume --force
  check 'a folder without a name' refuses 64 '--out' "$config" --dry-run --out ''
  check 'a run that exists' refuses 73 "$folder: there is a run already|--resume|--force|--out" \
    "$config"
}

prints_once() { # WORDS ARGUMENTS...
  run run_local -n 3 "$lockstep" "${@:2}"
  equal status "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 0 &&
    equal "lines with $1" "$(grep -cF -- "$1" "$work/out")" 1
}

refuses_command() { # WORDS ARGUMENTS...
  local ranks
  for ranks in 1 3; do
    run run_local -n "$ranks" "$lockstep" "${@:2}"
    equal status "$status" 64 && equal 'lines of standard error' "$(lines_of err)" 1 && says "$1" ||
      return 1
  done
}

# ---- ranks and folders ----

refuses_more_ranks_than_shards() {
  refused 64 3 "$work/good.yaml" --force --set training.shards=2 &&
    says 'found 3 ranks for 2 shards' 'training.shards to 3 or more'
}

cannot_create_in() { # FOLDER
  local folder=$1 ranks
  for ranks in 1 3; do
    train_on "$ranks" "$work/good.yaml"
    equal status "$status" 73 && equal 'lines of standard error' "$(lines_of err)" 1 &&
      says "$1" || return 1
  done
}

# Data that one host alone cannot read, or reads otherwise. Rank 0 prints, and names the rank.
refuses_rank_1() { # CODE WORDS
  refused "$1" 3 "$work/good.yaml" --force \
    --set compute.ranks_per_node=1 --set "data.train.inputs=images_\${OMPI_COMM_WORLD_RANK}" &&
    says "$2" 'on rank 1'
}

check_ranks() {
  check 'more ranks than shards' refuses_more_ranks_than_shards
  cp "$work/images" "$work/images_0"
  cp "$work/images" "$work/images_2"
  check 'a file that one rank does not have' refuses_rank_1 66 "$work/images_1: No such file"
  { idx_header 0x803 60 4 5 && pixels 1201 | tail -c 1200; } >"$work/images_1"
  check 'a file that is another one on one rank' refuses_rank_1 65 \
    'the data file differs between ranks'
}

source tests/faults/data.sh
source tests/faults/checkpoints.sh
folder=$work/run damage=(:)
write_data
write_config
train 2 "$work/good" "$work/good.yaml"
check 'the good configuration runs' equal status "$status" 0
check_configurations
check_shapes
check_words
check '--help on 3 ranks' prints_once 'Usage: lockstep' --help
check 'train --help on 3 ranks' prints_once 'Usage: lockstep train' train --help
check '--version on 3 ranks' prints_once 'lockstep ' --version
check 'an unknown command' refuses_command "unknown command 'trian'; did you mean train?" trian
check 'no command' refuses_command 'no command given'
check 'a file where the folder should be' cannot_create_in "$work/images"
check 'a folder that cannot be made' cannot_create_in /proc/lockstep
check_ranks
check_files
check_checkpoints
summary
