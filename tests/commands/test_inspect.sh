#!/usr/bin/env bash
# `lockstep inspect`: one checkpoint, the tree of its file, a folder of them, two beside each other,
# and the JSON of all that against its schema. Trains tiny networks on points that it makes itself.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
. tests/support/script.sh

# ---- what the tests work on ----

# Three classes of points, which the last column tells apart.
awk 'BEGIN {
  OFS = ","; print "x,y,class"
  for (i = 0; i < 240; i++) print (i % 3 == 1) * 2 + i % 7 / 7, (i % 3 == 2) * 2 + i % 5 / 5, i % 3
}' >"$work/points.csv"

cat >"$work/points.yaml" <<END
model:
  input: 2
  layers:
    - dense: {units: 8, activation: tanh}
    - dropout: 0.1
    - dense: {units: 3, activation: softmax}
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.02}
data:
  train: {format: csv, inputs: points.csv, target: class}
  validation: {split: 0.25}
training: {epochs: 3, batch_size: 30, shards: 4}
report: {curves: false}
END

runs=$work/runs
make_run() { # NAME RANKS ARGUMENTS...
  train "$2" "$runs/$1" "$work/points.yaml" --quiet "${@:3}"
  if ((status)); then cat "$work/err"; fi
}
make_run one 1
make_run three 3
make_run seed 1 --set seed=2
make_run longer 1 --set training.epochs=4
make_run wider 1 --set model.layers.0.dense.units=9
make_run sgd 1 --set optimizer=sgd
make_run untrained 1 --set training.epochs=0
last=$runs/one/checkpoints/last.h5

inspect() { run "$lockstep" inspect "$@"; }
said() { [[ $status == 0 && $(lines_of err) == 0 ]]; }
failed_with() { [[ $status == "$1" && $(lines_of err) == 1 && $(lines_of out) == 0 ]]; }
says() { grep -qE -e "$1" "$work/out"; }

# copy_broken NAME: a copy of the run `one` whose newest checkpoint lacks its end.
copy_broken() {
  rm -rf "${runs:?}/$1" && cp -a "$runs/one" "$runs/$1" && rm "$runs/$1/checkpoints/last.h5" &&
    truncate -s -100 "$runs/$1/checkpoints/step_00000018.h5"
}

# ---- one checkpoint ----

summary_is_as_keras_prints_it() {
  inspect "$last"
  said && says '^┃ Layer \(type\) +┃ Output Shape ┃ Param # ┃$' &&
    says '^│ dense \(Dense\) +│ \(None, 8\) +│ +24 │$' &&
    says '^│ dropout \(Dropout\) +│ \(None, 8\) +│ +0 │$' &&
    says '^ Total params: 51 \(204\.00 B\)$' && says '^ Non-trainable params: 0 \(0\.00 B\)$'
}

facts_metrics_and_statistics_are_there() {
  inspect "$last"
  said && says 'epoch 3, step 18, ' && says '^dense_1/kernel +8x3 ' &&
    [[ $(grep -cE '^ +[123] +(6|12|18) ' "$work/out") == 3 ]]
}

# The statistics of the biases before the first step: all zero.
statistics_are_right() {
  inspect "$runs/untrained/checkpoints/last.h5" --json
  said && jq -e '[.tensors[] | select(.name == "bias")] | length == 2 and all(.[];
    .mean == 0 and .deviation == 0 and .minimum == 0 and .maximum == 0 and
    .zeros == .shape[0] and .not_finite == 0)' "$work/out" >"$work/notes"
}

# ---- the tree ----

tree_shows_groups_datasets_and_attributes() {
  inspect "$last" --tree
  said && says '^/$' && says '^  lockstep/$' && says '^        loss  float64 3$' &&
    says '^      @step = 18$' && says '^        kernel:0  float32 8x3$' && says '^    config  text$'
}

