#!/usr/bin/env bash
# The gradient noise scale: near its closed form, the same digits on any number of ranks, over any
# path and after a resume, and said to be missing where it cannot be measured.
set -euo pipefail

cd "$(dirname "$0")/../.."
source tests/support/script.sh

# Points around y = 3x + 2 with noise of deviation 1, seen by a unit that stands still at weight 3.5
# and bias 2.5. With the errors a and b of the two, a sample's gradient is 2 (a x + b - e) (x, 1)
# for x, e ~ N(0, 1), so |G|^2 = 4 (a^2 + b^2) and tr(Sigma) = 4 (3 a^2 + b^2 + 2): a scale of 6.
cat >"$work/still.yaml" <<'END'
model:
  input: 1
  layers:
    - dense: {units: 1, kernel_initializer: {constant: 3.5}, bias_initializer: {constant: 2.5}}
loss: mean_squared_error
optimizer: {name: sgd, learning_rate: 0}
data: {train: {format: linear, samples: 50000, seed: 3}}
training: {epochs: 1, batch_size: 500, shards: 7}
report: {noise_every: 1, curves: false}
END

cat >"$work/moving.yaml" <<'END'
seed: 5
model: {input: 1, layers: [{dense: {units: 8, activation: tanh}}, {dropout: 0.2}, {dense: 1}]}
loss: mean_squared_error
optimizer: {name: adam, learning_rate: 0.01}
data: {train: {format: linear, samples: 1000}}
training: {epochs: 4, batch_size: 61, shards: 11}
checkpoint: {every_steps: 5}
report: {noise_every: 3, curves: false}
END

# The column of a run's metrics.csv.
scales() {
  awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "gradient_noise_scale") at = i }
    NR > 1 { print $at }' "$1/metrics.csv"
}

is_near_its_closed_form() {
  train 2 "$work/still" "$work/still.yaml"
  note "found $(scales "$work/still"), expected 6"
  scales "$work/still" | awk '{ n++; if ($1 < 5.1 || $1 > 6.9) bad = 1 } END { exit bad || n != 1 }'
}

is_the_same_on() { # RANKS PATH
  train "$1" "$work/on_$1_$2" "$work/moving.yaml" --set "training.reduction=$2" &&
    equal 'the scales' "$(scales "$work/on_$1_$2")" "$(scales "$work/alone")"
}

goes_on_after_a_stop() {
  train 1 "$work/stopped" "$work/moving.yaml" --set training.steps=40 &&
    train 3 "$work/stopped" "$work/moving.yaml" --resume &&
    equal 'the scales' "$(scales "$work/stopped")" "$(scales "$work/alone")"
}

leaves_the_parameters_alone() {
  train 1 "$work/off" "$work/moving.yaml" --set report.noise_every=0
  equal 'the hash' "$(parameter_hash)" "$hash" && ! grep -q noise "$work/off/metrics.csv"
}

says_that_one_shard_is_too_few() {
  train 1 "$work/one" "$work/moving.yaml" --set training.shards=1 &&
    grep -q '^batch  *61 samples in 1 shard of 61; ' "$work/out" &&
    grep -q '^noise scale not measured' "$work/out" && ! grep -q noise "$work/one/metrics.csv"
}

says_what_it_means() {
  train 1 "$work/still_alone" "$work/still.yaml" &&
    grep -qE '^epoch 1/1  .*  gradient_noise_scale [56]\.[0-9]{1,3}$' "$work/out" &&
    grep -qE '^noise scale [56] samples: batches of 500 repeat' "$work/out"
}

check 'the noise scale is near its closed form on a linear regression' is_near_its_closed_form
train 1 "$work/alone" "$work/moving.yaml"
hash=$(parameter_hash)
for ranks in 2 3 5; do
  for path in pooled shared message allreduce; do
    check "it is the same on $ranks ranks over the path $path" is_the_same_on "$ranks" "$path"
  done
done
check 'it goes on after a stop as if nothing had been' goes_on_after_a_stop
check 'measuring it leaves the parameters alone' leaves_the_parameters_alone
check 'one shard is said to be too few' says_that_one_shard_is_too_few
check 'a run says what its noise scale means for the batch size' says_what_it_means
summary
