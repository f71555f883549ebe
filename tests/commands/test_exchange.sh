#!/usr/bin/env bash
# Files of other programs: what `export` writes, and where `train --init` begins. The fixtures are
# one small network as Keras, tf_keras, PyTorch and NumPy saved it, with samples and Keras's outputs
# for them (tests/interop/make_fixtures.py).
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh
fixtures=$PWD/tests/interop/fixtures
files=(keras3.h5 keras3.keras keras3.weights.h5 tf_keras.h5 tf_keras_weights.h5 torch.safetensors
  torch.npz numpy.npz numpy_names.npz)
endings=(weights.h5 safetensors npz onnx)

# A run of no epochs: its checkpoint holds the parameters that it began with.
write_config() {
  { echo a,b,c,class && tail -n +2 "$fixtures/samples.csv" | awk '{ print $0 "," NR % 2 }'; } \
    >"$work/train.csv"
  cat >"$work/net.yaml" <<'END'
model:
  input: 3
  layers:
    - dense: {units: 5, activation: tanh}
    - dropout: 0.5
    - dense: {units: 4, activation: gelu}
    - dense: {units: 2, activation: softmax}
loss: categorical_cross_entropy
optimizer: sgd
data: {train: {format: csv, inputs: train.csv, target: class}}
training: {epochs: 0, batch_size: 16, shards: 4}
report: {curves: false}
END
}

# What MPI leaves allocated lies in modules that it has unloaded: no suppression knows their names.
begin() { # RANKS FILE ARGUMENTS...
  ASAN_OPTIONS=detect_leaks=0 train "$1" "$work/run" "$work/net.yaml" --force --init "${@:2}"
}

format_of() { # ENDING
  if [[ $1 == weights.h5 ]]; then echo keras-weights; else echo "$1"; fi
}

# The largest distance between the outputs of the run's model and Keras's.
distance() {
  run "$lockstep" predict "$work/run" --input "$fixtures/samples.csv"
  cut -d , -f 3- "$work/out" | paste -d , - "$fixtures/outputs.csv" | awk -F , '
    function distance(a, b) { return a < b ? b - a : a - b }
    NR > 1 { for (i = 1; i <= 2; i++) { d = distance($i, $(i + 2)); if (d > most) most = d } }
    END { print NR == 21 && most < 1e-6 ? "small" : most }'
}

# ---- imports ----

takes() { # FILE
  begin 1 "$fixtures/$1"
  equal status "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 0 &&
    equal 'parameters' "$(parameter_hash)" "$expected_hash" && equal distance "$(distance)" small
}

takes_the_same_on_3_ranks() {
  begin 3 "$fixtures/torch.safetensors"
  equal status "$status" 0 && equal 'parameters' "$(parameter_hash)" "$expected_hash"
}

# refuses CODE WORDS FILE...: in one line, on one rank and on three.
refuses() {
  local ranks
  for ranks in 1 3; do
    begin "$ranks" "${@:3}"
    equal status "$status" "$1" && equal 'lines of standard error' "$(lines_of err)" 1 || return 1
    grep -qF "$2" "$work/err" || { note "expected: $2"; return 1; }
  done
}

# Flips one bit of every 100th byte: the HDF5 library crashes over some of these files.
survives_damage() {
  local at byte
  for ((at = 1520; at < 2200; at += 100)); do
    byte=$(od -A n -t u1 -j "$at" -N 1 "$fixtures/keras3.h5")
    cp "$fixtures/keras3.h5" "$work/damaged.h5"
    # shellcheck disable=SC2059  # the byte is the format
    printf "$(printf '\\x%02x' $((byte ^ 8)))" |
      dd of="$work/damaged.h5" bs=1 seek="$at" conv=notrunc status=none
    begin 1 "$work/damaged.h5"
    [[ $status == 0 || $status == 65 ]] && equal 'lines of standard error' "$(lines_of err)" \
      $((status != 0)) || { note "byte $at"; return 1; }
  done
}

# ---- exports ----

begins_from() { # FILE
  begin 1 "$1"
  equal status "$status" 0 && equal parameters "$(parameter_hash)" "$expected_hash"
}