tree_is_what_h5ls_sees() {
  inspect "$last" --tree --json
  said && diff <(jq -r '.items[] | select(.sort != "attribute") | .path' "$work/out" | sort) \
    <(h5ls -r "$last" | awk '{ print $1 }' | sort) >"$work/notes"
}

folder_of_a_run_stands_for_its_newest() {
  inspect "$runs/one" --tree && cp "$work/out" "$work/by_folder"
  inspect "$runs/one/checkpoints/step_00000018.h5" --tree
  said && cmp -s "$work/out" "$work/by_folder"
}

# ---- the plot ----

plot_has_a_panel_for_every_metric() {
  inspect "$last" --plot "$work/curves.svg"
  said && [[ $(lines_of out) == 0 ]] && for word in loss accuracy training validation; do
    grep -q ">$word<" "$work/curves.svg" || return 1
  done
}

plot_needs_an_epoch() {
  inspect "$runs/untrained" --plot "$work/none.svg"
  failed_with 65 && [[ ! -e $work/none.svg ]] && grep -q 'no epoch is finished' "$work/err"
}

# ---- folders ----

list_of() { inspect "$1" --json && said && jq -r ".checkpoints[] | $2" "$work/out"; }

run_is_listed() {
  inspect "$runs/one"
  said && [[ $(lines_of out) == 4 ]] && says '^checkpoint +step +epoch +loss +accuracy +val_loss' &&
    says "^$runs/one/checkpoints/step_00000006.h5 +6 +1 .* whole$" &&
    says "^$runs/one/checkpoints/step_00000018.h5 +18 +3 .* whole, newest, also last.h5$"
}

folders_are_the_same_list() {
  inspect "$runs/one" && cp "$work/out" "$work/by_run"
  inspect "$runs/one/checkpoints"
  said && cmp -s "$work/out" "$work/by_run"
}

slashes_at_the_end_change_nothing() {
  inspect "$runs" && cp "$work/out" "$work/plain"
  inspect "$runs//"
  said && cmp -s "$work/out" "$work/plain"
}

# Other HDF5 files may lie beside runs, as those of a sweep do.
all_runs_are_listed() {
  cp "$last" "$runs/beside.h5"
  equal 'the newest' "$(list_of "$runs" 'select(.newest) | "\(.path) \(.step)"')" "$(
    for name in longer:24 one:18 seed:18 sgd:18 three:18 untrained:0 wider:18; do
      printf '%s/checkpoints/step_%08d.h5 %d\n' "$runs/${name%:*}" "${name#*:}" "${name#*:}"
    done)"
}

# metrics.csv says the same of the last epoch.
metrics_are_those_of_the_epoch() {
  equal val_loss "$(list_of "$runs/one" 'select(.newest).metrics.val_loss' | cut -c 1-9)" \
    "$(awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "val_loss") at = i }
      END { print $at }' "$runs/one/metrics.csv" | cut -c 1-9)"
}

broken_one_is_listed_with_the_reason() {
  copy_broken broken
  equal whole "$(list_of "$runs/broken" '"\(.whole) \(.newest) \(.step)"' | tr '\n' ,)" \
    'true false 6,true true 12,false false null,' || return 1
  equal reason "$(jq -r '.checkpoints[2].reason' "$work/out" | grep -c 'bytes')" 1 || return 1
  inspect "$runs/broken"
  rm -r "$runs/broken"
  said && says 'step_00000018.h5 .* broken: found'
}

foreign_file_is_listed_as_broken() {
  mkdir -p "$work/foreign" && cp "$work/points.csv" "$work/foreign/mine.h5"
  equal whole "$(list_of "$work/foreign" .whole)" false
}

empty_folder_is_refused() {
  mkdir -p "$work/empty"
  inspect "$work/empty" && failed_with 66 && grep -q "$work/empty: found no checkpoint" "$work/err"
}

