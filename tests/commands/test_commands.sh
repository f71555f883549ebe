#!/usr/bin/env bash
# The commands, as their user sees them: what they print, what they return, and how they fail.
# Needs no data set: trains tiny networks on samples that it makes itself.
set -euo pipefail

cd "$(dirname "$0")/../.."
lockstep=$PWD/${BUILD:-build}/lockstep
if [[ ${BUILD:-} == /* ]]; then lockstep=$BUILD/lockstep; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check NAME COMMAND...: one line of the report. -e does not hold inside, so checks chain with &&.
check() {
  local name=$1
  if "${@:2}"; then
    passed=$((passed + 1))
    echo "ok - $name"
  else
    failed=$((failed + 1))
    echo "not ok - $name"
    sed 's/^/#   /' "$work"/out "$work"/err
  fi
}

skip() { echo "ok - $1 # SKIP $2"; }

# run ARGUMENTS...: lockstep's output into $work/out and $work/err, its status into $status.
run() {
  status=0
  timeout --kill-after=5 60 "$lockstep" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# What MPI leaves allocated lies in modules that it has unloaded: no suppression knows their names.
without_leak_check() { ASAN_OPTIONS=detect_leaks=0 "$@"; }

# run_ranks N ARGUMENTS...: the same on N ranks.
run_ranks() {
  status=0
  without_leak_check timeout --kill-after=5 70 \
    launch/local --timeout 60 -n "$1" "$lockstep" "${@:2}" \
    >"$work/out" 2>"$work/err" </dev/null || status=$?
}

lines_of() { wc -l <"$work/$1"; }
said() { [[ $status == 0 && $(lines_of err) == 0 ]]; }
failed_with() { [[ $status == "$1" && $(lines_of err) == 1 && $(lines_of out) == 0 ]]; }

# json_number KEY: a top-level number of the JSON in $work/out, in the form of metrics.csv.
json_number() {
  sed -nE "s/^  \"$1\": ([^,]*),?\$/\1/p" "$work/out" | awk '{ printf "%.9g\n", $1 }'
}

# last_metric COLUMN: of the last row of the run's metrics.csv.
last_metric() {
  awk -F , -v column="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
    END { print $at }' "$work/blobs/metrics.csv"
}

is_json() {
  if type -P python3 >/dev/null; then
    python3 -m json.tool <"$work/out" >/dev/null
  else
    jq . <"$work/out" >/dev/null
  fi
}

# ---- what the tests work on ----

# Points around three centres, so far apart that some are taken for their neighbours.
make_blobs() {
  awk 'function noise(i) { i = sin(i * 12.9898) * 43758.5453; return 6 * (i - int(i)) }
    BEGIN {
      print "x,y,class"
      for (i = 1; i <= 600; i++) {
        k = i % 3
        printf "%.3f,%.3f,%d\n", noise(i) + 5 * (k == 1), noise(i + 0.5) + 5 * (k == 2), k
      }
    }' >"$work/blobs.csv"
  cut -d , -f 1,2 "$work/blobs.csv" >"$work/inputs.csv"
  gzip -c "$work/inputs.csv" >"$work/inputs.csv.gz"
  tail -n +2 "$work/inputs.csv" >"$work/bare.csv"
}

write_configs() {
  cat >"$work/blobs.yaml" <<'END'
model:
  input: 2
  layers: [{dense: {units: 8, activation: tanh}}, {dense: {units: 3, activation: softmax}}]
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.02}
data:
  train: {format: csv, inputs: blobs.csv, target: class}
  validation: {split: 0.25}
  scale: 2
training: {epochs: 3, batch_size: 32}
report: {curves: false}
END
  cat >"$work/line.yaml" <<'END'
model: {input: 1, layers: [{dense: {units: 4, activation: tanh}}, {dense: 1}]}
loss: mean_squared_error
optimizer: sgd
data: {train: {format: linear, samples: 40}}
training: {epochs: 1}
report: {curves: false}
END
  sed -e 's/units: 3, activation: softmax/units: 1, activation: sigmoid/' \
    -e 's/categorical_cross_entropy/binary_cross_entropy/' \
    -e 's/scale: 2/target_rule: {equals: {value: 1}}/' "$work/blobs.yaml" >"$work/one_class.yaml"
}

train() { # NAME ARGUMENTS...
  without_leak_check "$lockstep" train "$work/$1.yaml" --out "$work/$1" --quiet "${@:2}"
}

make_blobs
write_configs
for name in blobs line one_class; do train "$name"; done
model=$work/blobs/checkpoints/last.h5

# ---- eval ----

equals_the_last_row_of_metrics() {
  run eval "$model" --json
  said && [[ $(json_number loss) == "$(last_metric val_loss)" ]] &&
    [[ $(json_number accuracy) == "$(last_metric val_accuracy)" ]]
}

gives_the_same_on_ranks() {
  run eval "$model" --json && cp "$work/out" "$work/alone"
  run_ranks "$1" eval "$model" --json
  said && cmp -s "$work/out" "$work/alone"
}

takes_the_parts_of_a_split() {
  run eval "$model" --on train && grep -qx 'samples 450' "$work/out" &&
    grep -qx 'data train' "$work/out" || return 1
  run eval "$model" --on validation && grep -qx 'samples 150' "$work/out"
}

prefers_the_test_samples() {
  run eval "$model" --set 'data.test={format: csv, inputs: blobs.csv, target: class}'
  said && grep -qx 'data test' "$work/out" && grep -qx 'samples 600' "$work/out" &&
    grep -qE '^loss 0\.[0-9]+$' "$work/out" && grep -qE '^accuracy 0\.[0-9]+$' "$work/out"
}

names_data_that_is_missing() {
  run eval "$model" --on test
  failed_with 64 && grep -q 'data.test' "$work/err"
}

fails_in_one_line_on_ranks() {
  run_ranks 3 eval "$model" --set data.train.inputs=none.csv
  failed_with 66
}

# ---- predict ----

# The share of right answers in the predictions that lie in $work/out.
predicted_accuracy() {
  tail -n +2 "$work/blobs.csv" | paste -d , "$work/bare_out" - | awk -F , '
    { right += $2 == $NF } END { printf "%.9g\n", right / NR }'
}

predicts_what_eval_counts() {
  run eval "$model" --json --set \
    'data.test={format: csv, inputs: blobs.csv, target: class}'
  local accuracy && accuracy=$(json_number accuracy)
  run predict "$model" --input "$work/inputs.csv"
  said && grep -qx 'sample,class,probability_0,probability_1,probability_2' "$work/out" || return 1
  tail -n +2 "$work/out" >"$work/bare_out"
  [[ $(lines_of bare_out) == 600 && $(predicted_accuracy) == "$accuracy" ]] &&
    awk -v accuracy="$accuracy" 'BEGIN { exit !(accuracy > 0.6 && accuracy < 1) }'
}

gives_probabilities() {
  run predict "$model" --input "$work/inputs.csv"
  said && awk -F , 'NR > 1 { sum = $3 + $4 + $5; if (sum < 0.999999 || sum > 1.000001) exit 1 }
    NR > 1 && $(3 + $2) < 1 / 3 { exit 1 }' "$work/out"
}

reads_every_form_of_csv() {
  run predict "$model" --input "$work/inputs.csv" && said && cp "$work/out" "$work/first"
  run predict "$model" --input "$work/inputs.csv.gz" && cmp -s "$work/out" "$work/first" &&
    run predict "$model" --input "$work/bare.csv" --no-header && cmp -s "$work/out" "$work/first" &&
    run predict "$model" --input "$work/inputs.csv" --output "$work/file.csv" &&
    cmp -s "$work/file.csv" "$work/first" && [[ $(lines_of out) == 0 ]]
}

# Two samples of two bytes each, once as IDX and once as CSV.
reads_idx() {
  printf '\0\0\10\2\0\0\0\2\0\0\0\2\1\2\3\4' >"$work/bytes"
  printf '1,2\n3,4\n' >"$work/bytes.csv"
  run predict "$model" --input "$work/bytes" && said && cp "$work/out" "$work/first" &&
    run predict "$model" --input "$work/bytes.csv" --no-header && cmp -s "$work/out" "$work/first"
}

names_the_columns_of() { # NAME COLUMNS
  cut -d , -f "$3" "$work/inputs.csv" >"$work/some.csv"
  run predict "$work/$1/checkpoints/last.h5" --input "$work/some.csv"
  said && [[ $(head -n 1 "$work/out") == "$2" && $(lines_of out) == 601 ]]
}

calls_one_half_and_more_a_yes() {
  run predict "$work/one_class/checkpoints/last.h5" --input "$work/inputs.csv"
  said && awk -F , 'NR > 1 && $2 != ($3 > 0.5) { exit 1 }' "$work/out"
}

refuses_samples_of_another_width() {
  run predict "$model" --input "$work/blobs.csv"
  failed_with 65 && grep -q 'found samples of 3 numbers, expected 2' "$work/err"
}

refuses_an_output_that_cannot_be() {
  run predict "$model" --input "$work/inputs.csv" --output "$work/none/out.csv"
  failed_with 73
}

predicts_once_on_ranks() {
  run predict "$model" --input "$work/inputs.csv" && cp "$work/out" "$work/alone"
  run_ranks 3 predict "$model" --input "$work/inputs.csv"
  said && cmp -s "$work/out" "$work/alone"
}

# ---- info, gradcheck, options ----

works_without_mpirun() {
  PATH=/nowhere "$lockstep" info >"$work/out" 2>"$work/err" &&
    grep -q 'OpenBLAS' "$work/out" && grep -qE '^mpi +.*MPI' "$work/out" &&
    [[ $(lines_of err) == 0 ]]
}

# What stands in a run's folder is a configuration like any other, wherever it is read from.
trains_again_from_the_folder_of_a_run() {
  cp -r "$work/blobs" "$work/moved" && rm -r "$work/moved/checkpoints"
  run inspect "$model" --json && cp "$work/out" "$work/first"
  (cd / && run train "$work/moved/config.yaml" --out "$work/again" --json)
  [[ $(jq -r .parameter_hash "$work/out") == "$(jq -r .parameter_hash "$work/first")" ]]
}

# Lone ranks that start and end at the same time would remove each other's folders.
makes_no_folder_for_mpi() {
  TMPDIR=$work/mpi train line --force && [[ ! -e $work/mpi ]]
}

tells_about_chosen_kernels() {
  OPENBLAS_CORETYPE=Prescott run info
  said && grep -q 'OPENBLAS_CORETYPE=Prescott' "$work/out"
}

informs_as_json() {
  run info --json
  said && is_json && [[ $(json_number cores) -ge 1 ]]
}

finds_gradients_right() {
  run gradcheck "$work/$1.yaml"
  said && grep -q 'largest relative error' "$work/out" && grep -qE '^dense/kernel ' "$work/out"
}

# At exactly 0 a relu has a kink: its slope is 0 on one side and 1 on the other.
finds_a_wrong_gradient() {
  run gradcheck "$work/line.yaml" \
    --set 'model.layers.0={dense: {units: 4, activation: relu, kernel_initializer: zeros}}'
  [[ $status == 70 && $(lines_of err) == 1 ]] && grep -q 'dense/' "$work/err"
}

prints_the_page_of_the_documents() {
  run options --markdown
  said && cmp -s "$work/out" docs/configuration.md
}

prints_an_example_that_works() {
  run options --markdown
  awk '/^```/ { inside = /yaml/; next } inside' "$work/out" >"$work/example.yaml"
  without_leak_check run train "$work/example.yaml" --print-config
  said && grep -q 'units: 512' "$work/out"
}

lists_every_kind() {
  run options
  said && for word in training.batch_size data.train dense leaky_relu glorot_uniform \
    categorical_cross_entropy accuracy adam cosine csv split odd; do
    grep -qE "^  ${word}[:,]" "$work/out" || return 1
  done
}

prints_one_kind() {
  run options AdamW
  said && grep -q '^  beta_1:' "$work/out" && ! grep -q 'rho' "$work/out"
}

suggests_a_kind() {
  run options adma
  failed_with 64 && grep -q 'did you mean adam' "$work/err"
}

# ---- all of them ----

list_commands() { "$lockstep" --help | sed -nE 's/^  ([a-z]+) +[a-z].*/\1/p'; }

helps() {
  run "$1" --help
  said && grep -q 'Example' "$work/out" && grep -q "lockstep $1" "$work/out"
}

# A line that was too long for argp goes on without its indentation, and cannot be pasted.
keeps_its_examples_whole() {
  run "$1" --help
  said && sed -n '/^Examples\?:$/,/^$/p' "$work/out" | sed '1d;/^$/d' >"$work/examples" &&
    [[ -s $work/examples ]] && ! grep -v '^  ' "$work/examples"
}

# Every command that tells something tells it to programs too.
offers_json() { "$lockstep" "$1" --help | grep -q -- --json; }

tells_by_json() { # JQ-EXPRESSION ARGUMENTS...
  run "${@:2}" --json
  said && jq -e "$1" <"$work/out" >/dev/null
}

refuses() {
  run "$@"
  failed_with 64
}

# flip FILE BYTE: changes the lowest bit of a byte.
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059  # the format is the byte
  printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# broken FILE STATUS: every command that reads checkpoints refuses it in one line.
broken() {
  run eval "$1" && failed_with "$2" && run predict "$1" --input "$work/inputs.csv" &&
    failed_with "$2" && run inspect "$1" && failed_with "$2"
}

flipped() {
  cp "$model" "$work/flipped.h5" && flip "$work/flipped.h5" "$1" && broken "$work/flipped.h5" 65
}

cut_short() {
  head -c "$1" "$model" >"$work/short.h5" && broken "$work/short.h5" 65
}

check 'eval equals the last row of metrics.csv' equals_the_last_row_of_metrics
check 'eval gives the same digits on 3 ranks as alone' gives_the_same_on_ranks 3
check 'eval gives the same digits on 7 ranks, more than there are blocks' gives_the_same_on_ranks 7
check 'eval takes either part of a split' takes_the_parts_of_a_split
check 'eval takes the test samples where there are any' prefers_the_test_samples
check 'eval names the data that the configuration lacks' names_data_that_is_missing
check 'eval fails in one line on 3 ranks' fails_in_one_line_on_ranks
check 'predict is right as often as eval says' predicts_what_eval_counts
check 'predict gives probabilities, of which the class has the largest' gives_probabilities
check 'predict reads CSV plain, gzipped, without a header, and writes a file' \
  reads_every_form_of_csv
check 'predict says the same of IDX and CSV' reads_idx
check 'predict names the columns of numbers' names_the_columns_of line sample,output_0 1
check 'predict names the columns of one class' \
  names_the_columns_of one_class sample,class,probability 1,2
check 'predict calls more than one half a yes' calls_one_half_and_more_a_yes
check 'predict refuses samples of another width' refuses_samples_of_another_width
check 'predict refuses an output in a folder that is not there' refuses_an_output_that_cannot_be
check 'predict prints once on 3 ranks' predicts_once_on_ranks
check 'info works without mpirun' works_without_mpirun
check 'a lone rank makes no folder for MPI' makes_no_folder_for_mpi
check 'info tells who chose the kernels' tells_about_chosen_kernels
if type -P python3 jq >/dev/null; then
  check 'info --json is JSON' informs_as_json
else
  skip 'info --json is JSON' 'neither python3 nor jq'
fi
check 'gradcheck finds the gradients of classes right' finds_gradients_right blobs
check 'gradcheck finds the gradients of numbers right' finds_gradients_right line
check 'gradcheck returns 70 for a gradient that is wrong' finds_a_wrong_gradient
if [[ -e docs/configuration.md ]]; then
  check 'docs/configuration.md is what options prints' prints_the_page_of_the_documents
else
  skip 'docs/configuration.md is what options prints' 'there is no such file'
fi
check 'options prints an example that works' prints_an_example_that_works
check 'options lists the kinds of every table' lists_every_kind
check 'options prints one kind by any of its names' prints_one_kind
check 'options suggests a kind' suggests_a_kind
for command in $(list_commands); do
  check "$command --help shows an example" helps "$command"
  check "$command --help keeps its examples whole" keeps_its_examples_whole "$command"
  check "$command refuses an unknown option" refuses "$command" --no-such-option
done
for command in $(list_commands); do
  check "$command offers --json" offers_json "$command"
done
if type -P jq >/dev/null; then
  check 'train --json tells what came of it' tells_by_json \
    '.epoch == 1 and (.metrics.loss | length) == 1 and (.parameter_hash | length) == 32' \
    train "$work/line.yaml" --out "$work/line_json"
  check "config.yaml of a run trains again from anywhere" trains_again_from_the_folder_of_a_run
  check 'gradcheck --json tells of every tensor' tells_by_json \
    '(.tensors | length) == 4 and .error < .limit and .tensors[0].shape == [1, 4]' \
    gradcheck "$work/line.yaml"
  check 'options --json has keys and kinds' tells_by_json \
    'any(.keys[]; .key == "training.batch_size" and .fixed) and .kinds.optimizer[0].name' options
  check 'options --json has one kind' tells_by_json \
    '.kinds.optimizer == [.kinds.optimizer[0]] and .kinds.optimizer[0].name == "adam"' options Adam
  check 'new --json names its file' tells_by_json '.config | endswith(".yaml")' new "$work/starter"
  check 'report --json names its page' tells_by_json '.bytes > 1000 and .runs == ["blobs"]' \
    report "$work/blobs"
else
  skip 'train, gradcheck, options, new and report --json' 'jq is missing'
fi
check 'an unknown command is refused' refuses evil
check 'eval refuses to go without a checkpoint' refuses eval
check 'predict refuses to go without samples' refuses predict "$model"
check 'a second checkpoint is refused' refuses eval "$model" "$model"
check 'gradcheck refuses a number of samples that is none' \
  refuses gradcheck "$work/line.yaml" --samples many
check 'a missing checkpoint is refused' broken "$work/none.h5" 66
check 'an empty checkpoint is refused' cut_short 0
check 'a checkpoint without its end is refused' cut_short 4000
check 'a checkpoint of its first lines is refused' cut_short 512
check 'a text is no checkpoint' broken "$work/blobs.csv" 65
size=$(stat -c %s "$model")
for byte in 3 60 200 511 512 600 $((size / 3)) $((size / 2)) $((size - 1)); do
  check "a flipped bit in byte $byte of a checkpoint is found" flipped "$byte"
done

echo "$passed passed, $failed failed"
((failed == 0))
