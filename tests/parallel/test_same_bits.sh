#!/usr/bin/env bash
# The promise of the house: one configuration and one data set give one result, whatever the number
# of ranks, however often the run was killed or stopped, and with whichever number it was resumed.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

# ---- data and configurations ----

# Four classes of 20 features around centres of their own; the same file at every call.
write_samples() { # ROWS FILE
  awk -v rows="$1" 'BEGIN {
    state = 12345
    for (j = 0; j < 20; j++) printf "f%d,", j
    print "class"
    for (i = 0; i < rows; i++) {
      for (j = 0; j < 20; j++) {
        state = state * 16807 % 2147483647
        printf "%.6f,", (i % 4 == j % 4) * 0.8 + state / 2147483647 - 0.5
      }
      print i % 4
    }
  }' >"$2"
}

# 700 samples in batches of 96: seven whole ones and one of 28, of 16 shards each.
write_small() {
  write_samples 700 "$work/train.csv"
  write_samples 1300 "$work/validation.csv" # six blocks of 256
  cat >"$work/small.yaml" <<END
seed: 7
model:
  input: 20
  layers:
    - dense: {units: 33, activation: tanh}
    - dropout: {rate: 0.3}
    - dense: {units: 4, activation: softmax}
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.01}
data:
  train: {format: csv, inputs: train.csv, target: class}
  validation: {format: csv, inputs: validation.csv, target: class}
training: {epochs: 3, batch_size: 96, shards: 16}
report: {curves: false}
END
}

write_mnist_dropout() {
  cat >"$work/mnist_dropout.yaml" <<END
seed: 3
model:
  input: 784
  layers:
    - dense: {units: 128, activation: relu}
    - dropout: {rate: 0.5}
    - dense: {units: 10, activation: softmax}
loss: categorical_cross_entropy
optimizer: {name: rmsprop, learning_rate: 0.001}
data:
  train:
    format: idx
    inputs: \${MNIST}/t10k-images-idx3-ubyte.gz
    targets: \${MNIST}/t10k-labels-idx1-ubyte.gz
  validation: {split: 0.1}
  scale: 255
training: {epochs: 2, batch_size: 128}
report: {curves: false}
END
}

# ---- the number of ranks ----

# The hash of a run that has to succeed; empty otherwise.
hash_on() { # RANKS FOLDER ARGUMENTS...
  train "$@"
  if ((status == 0)); then parameter_hash; fi
}

metrics_of() { cut -d , -f 1,2,4- "$1/metrics.csv"; } # without the seconds

# Runs a configuration on each number of ranks: the first gives what the others are compared with.
same_on_ranks() { # "RANKS..." CONFIG ARGUMENTS...
  local ranks first='' metrics='' found
  for ranks in $1; do
    found=$(hash_on "$ranks" "$work/ranks" --force "${@:2}")
    first=${first:-$found} metrics=${metrics:-$(metrics_of "$work/ranks")}
    equal "hash on $ranks ranks" "$found" "$first" &&
      equal "metrics.csv on $ranks ranks" "$(metrics_of "$work/ranks")" "$metrics" || return 1
  done
  echo "$first" >>"$work/hashes"
}

# The comparison is worth something only if it sees a difference of the least kind.
differs_from_first() { # CONFIG ARGUMENTS...
  local found
  found=$(hash_on 3 "$work/ranks" --force "$@")
  [[ $found && $found != "$(head -n 1 "$work/hashes")" ]]
}

# The program lists the choices of a key when it is asked for one that there is not.
choices_of() { # KEY
  run "$lockstep" train "$work/small.yaml" --set "$1=none"
  sed -n 's/.*expected auto | //p' "$work/err" | tr '|' ' '
}

same_by_every_path() { # COUNT
  equal 'number of hashes' "$(wc -l <"$work/hashes")" "$1" &&
    equal 'number of different hashes' "$(sort -u "$work/hashes" | wc -l)" 1
}

hashes_all_differ() { [[ -z $(sort "$work/hashes" | uniq -d) ]]; }

# ---- every setting that touches the arithmetic ----