# A run that saves every step and keeps two: files come and go while the list is made.
going_run_is_listed() {
  "$lockstep" train "$work/points.yaml" --out "$work/going" --quiet --set training.epochs=100000 \
    --set checkpoint.every_steps=1 --set checkpoint.keep=2 >/dev/null 2>&1 &
  local process=$! good=0
  wait_until test -e "$work/going/checkpoints/last.h5" || return 1
  for _ in {1..40}; do
    inspect "$work/going" --json
    if said && jq -e '.checkpoints | length > 0 and all(.[]; .whole)' "$work/out" >/dev/null; then
      good=$((good + 1))
    fi
  done
  kill "$process"
  wait "$process" || true
  equal lists "$good" 40
}

# ---- two ----

verdict() { tail -n 1 "$work/out"; }

is_equal() {
  inspect "$@"
  said && equal verdict "$(verdict)" equal
}

is_different() {
  inspect "$@"
  equal 'exit code' "$status" 1 && [[ $(lines_of err) == 0 ]] &&
    equal verdict "$(verdict)" different
}

seed_and_parameters_differ() {
  is_different "$runs/one" "$runs/seed" && says '^seed +1 +2' &&
    says '^dense/kernel +2x8 +16 +16 ' && says '^velocity of dense_1/bias +3 +3 +3 ' &&
    ! says '^step '
}

progress_and_a_free_option_differ() {
  is_different "$runs/one" "$runs/longer" && says '^step +18 +24' &&
    says '^training.epochs +3 +4 +\(no result depends on it\)$'
}

# The longer run passed by where the shorter one ended: only the length of the run differs.
free_option_alone_makes_no_difference() {
  is_equal "$runs/one" "$runs/longer/checkpoints/step_00000018.h5" && says '^training.epochs '
}

shapes_differ() {
  is_different "$runs/one" "$runs/wider" && says '^dense/kernel +2x8 against 2x9 ' &&
    says '^dense_1/bias +3 '
}

slots_differ() {
  is_different "$runs/one" "$runs/sgd" && says '^optimizer +adam +sgd' &&
    says '^velocity of dense/bias +8 against \(none\) '
}

# Biases begin as 0: from there the largest difference is the largest bias, and 1 relatively.
differences_are_measured() {
  inspect "$runs/untrained" "$runs/one" --json
  [[ $status == 1 ]] && jq -e '[.tensors[] | select(.slot == null and .name == "bias")] |
    length == 2 and all(.[]; .largest_relative == 1 and .largest_absolute > 0 and
      .different == .elements)' "$work/out" >/dev/null && cp "$work/out" "$work/differences" &&
    inspect "$last" --json &&
    equal 'largest difference to zeros' \
      "$(jq '.tensors[1] | [.minimum, .maximum | fabs] | max' "$work/out")" \
      "$(jq '.tensors[1].largest_absolute' "$work/differences")"
}

missing_one_is_refused() { inspect "$last" "$work/none.h5" && failed_with 66; }
tree_of_two_is_refused() { inspect "$last" "$last" --tree && failed_with 64; }
three_are_refused() { inspect "$last" "$last" "$last" && failed_with 64; }

# ---- the schema ----

schema=docs/inspect_schema.json

# fits DEFINITION ARGUMENTS...: the JSON is what the schema says, without any other key.
fits() {
  inspect "${@:2}" --json
  [[ $status -le 1 && $(lines_of out) -gt 1 ]] &&
    jq -r -L tests/support --slurpfile schema "$schema" \
      'include "schema"; errors({"$ref": "#/$defs/'"$1"'"}; $schema[0]; "")' "$work/out" \
      >>"$work/notes" && [[ ! -s $work/notes ]]
}

broken_list_fits() {
  copy_broken broken && fits list "$runs/broken"
  local outcome=$?
  rm -r "$runs/broken"
  return $outcome
}

# A schema that fits everything would prove nothing.
wrong_key_is_found() {
  inspect "$last" --json && jq '.more = 1 | .step = 0.5 | del(.seed)' "$work/out" >"$work/wrong"
  equal findings "$(jq -r -L tests/support --slurpfile schema "$schema" \
    'include "schema"; errors({"$ref": "#/$defs/checkpoint"}; $schema[0]; "")' "$work/wrong" |
    sort | cut -d : -f 1 | tr '\n' ' ')" '.more .seed .step '
}

