#!/usr/bin/env bash
# `lockstep report` and `eval --report`: what stands on the page, that nothing in it comes from
# elsewhere, and what becomes of runs that are unfinished, broken, or not there.
set -euo pipefail

cd "$(dirname "$0")/../.."
. tests/support/script.sh

lockstep=$PWD/${BUILD:-build}/lockstep
if [[ ${BUILD:-} == /* ]]; then lockstep=$BUILD/lockstep; fi

report() { run "$lockstep" report "$@"; }
said() { [[ $status == 0 && $(lines_of err) == 0 ]]; }
failed_with() { [[ $status == "$1" && $(lines_of err) == 1 && $(lines_of out) == 0 ]]; }

# has FILE TEXT...: all of them stand on the page. lacks: none of them does.
has() {
  local text
  for text in "${@:2}"; do
    if ! grep -qF -e "$text" "$1"; then note "$1 has no '$text'"; return 1; fi
  done
}
lacks() {
  local text
  for text in "${@:2}"; do
    if grep -qF -e "$text" "$1"; then note "$1 has '$text'"; return 1; fi
  done
}

occurrences() { { grep -oE -e "$2" "$1" || true; } | wc -l; }

# What MPI leaves allocated lies in modules that it has unloaded: no suppression knows their names.
without_leak_check() { ASAN_OPTIONS=detect_leaks=0 "$@"; }
train_alone() { without_leak_check "$lockstep" train --quiet --set report.curves=false "$@"; }

# A tiny network on pictures of 8 x 8 points that come with Lockstep.
train_digits() { # FOLDER ARGUMENTS...
  train_alone configs/digits.yaml --set training.epochs=3 --out "$@"
}

# Three classes of points with names; some lie among those of another class.
make_points() {
  awk 'function noise(i) { i = sin(i * 12.9898) * 43758.5453; return 6 * (i - int(i)) }
    BEGIN {
      print "x,y,colour"
      split("red & <b>,green,blue", name, ",")
      for (i = 1; i <= 300; i++) {
        k = i % 3
        printf "%.3f,%.3f,%s\n", noise(i) + 5 * (k == 1), noise(i + 0.5) + 5 * (k == 2), name[k + 1]
      }
    }' >"$work/points.csv"
  cat >"$work/a&b<i>.yaml" <<'END'
model:
  input: 2
  layers: [{dense: {units: 4, activation: tanh}}, {dense: {units: 3, activation: softmax}}]
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.02}
data: {train: {format: csv, inputs: points.csv, target: colour}, validation: {split: 0.3}}
training: {epochs: 2, batch_size: 32}
END
}

make_points
markup="$work/<img src=x onerror=alert(1)>"
train_digits "$work/digits"
train_alone "$work/a&b<i>.yaml" --out "$markup"
train_alone configs/linear.yaml --out "$work/line"
page=$work/digits/report.html

# ---- one run ----

goes_into_the_folder_of_the_run() {
  report "$work/digits"
  said && [[ $(cat "$work/out") == "$page" && -s $page ]]
}

is_one_file_that_needs_no_other() {
  lacks "$page" '<script' '<link' '<iframe' 'http:' 'https:' '@import' 'url(' &&
    [[ $(stat -c %s "$page") -lt 300000 && $(tail -n 1 "$page") == *'</body></html>' ]] &&
    has "$page" '<meta name="viewport"' 'prefers-color-scheme: dark' '@media print'
}

is_well_formed() { xmllint --noout "$1" >"$work/out" 2>"$work/err"; }

tells_what_ran() {
  "$lockstep" inspect "$work/digits" --json >"$work/facts"
  local key value
  for key in parameter_hash data_hash optimizer loss command_line mpi engine created; do
    value=$(sed -nE "s/^ *\"$key\": \"(.*)\",?$/\1/p" "$work/facts")
    has "$page" "$value" || return 1
  done
  has "$page" '64 → 64 relu → 10 softmax' 'epoch 3 of 3, step 135' 'decay_exclude: []'
}

# Of the matrix, the diagonal is what eval calls right; the rest are the pictures of mistakes.
counts_what_eval_counts() {
  "$lockstep" eval "$work/digits" >"$work/eval"
  local accuracy right wrong
  accuracy=$(sed -n 's/^accuracy //p' "$work/eval")
  right=$(grep -oE '<td class="right"[^>]*>[0-9]+' "$page" |
    awk -F '>' '{ n += $2 } END { print n }')
  wrong=$(occurrences "$page" '<img [^>]*alt="sample [0-9]+"')
  equal 'accuracy' "$(awk -v n="$right" 'BEGIN { printf "%.6g", n / 359 }')" "$accuracy" &&
    equal 'samples' $((right + wrong)) 359 && has "$page" "$wrong of 359 samples (validation)"
}

draws_curves_weights_and_histograms() {
  equal 'pictures of weights' "$(occurrences "$page" 'alt="weights of unit')" 64 &&
    has "$page" '<strong>loss</strong>' '<strong>accuracy</strong>' \
      '<strong>learning rate</strong>' '<strong>seconds of a step</strong>' \
      '<strong>dense/kernel</strong>' &&
    [[ $(occurrences "$page" 'class="ridge"') -ge 18 ]]
}

leaves_out_histograms_that_were_not_kept() {
  train_digits "$work/plain" --set report.histogram_every=0
  report "$work/plain"
  said && lacks "$work/plain/report.html" 'class="ridge"' 'href="#histograms"'
}

is_the_same_every_time() {
  cp "$page" "$work/before"
  report "$work/digits" && said && cmp -s "$page" "$work/before"
}

takes_a_checkpoint() {
  report "$work/digits/checkpoints/last.h5" -o "$work/by_name.html"
  said && has "$work/by_name.html" '<h1>digits</h1>'
}

shows_names_as_text() {
  report "$markup"
  local written="$markup/report.html"
  said && lacks "$written" '<img src=x' '<i>' '<b>,' 'red & <b>' &&
    has "$written" '<h1>&lt;img src=x onerror=alert(1)&gt;</h1>' 'a&amp;b&lt;i&gt;.yaml' \
      'red &amp; &lt;b&gt;'
}

lists_mistakes_that_are_no_pictures() {
  local written="$markup/report.html"
  has "$written" '<th>taken for</th>' && lacks "$written" 'data:image'
}

shows_numbers_without_classes() {
  report "$work/line"
  said && has "$work/line/report.html" '1,000 samples (train): loss' &&
    lacks "$work/line/report.html" 'class="matrix"' 'id="mistakes"'
}

does_without_the_data() {
  report "$work/digits" --set data.train.inputs=/nowhere.csv -o "$work/without.html"
  said && has "$work/without.html" 'No samples to look at: /nowhere.csv' 'weights of unit' \
    '<strong>loss</strong>' && lacks "$work/without.html" 'class="matrix"'
}

# ---- runs that are not done ----

shows_a_run_that_goes_on() {
  ASAN_OPTIONS=detect_leaks=0 "$lockstep" train configs/digits.yaml --quiet \
    --set training.epochs=100000 --set report.curves=false --out "$work/going" >/dev/null 2>&1 &
  local training=$!
  wait_until test -e "$work/going/checkpoints/last.h5"
  report "$work/going"
  kill -TERM "$training"
  wait "$training" || true
  said && has "$work/going/report.html" ' of 100000</dd>'
}

shows_a_run_without_an_epoch() {
  train_digits "$work/begun" --set training.steps=3
  report "$work/begun"
  said && has "$work/begun/report.html" '0 of 3</dd>' 'class="matrix"' &&
    lacks "$work/begun/report.html" nan
}

names_what_is_not_there() {
  mkdir -p "$work/empty"
  report "$work/empty" && failed_with 66 && report "$work/none" && failed_with 66 &&
    report "$work/digits" "$work/none" && failed_with 66
}

refuses_a_broken_checkpoint() {
  head -c 4000 "$work/digits/checkpoints/last.h5" >"$work/short.h5"
  report "$work/short.h5" && failed_with 65
}

needs_a_run() { report && failed_with 64; }

refuses_an_output_that_cannot_be() {
  report "$work/digits" -o "$work/none/report.html" && failed_with 73
}

# ---- several ----

compares_runs() {
  train_digits "$work/slow" --set optimizer.learning_rate=0.0001
  (cd "$work" && report digits slow && said) || return 1
  has "$work/report.html" '<h1>2 runs</h1>' '>optimizer.learning_rate</th>' '>0.0001</td>' \
    '<summary>slow</summary>' &&
    equal 'hashes' "$(occurrences "$work/report.html" '<td>[0-9a-f]{32}</td>' | sort -u)" 2 &&
    equal 'lines of a chart' \
      "$(occurrences "$work/report.html" 'aria-label="validation loss"')" 2
}

compares_runs_without_an_epoch() {
  report "$work/begun" "$work/begun" -o "$work/begun.html"
  said && lacks "$work/begun.html" 'id="curves"' 'id="time"' nan &&
    has "$work/begun.html" 'Their configurations are the same.'
}

compares_runs_of_all_kinds() {
  report "$work/digits" "$work/line" "$work/begun" "$markup" -o "$work/kinds.html"
  said && has "$work/kinds.html" '<th class="number">val_loss</th>' '<td>data.scale</td>' \
    '<td>mean_squared_error</td>' &&
    lacks "$work/kinds.html" nan
}

tells_runs_of_one_name_apart() {
  mkdir -p "$work/other"
  cp -r "$work/slow" "$work/other/digits"
  report "$work/digits" "$work/other/digits" -o "$work/names.html"
  said && has "$work/names.html" "<summary>$work/digits</summary>" \
    "<summary>$work/other/digits</summary>"
}

only_compares_many() {
  local digits=$work/digits
  report "$digits" "$digits" "$digits" "$digits" "$digits" "$digits" "$digits" -o "$work/many.html"
  said && has "$work/many.html" '<h1>7 runs</h1>' && lacks "$work/many.html" 'id="runs"'
}

# ---- others ----

writes_once_on_ranks() {
  cp "$page" "$work/before"
  without_leak_check run run_local -n 3 "$lockstep" report "$work/digits"
  said && [[ $(lines_of out) == 1 ]] && cmp -s "$page" "$work/before"
}

eval_writes_the_page_too() {
  without_leak_check run run_local -n 2 "$lockstep" eval "$work/digits" --on train \
    --report "$work/eval.html"
  said && grep -q '^data train$' "$work/out" && has "$work/eval.html" '1,438 samples (train)' &&
    run "$lockstep" eval "$work/digits" --report "$work/none/x.html" && [[ $status == 73 ]]
}

is_removed_with_the_run() {
  train_digits "$work/plain" --force && [[ ! -e $work/plain/report.html ]]
}

check 'the page goes into the folder of the run' goes_into_the_folder_of_the_run
check 'the page is one file that needs no other' is_one_file_that_needs_no_other
check 'the page tells what ran' tells_what_ran
check 'the page counts what eval counts' counts_what_eval_counts
check 'the page draws curves, weights and histograms' draws_curves_weights_and_histograms
check 'histograms that were not kept are left out' leaves_out_histograms_that_were_not_kept
check 'the page is the same every time' is_the_same_every_time
check 'a checkpoint may be named by its file' takes_a_checkpoint
check 'names that look like markup are shown as text' shows_names_as_text
check 'mistakes that are no pictures are listed' lists_mistakes_that_are_no_pictures
check 'a model of numbers has no classes to show' shows_numbers_without_classes
check 'where the data are gone, the page says so and shows the rest' does_without_the_data
check 'a run that still goes on is shown' shows_a_run_that_goes_on
check 'a run without a finished epoch is shown' shows_a_run_without_an_epoch
check 'a folder without checkpoints, or none at all, is refused' names_what_is_not_there
check 'a broken checkpoint is refused' refuses_a_broken_checkpoint
check 'report needs a run' needs_a_run
check 'an output in a folder that is not there is refused' refuses_an_output_that_cannot_be
check 'runs are compared, and each is shown' compares_runs
check 'runs without a finished epoch can be compared' compares_runs_without_an_epoch
check 'runs of all kinds can be compared' compares_runs_of_all_kinds
check 'runs of one name are told apart' tells_runs_of_one_name_apart
check 'many runs are only compared' only_compares_many
check 'on 3 ranks one page is written' writes_once_on_ranks
check 'eval --report writes the page for its samples' eval_writes_the_page_too
check 'a run that begins anew removes the page' is_removed_with_the_run
for written in "$page" "$markup/report.html" "$work/report.html" "$work/kinds.html"; do
  if type -P xmllint >/dev/null; then
    check "$(basename "$(dirname "$written")")/$(basename "$written") is well-formed" \
      is_well_formed "$written"
  else
    skip "$(basename "$written") is well-formed" 'no xmllint'
  fi
done
summary