# One line per variant: its name, then what it sets.
variants() {
  cat <<'END'
a batch smaller than its shards|training.batch_size=5 training.shards=8 training.epochs=1
all samples in one batch|training.batch_size=full training.shards=16 training.epochs=6
a number of shards that is no power of two|training.shards=11
the last batch dropped|training.drop_last=true
no shuffling|training.shuffle=false
clipping by norm|optimizer.clip_norm=0.05
clipping by value|optimizer.clip_value=0.001
sgd|optimizer={name: sgd}
sgd with momentum|optimizer={name: sgd, momentum: 0.9}
sgd with Nesterov momentum|optimizer={name: sgd, momentum: 0.9, nesterov: true}
rmsprop|optimizer={name: rmsprop}
rmsprop, centered with momentum|optimizer={name: rmsprop, momentum: 0.9, centered: true}
adagrad|optimizer={name: adagrad}
adam with amsgrad|optimizer={name: adam, amsgrad: true}
adamw|optimizer={name: adamw, decay_exclude: [bias]}
a schedule|optimizer.schedule={cosine: {decay_steps: 20, warmup_steps: 3}}
a root of a mean as loss|loss=root_mean_squared_error
END
}

check_variants() {
  local name settings setting words
  while IFS='|' read -r name settings; do
    words=()
    while IFS= read -r setting; do words+=(--set "$setting"); done < <(split_settings "$settings")
    check "$name: equal on 1, 3 and 5 ranks" same_on_ranks '1 3 5' "$work/small.yaml" "${words[@]}"
  done < <(variants)
}

# A new setting begins where a blank is followed by key=.
split_settings() { sed -E 's/ ([a-z_.]+=)/\n\1/g' <<<"$1"; }

# The matrix: every engine, by every path, on several numbers of ranks.
check_engines() {
  local engine path name words before
  for engine in $(choices_of compute.engine); do
    before=$(wc -l <"$work/hashes")
    for path in "${paths[@]}"; do
      name="matrix products by $engine, $path: equal on 1, 3 and 5 ranks"
      words=(--set "compute.engine=$engine" --set "training.reduction=$path")
      run "$lockstep" train "$work/small.yaml" --dry-run "${words[@]}"
      if grep -q 'is not in this build' "$work/err"; then
        skip "$name" 'it is not in this build, or cannot run on this processor'
      elif grep -q 'pooled needs compute.engine' "$work/err"; then
        skip "$name" 'its bits depend on how a product is cut'
      else
        check "$name" same_on_ranks '1 3 5' "$work/small.yaml" "${words[@]}"
      fi
    done
    if (($(wc -l <"$work/hashes") > before)); then
      check "matrix products by $engine: equal by every path" at_most_one_since "$before"
    fi
  done
}

at_most_one_since() { # HASHES: so many are of something else
  equal 'number of different hashes' \
    "$(tail -n +"$(($1 + 1))" "$work/hashes" | sort -u | wc -l)" 1
}

# Between two hosts with one and with two ranks, and between three: slices of some MiB.
wide_is_equal() {
  local words=("$work/small.yaml" --set model.layers.0.dense.units=90000 --set training.steps=4
    --set training.batch_size=16 --set training.shards=4) first
  first=$(hash_on 1 "$work/wide" --force "${words[@]}")
  words+=(--set training.reduction=shared)
  equal 'on 2 ranks' "$(hash_on 2 "$work/wide" --force "${words[@]}" \
    --set compute.ranks_per_node=1)" "$first" &&
    equal 'on 3 ranks' "$(hash_on 3 "$work/wide" --force "${words[@]}" \
      --set compute.ranks_per_node=1)" "$first" &&
    equal 'on 4 ranks' "$(hash_on 4 "$work/wide" --force "${words[@]}" \
      --set compute.ranks_per_node=2)" "$first" && [[ $first ]]
}

# ---- checkpoints ----

# Equal but for who wrote them, and how long it took.
same_checkpoints() { # FILE FILE
  h5diff --exclude-path /lockstep/run --exclude-path /lockstep/metrics/epoch/seconds \
    --exclude-path /lockstep/metrics/step/seconds_computing \
    --exclude-path /lockstep/metrics/step/seconds_reducing "$1" "$2" >"$work/out" 2>"$work/err"
}