every_key_is_described() {
  jq -r '."$defs"[] | .properties // {} | to_entries[] |
    select((.value.description // "") == "") | .key' "$schema" >>"$work/notes" &&
    [[ ! -s $work/notes ]]
}

page_has_the_tables_of_the_schema() {
  diff <(sed -n '/^### /,$p' docs/inspect.md) \
    <(jq -r -f tests/support/schema_table.jq "$schema" | tail -n +2) >>"$work/notes"
}

check 'the summary of a model is as Keras prints it' summary_is_as_keras_prints_it
check 'progress, metrics and statistics are shown' facts_metrics_and_statistics_are_there
check 'the tree shows groups, datasets and attributes' tree_shows_groups_datasets_and_attributes
check 'with --tree a run stands for its newest checkpoint' folder_of_a_run_stands_for_its_newest
if type -P gnuplot >/dev/null; then
  check 'a plot has a panel for every metric' plot_has_a_panel_for_every_metric
else
  skip 'a plot has a panel for every metric' 'no gnuplot'
fi
check 'a plot needs a finished epoch' plot_needs_an_epoch
check 'a run is listed' run_is_listed
check 'a run and its checkpoints are the same list' folders_are_the_same_list
check 'slashes at the end of a folder change nothing' slashes_at_the_end_change_nothing
check 'an empty folder is refused' empty_folder_is_refused
check 'a checkpoint is equal to itself' is_equal "$last" "$last"
check 'a run on one rank is equal to that on three' is_equal "$runs/one" "$runs/three"
check 'another seed makes a difference' seed_and_parameters_differ
check 'a longer run makes a difference' progress_and_a_free_option_differ
check 'a free option alone makes none' free_option_alone_makes_no_difference
check 'another shape makes a difference' shapes_differ
check 'another optimizer makes a difference' slots_differ
check 'a missing checkpoint is refused' missing_one_is_refused
check 'the tree of two checkpoints is refused' tree_of_two_is_refused
check 'a third checkpoint is refused' three_are_refused
if type -P jq >/dev/null; then
  check 'statistics are right' statistics_are_right
  check 'all runs of a folder are listed' all_runs_are_listed
  check 'a list has the metrics of the last epoch' metrics_are_those_of_the_epoch
  check 'a broken checkpoint is listed with the reason' broken_one_is_listed_with_the_reason
  check 'a file of another kind is listed as broken' foreign_file_is_listed_as_broken
  check 'a run that goes on is listed' going_run_is_listed
  check 'differences are measured' differences_are_measured
  check 'the JSON of a checkpoint is as documented' fits checkpoint "$last"
  check 'the JSON of an untrained one is as documented' fits checkpoint \
    "$runs/untrained/checkpoints/last.h5"
  check 'the JSON of a tree is as documented' fits tree --tree "$last"
  check 'the JSON of a folder is as documented' fits list "$runs"
  check 'the JSON of a folder with a broken one is as documented' broken_list_fits
  check 'the JSON of a comparison is as documented' fits comparison "$runs/one" "$runs/seed"
  check 'the JSON of another shape is as documented' fits comparison "$runs/one" "$runs/wider"
  check 'the JSON of other slots is as documented' fits comparison "$runs/sgd" "$runs/one"
  check 'a key that the schema lacks is found' wrong_key_is_found
  check 'every key of the schema is described' every_key_is_described
  check 'docs/inspect.md has the tables of the schema' page_has_the_tables_of_the_schema
  if type -P h5ls >/dev/null; then
    check 'the tree is what h5ls sees' tree_is_what_h5ls_sees
  else
    skip 'the tree is what h5ls sees' 'no h5ls'
  fi
else
  skip 'the JSON is as documented' 'no jq'
fi
summary
