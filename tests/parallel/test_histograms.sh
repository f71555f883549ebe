#!/usr/bin/env bash
# Histograms of weights and gradients: those of a closed form, the same numbers on any number of
# ranks, over any path and after a stop, and only where they are wanted.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

group=/lockstep/metrics/histograms

# Two samples, and a unit that stands still at weight 3.5 and bias 2.5: it says 6 and 9.5 where 0 is
# right, so the mean gradient is (2 6 1 + 2 9.5 2) / 2 = 25 for the weight of x, and 25 / 10 for
# that of x / 10, and (2 6 + 2 9.5) / 2 = 15.5 for the bias; clipping would make it shorter.
write_still() {
  printf 'x,tenth,none,y\n1,0.1,0,0.35\n2,0.2,0,0.7\n' >"$work/still.csv"
  cat >"$work/still.yaml" <<'END'
model:
  input: 3
  layers:
    - dense: {units: 1, kernel_initializer: {constant: 3.5}, bias_initializer: {constant: 2.5}}
loss: mean_squared_error
optimizer: {name: sgd, learning_rate: 0, clip_norm: 1}
data: {train: {format: csv, inputs: still.csv, target: y}}
training: {epochs: 1, batch_size: full, shards: 2}
report: {curves: false}
END
}

# Four tensors, of which one has several blocks, and a last batch that is short.
write_moving() {
  cat >"$work/moving.yaml" <<'END'
seed: 5
model: {input: 1, layers: [{dense: {units: 70, activation: tanh}}, {dense: 60}, {dense: 1}]}
loss: mean_squared_error
optimizer: {name: adam, learning_rate: 0.01}
data: {train: {format: linear, samples: 500}}
training: {epochs: 4, batch_size: 61, shards: 11}
checkpoint: {every_steps: 5}
report: {curves: false}
END
}

# All columns of a run's newest checkpoint, every number with all its digits, as one hash; nothing
# if the run did not end well.
histograms_of() { # RUN
  ((status == 0)) && h5dump -y -w 1 -m %.17g -g "$group" "$1/checkpoints/last.h5" |
    tail -n +2 | sha256sum
}

# numbers RUN DATASET: of its newest checkpoint, a line each, with all their digits.
numbers() {
  h5dump --onlyattr=0 -y -w 1 -m %.17g -d "$2" "$1/checkpoints/last.h5" |
    sed -n '/DATA {/,/}/p' | grep -oE '[-0-9.e+]+,?$' | tr -d ,
}

# column RUN NAME: its numbers, in a line.
column() { numbers "$1" "$group/$2" | paste -s -d ' '; }

has_group() { h5dump -n "$1/checkpoints/last.h5" | grep -q "$group"; }

# Rows: gradients of kernel and bias, weights of kernel and bias.
is_that_of_the_closed_form() {
  train 2 "$work/still" "$work/still.yaml"
  equal epoch "$(column "$work/still" epoch)" '1 1 1 1' &&
    equal tensor "$(column "$work/still" tensor)" '0 1 0 1' &&
    equal of_gradient "$(column "$work/still" of_gradient)" '1 1 0 0' &&
    equal minimum "$(column "$work/still" minimum)" '0 15.5 3.5 2.5' &&
    equal maximum "$(column "$work/still" maximum)" '25 15.5 3.5 2.5' &&
    equal count_0 "$(column "$work/still" count_0)" '1 0 0 0' &&
    equal count_3 "$(column "$work/still" count_3)" '1 0 0 0' &&
    equal count_29 "$(column "$work/still" count_29)" '1 1 3 1'
}

# The latest weights of the tensor that has several blocks, counted anew: the table ends with the
# weights of the six tensors, of which this is the third.
counts_the_weights() {
  local found='' bucket
  for ((bucket = 0; bucket < 30; bucket++)); do
    found+=" $(numbers "$work/alone" "$group/count_$bucket" | tail -n 4 | head -n 1)"
  done
  equal counts "$found" "$(numbers "$work/alone" /model_weights/dense_1/dense_1/kernel:0 | awk '
    { value[NR] = $1 + 0 }
    NR == 1 || value[NR] < low { low = value[NR] }
    NR == 1 || value[NR] > high { high = value[NR] }
    END {
      for (i = 1; i <= NR; i++) {
        bucket = int((value[i] - low) * 30 / (high - low))
        count[bucket < 30 ? bucket : 29]++
      }
      for (bucket = 0; bucket < 30; bucket++) printf " %d", count[bucket]
    }')"
}