checkpoints_are_equal() {
  local ranks
  for ranks in 1 3; do
    train "$ranks" "$work/file_$ranks" "$work/small.yaml" \
      --set 'metrics=[accuracy, mean_absolute_error]'
    equal "status on $ranks ranks" "$status" 0 || return 1
  done
  same_checkpoints "$work"/file_{1,3}/checkpoints/last.h5
}

checkpoints_that_differ_are_seen() {
  local other=$work/file_other
  train 3 "$other" "$work/small.yaml" --set seed=8
  [[ $status == 0 ]] && ! same_checkpoints "$work/file_1/checkpoints/last.h5" \
    "$other/checkpoints/last.h5"
}

# ---- kills, stops and resumes ----

# The run that is interrupted: choose_run FOLDER STEPS ARGUMENTS...
choose_run() { reference=$work/$1 steps=$2 words=("${@:3}"); }

runs_without_interruption() {
  train 1 "$reference" "${words[@]}"
  equal status "$status" 0 && hash=$(parameter_hash) && [[ $hash ]]
}

# The step of the newest checkpoint, out of its readable first lines; 0 if there is none.
saved_step() { # FOLDER
  local step
  step=$(head -c 512 "$1/checkpoints/last.h5" 2>/dev/null | sed -n 's/^step //p') || true
  echo "${step:-0}"
}

has_saved() { (($(saved_step "$1") >= $2)); } # FOLDER STEP
has_begun() { [[ -e $1/metrics.csv ]]; }      # FOLDER

# start RANKS FOLDER: a life of the run, in the background; back when it has begun.
start() {
  rm -f "$2/metrics.csv"
  launch/local --timeout "$limit" -n "$1" "$lockstep" train --out "$2" "${words[@]}" --resume \
    >"$work/out" 2>"$work/err" </dev/null &
  job=$!
  wait_until has_begun "$2"
}

finish() {
  status=0
  wait "$job" 2>/dev/null || status=$?
}

process_of_rank() { # RANK
  local mpirun
  mpirun=$(pgrep -x -P "$job" mpirun) && pgrep -P "$mpirun" | sed -n "$(($1 + 1))p"
}

# Up to a fifth of the run behind the latest checkpoint, and anywhere within a step or a save.
wait_for_a_random_moment() { # FOLDER
  local at=$(($(saved_step "$1") + RANDOM % (steps / 5)))
  wait_until has_saved "$1" "$at" && sleep "0.0$((RANDOM % 50 + 10))"
}

# One life of the run, ended by a signal to one process.
interrupt() { # SIGNAL RANK|launcher RANKS FOLDER
  local process
  start "$3" "$4" && wait_for_a_random_moment "$4" || return 1
  process=$job
  if [[ $2 != launcher ]]; then process=$(process_of_rank "$2"); fi
  kill -s "$1" "$process" || note "the run had ended before it was interrupted"
  finish
  note "$1 to $2 of $3 ranks: status $status, saved step $(saved_step "$4")"
}

# The last life; then everything has to be as if nothing had happened.
ends_like_the_reference() { # RANKS FOLDER
  train "$1" "$2" "${words[@]}" --resume
  equal 'status of the last life' "$status" 0 &&
    equal 'hash' "$(parameter_hash)" "$hash" &&
    equal 'metrics.csv' "$(metrics_of "$2")" "$(metrics_of "$reference")"
}