exports() { # ENDING
  run "$lockstep" export "$work/first" --to "$(format_of "$1")" --output "$work/model.$1"
  equal status "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 0 &&
    grep -qE "^wrote $work/model.$1: 54 parameters, [0-9.]+ (B|KiB)$" "$work/out"
}

puts_it_beside_the_checkpoint() {
  run "$lockstep" export "$work/first/checkpoints/last.h5" --to npz
  equal status "$status" 0 && cmp "$work/first/checkpoints/last.npz" "$work/model.npz"
}

tells_as_json() {
  run "$lockstep" export "$work/first" --to onnx --output "$work/model.onnx" --json
  equal status "$status" 0 &&
    equal facts "$(jq -r '[.format, .tensor_count, .parameter_count, .bytes, .parameter_hash] |
      join(" ")' "$work/out")" "onnx 6 54 $(stat -c %s "$work/model.onnx") $expected_hash"
}

export_fails() { # CODE WORDS ARGUMENTS...
  run "$lockstep" export "${@:3}"
  equal status "$status" "$1" && equal 'lines of standard error' "$(lines_of err)" 1 &&
    equal 'lines of standard output' "$(lines_of out)" 0 || return 1
  grep -qF -e "$2" "$work/err" || { note "expected: $2"; return 1; }
}

exports_once_on_ranks() {
  run run_local -n 3 "$lockstep" export "$work/first" --to npz --output "$work/model.npz"
  equal status "$status" 0 && equal 'lines of standard output' "$(lines_of out)" 1
}

write_config
begin 1 "$fixtures/keras3.h5"
expected_hash=$(parameter_hash)
for file in "${files[@]}"; do check "a run begins from $file" takes "$file"; done
check 'a run on 3 ranks begins from the same numbers' takes_the_same_on_3_ranks
cp -r "$work/run" "$work/first"
check 'a run begins from the folder of another' begins_from "$work/first"
check 'a model of other shapes is refused' refuses 65 \
  'torch.safetensors: 0.weight: another model: found the shape 5x3, expected 6x3 for kernel' \
  "$fixtures/torch.safetensors" --set model.layers.0.dense.units=6
check 'a model of fewer tensors is refused' refuses 65 \
  'keras3.h5: another model: found 6 tensors, expected 5' \
  "$fixtures/keras3.h5" --set model.layers.0.dense.use_bias=false
check 'a file of no known format is refused' refuses 65 \
  'samples.csv: not a Lockstep checkpoint, nor any other file of: ' "$fixtures/samples.csv"
check 'a file that is not there is refused' refuses 66 'none.npz: cannot open' "$work/none.npz"
check 'a damaged file ends in one line at the most' survives_damage

for ending in "${endings[@]}"; do check "export writes .$ending" exports "$ending"; done
for ending in weights.h5 safetensors npz; do
  check "a run begins from the .$ending that export wrote" begins_from "$work/model.$ending"
done
check 'export puts a file beside the checkpoint' puts_it_beside_the_checkpoint
check 'export writes and speaks once on 3 ranks' exports_once_on_ranks
if type -P jq >/dev/null; then
  check 'export --json tells about the file' tells_as_json
else
  skip 'export --json tells about the file' 'jq is not installed'
fi
check 'export asks for a format' export_fails 64 \
  'no format given, expected --to with one of: keras-weights, safetensors, npz, onnx' "$work/first"
check 'export refuses an unknown format' export_fails 64 "found 'onix', expected one of:" \
  "$work/first" --to onix
check 'export refuses a format that is only read' export_fails 64 "found 'checkpoint'" \
  "$work/first" --to checkpoint
check 'export refuses another ending' export_fails 64 \
  "found 'last.h5', expected a name that ends in .weights.h5" \
  "$work/first" --to keras-weights --output last.h5
check 'export refuses a name that is an ending' export_fails 64 "found '.npz'" \
  "$work/first" --to npz --output .npz
check 'export refuses a folder that is not there' export_fails 73 'cannot create: No such file' \
  "$work/first" --to npz --output "$work/none/model.npz"
check 'export refuses an empty folder' export_fails 66 'found no checkpoint' "$work" --to npz
summary