is_the_same_on() { # RANKS PATH
  train "$1" "$work/on_$1_$2" "$work/moving.yaml" --set "training.reduction=$2"
  equal 'the histograms' "$(histograms_of "$work/on_$1_$2")" "$histograms"
}

differs_for_another_seed() {
  train 1 "$work/other" "$work/moving.yaml" --set seed=6
  local found
  found=$(histograms_of "$work/other")
  [[ $found && $found != "$histograms" ]]
}

goes_on_within_an_epoch() {
  train 1 "$work/within" "$work/moving.yaml" --set training.steps=22 &&
    train 3 "$work/within" "$work/moving.yaml" --resume
  equal 'the histograms' "$(histograms_of "$work/within")" "$histograms"
}

# With one step an epoch, every stop comes between the last step and the end of its epoch; and so
# many epochs are thinned out.
goes_on_at_the_end_of_an_epoch() {
  local whole job words=("$work/moving.yaml" --set training.batch_size=full
    --set training.epochs=700 --set checkpoint.every_epochs=null --set checkpoint.every_steps=null)
  train 1 "$work/whole" "${words[@]}"
  whole=$(histograms_of "$work/whole")
  launch/local --timeout "$limit" -n 2 "$lockstep" train --out "$work/parts" "${words[@]}" \
    >"$work/out" 2>"$work/err" </dev/null &
  job=$!
  wait_until has_trained "$work/parts" 400 && kill -TERM "$job"
  status=0
  wait "$job" || status=$?
  equal 'status of the stopped run' "$status" 75 || return 1
  train 3 "$work/parts" "${words[@]}" --resume
  equal 'the histograms' "$(histograms_of "$work/parts")" "$whole" &&
    thinned "$work/whole"
}

thinned() { # RUN
  local epochs
  epochs=$(column "$1" epoch | tr ' ' '\n' | uniq -c | awk '{ print $1 }' | sort | uniq -c)
  note "rows an epoch: $epochs"
  awk '{ found = NR == 1 && $1 > 250 && $1 < 600 && $2 == 12 } END { exit !found }' <<<"$epochs"
}

comes_every_second_epoch() {
  train 1 "$work/second" "$work/moving.yaml" --set report.histogram_every=2
  equal epochs "$(column "$work/second" epoch | tr ' ' '\n' | uniq | paste -s -d ' ')" '2 4'
}

leaves_the_parameters_alone() {
  train 1 "$work/off" "$work/moving.yaml" --set report.histogram_every=0
  equal 'the hash' "$(parameter_hash)" "$hash" && ! has_group "$work/off"
}

begins_in_a_resumed_run() {
  train 2 "$work/off" "$work/moving.yaml" --resume --set training.epochs=6
  equal epochs "$(column "$work/off" epoch | tr ' ' '\n' | uniq | paste -s -d ' ')" '5 6'
}

write_still
write_moving
if ! type -P h5dump >/dev/null; then
  skip 'histograms of weights and gradients' 'h5dump is not installed'
  summary
  exit
fi

check 'a histogram is that of the closed form, before clipping' is_that_of_the_closed_form
train 1 "$work/alone" "$work/moving.yaml"
hash=$(parameter_hash) histograms=$(histograms_of "$work/alone")
check 'a histogram counts the weights that the checkpoint holds' counts_the_weights
for ranks in 2 3 5; do
  for path in pooled shared message allreduce; do
    check "histograms are the same on $ranks ranks over the path $path" \
      is_the_same_on "$ranks" "$path"
  done
done
check 'another seed has others' differs_for_another_seed
check 'they go on after a stop within an epoch' goes_on_within_an_epoch
check 'they go on after a stop at the end of an epoch, and are thinned alike' \
  goes_on_at_the_end_of_an_epoch
check 'they come every second epoch where that is wanted' comes_every_second_epoch
check 'they leave the parameters alone' leaves_the_parameters_alone
check 'they begin in a resumed run' begins_in_a_resumed_run
summary