# survives SIGNAL RANK|any|launcher STATUS RANKS...: one number of ranks for every life; the last
# life ends by itself.
survives() {
  local folder=$work/interrupted lives=("${@:4}") last=${!#} ranks whom
  rm -rf "$folder"
  for ranks in "${lives[@]:0:$#-4}"; do
    whom=$2
    if [[ $whom == any ]]; then whom=$((RANDOM % ranks)); fi
    interrupt "$1" "$whom" "$ranks" "$folder" &&
      equal 'status of an interrupted run' "$status" "$3" || return 1
  done
  ends_like_the_reference "$last" "$folder"
}

survives_a_kill_before_its_first_checkpoint() {
  local folder=$work/early
  start 3 "$folder" && kill -KILL "$(process_of_rank 0)" && finish &&
    rm -f "$folder"/checkpoints/* && ends_like_the_reference 2 "$folder"
}

goes_on_after_its_steps() {
  local folder=$work/steps
  train 2 "$folder" "${words[@]}" --set training.steps=20
  equal 'status of 20 steps' "$status" 0 && equal 'saved step' "$(saved_step "$folder")" 20 &&
    ends_like_the_reference 3 "$folder"
}

# ---- the checks ----

seed=${SEED:-$RANDOM}
echo "# random ranks and moments are those of SEED=$seed"
RANDOM=$seed
write_small

read -ra paths < <(choices_of training.reduction)
check 'there are paths to compare' test "${#paths[@]}" -ge 2
for path in "${paths[@]}"; do
  check "a small network: equal on 1 to 16 ranks, by $path" \
    same_on_ranks '1 2 3 4 5 7 8 16' "$work/small.yaml" --set "training.reduction=$path"
done
check 'one host taken for several: equal on 3, 4, 5 and 8 ranks' \
  same_on_ranks '3 4 5 8' "$work/small.yaml" --set compute.ranks_per_node=2
check "by ${paths[*]}, and on several hosts: equal" same_by_every_path $((${#paths[@]} + 1))
: >"$work/hashes"
check 'a small network: equal on 1 and 3 ranks' same_on_ranks '1 3' "$work/small.yaml"
check_variants
check 'no two of these results are equal' hashes_all_differ
check_engines
check 'another seed gives other bits' differs_from_first "$work/small.yaml" --set seed=8
check 'another number of shards gives other bits' \
  differs_from_first "$work/small.yaml" --set training.shards=8

check 'a wide network, whose gradient leaves in several messages: equal on 1 to 4 ranks' \
  wide_is_equal

check 'checkpoints of 1 and 3 ranks are equal' checkpoints_are_equal
check 'checkpoints of two seeds are not' checkpoints_that_differ_are_seen

choose_run whole 960 "$work/small.yaml" --set training.epochs=120 --set checkpoint.every_steps=3
check 'a run without interruption' runs_without_interruption
check 'killed before its first checkpoint, then begun again' \
  survives_a_kill_before_its_first_checkpoint
check 'stopped after some steps, then continued on other ranks' goes_on_after_its_steps
check 'killed once on 3 ranks, ended on 2' survives KILL any 137 3 2
check 'killed on 2, 5 and 1 ranks, ended on 4' survives KILL any 137 2 5 1 4
check 'killed on 4, 3 and 8 ranks, ended on 1' survives KILL any 137 4 3 8 1
check 'SIGTERM to the launcher on 2 and 3 ranks, ended on 1' survives TERM launcher 75 2 3 1
check 'SIGUSR1 to the launcher on 1 and 4 ranks, ended on 3' survives USR1 launcher 75 1 4 3
check 'SIGTERM to any one rank of 3 and 2, ended on 5' survives TERM any 75 3 2 5

mnist='MNIST: equal on 1, 2, 3, 4, 5 and 8 ranks'
if [[ -z ${MNIST:-} ]]; then
  for name in "$mnist" "$mnist, with dropout" 'MNIST: killed on 3 ranks, ended on 2'; do
    skip "$name" 'set MNIST to the folder of the four MNIST files'
  done
else
  write_mnist_dropout
  check "$mnist" same_on_ranks '1 2 3 4 5 8' configs/mnist_512.yaml --set training.epochs=2
  check "$mnist, with dropout" same_on_ranks '1 2 3 4 5 8' "$work/mnist_dropout.yaml"
  choose_run mnist 142 "$work/mnist_dropout.yaml" --set checkpoint.every_steps=5
  check 'MNIST: a run without interruption' runs_without_interruption
  check 'MNIST: killed on 3 ranks, ended on 2' survives KILL any 137 3 2
fi

summary
