#!/usr/bin/env bash
# What eval and predict say of a model of classes: scores, confusions, mistakes and their pictures.
# Trains tiny networks on samples that it makes itself, on the digits that come with Lockstep, and,
# where $MNIST is set, on MNIST.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

failed_with() { [[ $status == "$1" && $(lines_of err) == 1 && $(lines_of out) == 0 ]]; }
said() { [[ $status == 0 && $(lines_of err) == 0 ]]; }
# What MPI leaves allocated lies in modules that it has unloaded: no suppression knows their names.
without_leak_check() { ASAN_OPTIONS=detect_leaks=0 "$@"; }

# on_ranks RANKS ARGUMENTS...
on_ranks() { run without_leak_check run_local -n "$1" "$lockstep" "${@:2}"; }

json() { jq -r "$1" "$work/out"; }

# ---- what the tests work on ----

# Points around three centres with a name each, so near that some are taken for their neighbours.
make_named() {
  awk 'function noise(i) { i = sin(i * 12.9898) * 43758.5453; return 6 * (i - int(i)) }
    BEGIN {
      split("cat;\"dog, old\";ape", name, ";")
      print "x,y,animal"
      for (i = 1; i <= 900; i++) {
        k = i % 3
        printf "%.3f,%.3f,%s\n", noise(i) + 5 * (k == 1), noise(i + 0.5) + 5 * (k == 2), name[k + 1]
      }
    }' >"$work/named.csv"
  cut -d , -f 1,2 "$work/named.csv" >"$work/inputs.csv"
  cat >"$work/named.yaml" <<'END'
model:
  input: 2
  layers: [{dense: {units: 8, activation: tanh}}, {dense: {units: 3, activation: softmax}}]
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.02}
data:
  train: {format: csv, inputs: named.csv, target: animal}
  validation: {split: 0.4}
training: {epochs: 3, batch_size: 32}
report: {curves: false}
END
}

# More classes than a matrix can show: numbers from 0 to 24 with noise.
make_many() {
  awk 'function noise(i) { i = sin(i * 12.9898) * 43758.5453; return i - int(i) }
    BEGIN { for (i = 0; i < 1000; i++) printf "%.3f,%d\n", i % 25 + 1.5 * noise(i), i % 25 }' \
    >"$work/many.csv"
  cat >"$work/many.yaml" <<'END'
model: {input: 1, layers: [{dense: {units: 25, activation: softmax}}]}
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.05}
data: {train: {format: csv, inputs: many.csv, target: -1, header: false}}
training: {epochs: 2, batch_size: 50}
report: {curves: false}
END
}

make_line() {
  cat >"$work/line.yaml" <<'END'
model: {input: 1, layers: [{dense: 1}]}
loss: mean_squared_error
optimizer: sgd
data: {train: {format: linear, samples: 40}}
training: {epochs: 1}
report: {curves: false}
END
}

train_here() { # NAME CONFIG ARGUMENTS...
  run without_leak_check "$lockstep" train "$2" --out "$work/$1" --quiet "${@:3}"
  [[ $status == 0 ]] || { cat "$work/err" >&2; exit 1; }
}

make_named
make_many
make_line
for name in named many line; do train_here "$name" "$work/$name.yaml"; done
train_here digits configs/digits.yaml --set training.epochs=3 --set report.curves=false
train_here parity configs/digits_parity.yaml --set training.epochs=3 --set report.curves=false

# ---- eval ----

# The accuracy that the counts of the matrix in $work/out give, in eval's digits.
accuracy_of_matrix() {
  json '[.confusion as $m | ([range(0; $m | length) | $m[.][.]] | add) / ([$m[][]] | add),
    .accuracy] | map(. * 1e9 | round) | .[0] == .[1]'
}

counts_what_the_metric_counts() { # MODEL K N
  run "$lockstep" eval "$work/$1" --json
  said && equal 'the same accuracy' "$(accuracy_of_matrix)" true &&
    equal classes "$(json '.classes | length')" "$2" &&
    equal rows "$(json '[.confusion[] | length] | unique | map(tostring) | join(",")')" "$2" &&
    equal samples "$(json '[.confusion[][]] | add')" "$3" &&
    equal support "$(json '[.classes[].support] | add')" "$3" &&
    equal 'support of rows' "$(json '[.classes[].support] == [.confusion[] | add]')" true
}

scores_follow_from_the_matrix() {
  run "$lockstep" eval "$work/digits" --json
  said && equal scores "$(json '
    def ratio($a; $b): if $b > 0 then $a / $b else 0 end;
    .confusion as $m | [range(0; 10)] | map(. as $k | $m[$k][$k] as $right |
      ($m[$k] | add) as $support | ([$m[][$k]] | add) as $predicted |
      ratio($right; $predicted), ratio($right; $support), ratio(2 * $right; $predicted + $support)
      | . * 1e9 | round) | tostring')" \
    "$(json '[.classes[] | .precision, .recall, .f1 | . * 1e9 | round] | tostring')"
}

# The last rows were cut off: what is left is neither the training samples nor their split. Samples
# in a file of their own are another matter.
notices_data_that_changed() {
  local words='warning: data.train has changed since the training: ' data
  cp "$work/named.csv" "$work/whole.csv"
  head -n 600 "$work/whole.csv" >"$work/named.csv"
  for data in train validation; do
    run "$lockstep" eval "$work/named" --on "$data"
    equal "status on $data" "$status" 0 && equal lines "$(lines_of err)" 1 &&
      grep -qF "$words" "$work/err" || return 1
  done
  run "$lockstep" predict "$work/named" --on validation
  equal 'lines of predict' "$(lines_of err)" 1 && grep -qF "$words" "$work/err" &&
    run "$lockstep" eval "$work/named" --on test \
      --set 'data.test={format: csv, inputs: whole.csv, target: animal}' && said &&
    mv "$work/whole.csv" "$work/named.csv" && run "$lockstep" eval "$work/named" --on train && said
}

prints_a_row_for_each_class_and_the_matrix() {
  run "$lockstep" eval "$work/named"
  said && grep -qE '^class +precision +recall +f1 +support$' "$work/out" &&
    grep -qE '^dog, old +[01]\.[0-9]{4} +[01]\.[0-9]{4} +[01]\.[0-9]{4} +[0-9]+$' "$work/out" &&
    grep -qE '^mean .* 360$' "$work/out" &&
    grep -qE '^label \\ prediction +0 +1 +2$' "$work/out" &&
    grep -qE '^cat \(1\) +([0-9]+|\.) +[0-9]+ +([0-9]+|\.)$' "$work/out"
}

shows_the_most_frequent_confusions_of_many_classes() {
  run "$lockstep" eval "$work/many"
  said && grep -qE '^ *label +prediction +samples$' "$work/out" && ! grep -qF '\' "$work/out" &&
    awk '/label/ { inside = 1; next }
      inside { n++; if ($1 == $2 || (n > 1 && $3 > last)) bad = 1; last = $3 }
      END { exit !(n == 20 && !bad) }' "$work/out"
}

writes_a_table() {
  run "$lockstep" eval "$work/named" --csv "$work/classes.csv"
  said || return 1
  equal columns "$(head -n 1 "$work/classes.csv")" \
    class,name,support,predicted,right,precision,recall,f1,predicted_0,predicted_1,predicted_2 &&
    equal 'a quoted name' "$(sed -n 4p "$work/classes.csv" | cut -c 1-12)" '2,"dog, old"' &&
    awk -F , 'NR == 2 || NR == 3 { if ($9 + $10 + $11 != $3 || $(9 + $1) != $5) exit 1; n++ }
      END { exit n != 2 }' "$work/classes.csv"
}

says_the_same_on_ranks() { # RANKS
  local form
  for form in '' --json; do
    # shellcheck disable=SC2086  # nothing, or a word
    run "$lockstep" eval "$work/named" --on train $form --csv "$work/alone.csv"
    said && cp "$work/out" "$work/alone" || return 1
    # shellcheck disable=SC2086
    on_ranks "$1" eval "$work/named" --on train $form --csv "$work/ranks.csv"
    said && cmp "$work/out" "$work/alone" && cmp "$work/alone.csv" "$work/ranks.csv" || return 1
  done
}

fails_once_on_ranks() {
  on_ranks 3 eval "$work/named" --csv "$work/none/classes.csv"
  failed_with 73
}

has_no_classes_of_numbers() {
  run "$lockstep" eval "$work/line"
  said && grep -qx 'classes none: the model gives numbers' "$work/out" || return 1
  run "$lockstep" eval "$work/line" --csv "$work/line.csv"
  failed_with 64 && [[ ! -e $work/line.csv ]]
}

names_two_classes_of_one_output() {
  run "$lockstep" eval "$work/parity"
  said && grep -qE '^label \\ prediction +0 +1$' "$work/out" &&
    [[ $(grep -cE '^ *[01] +[0-9]+ +[0-9]+$' "$work/out") == 2 ]]
}

# ---- predict ----

predict() { run "$lockstep" predict "$@"; }

# The three largest of ten probabilities, sorted by awk, against --top 3.
gives_the_likeliest_classes() {
  predict "$work/digits" --on validation && said && cp "$work/out" "$work/all" || return 1
  awk -F , 'BEGIN {
      print "sample,class_1,probability_1,class_2,probability_2,class_3,probability_3"
    }
    NR > 1 {
      row = $1
      for (place = 1; place <= 3; place++) {
        best = 0
        for (i = 3; i <= NF; i++) if ($i != "" && (!best || $i + 0 > $best + 0)) best = i
        row = row "," best - 3 "," $best
        $best = ""
      }
      print row
    }' "$work/all" >"$work/expected"
  predict "$work/digits" --on validation --top 3
  said && cmp "$work/out" "$work/expected"
}

gives_both_classes_of_one_output() {
  predict "$work/parity" --on validation --top 2
  said && awk -F , 'NR > 1 && ($2 + $4 != 1 || $3 < $5 || ($3 + $5 - 1) ^ 2 > 1e-12) { exit 1 }
    END { exit NR < 300 }' "$work/out"
}

# rows_as_csv MEMBER: an array of objects in $work/out with its keys as the header.
rows_as_csv() {
  jq -r ".$1 | (.[0] | keys_unsorted | join(\",\")), (.[] | [.[]] | map(tostring) | join(\",\"))" \
    "$work/out"
}

says_the_same_as_json() { # MEMBER ARGUMENTS...
  predict "$work/digits" --on validation "${@:2}" && said && cp "$work/out" "$work/csv" || return 1
  predict "$work/digits" --on validation "${@:2}" --json
  said && equal data "$(json .data)" validation && equal samples "$(json .samples)" 359 &&
    diff <(rows_as_csv "$1" | awk -F , -v OFS=, '{ $NF += 0 } NR > 1') \
      <(awk -F , -v OFS=, '{ $NF += 0 } NR > 1' "$work/csv") >/dev/null &&
    equal columns "$(rows_as_csv "$1" | head -n 1)" "$(head -n 1 "$work/csv")"
}

lists_as_many_mistakes_as_eval_counts() {
  run "$lockstep" eval "$work/named" --on train --json
  local wrong && wrong=$(json '.confusion as $m | ([$m[][]] | add) -
    ([range(0; $m | length) | $m[.][.]] | add)')
  predict "$work/named" --on train --wrong
  said && equal columns "$(head -n 1 "$work/out")" \
    sample,label,label_name,prediction,prediction_name,probability &&
    equal mistakes "$(($(lines_of out) - 1))" "$wrong" && ((wrong > 5)) &&
    sed 's/"dog, old"/dog/g' "$work/out" | awk -F , 'NR > 1 && $2 == $4 { exit 1 }
      NR > 2 && $6 > last { exit 1 } { last = $6 }'
}

# The names come from the checkpoint: neither the file nor the training data tell them.
names_the_classes_of_a_file() {
  mv "$work/named.csv" "$work/moved.csv"
  predict "$work/named" --input "$work/inputs.csv"
  mv "$work/moved.csv" "$work/named.csv"
  said && equal columns "$(head -n 1 "$work/out")" \
    sample,class,name,probability_0,probability_1,probability_2 &&
    equal names "$(sed 1d "$work/out" | sed -E 's/^[0-9]+,(.*),[^,]*,[^,]*,[^,]*$/\1/' | sort -u)" \
      $'0,ape\n1,cat\n2,"dog, old"'
}

# The targets of a file beside its samples, and the classes that predict gives those, joined here.
finds_the_mistakes_in_a_file() {
  predict "$work/named" --input "$work/named.csv" --target animal --wrong
  said && cp "$work/out" "$work/wrong" || return 1
  predict "$work/named" --input "$work/inputs.csv" && said || return 1
  paste -d , <(tail -n +2 "$work/out") <(tail -n +2 "$work/named.csv") | sed 's/"dog, old"/dog/g' |
    awk -F , -v OFS=, 'BEGIN { index_of["ape"] = 0; index_of["cat"] = 1; index_of["dog"] = 2 }
      { label = index_of[$NF] } label != $2 { print $1, label, $2, $(4 + $2) }' |
    sort -t , -k 4,4gr -k 1,1n >"$work/expected"
  sed 's/"dog, old"/dog/g' "$work/wrong" | tail -n +2 | cut -d , -f 1,2,4,6 >"$work/found"
  [[ -s $work/expected ]] && diff "$work/found" "$work/expected" >"$work/notes"
}

applies_the_rule_of_targets() {
  zcat data/digits/digits.csv.gz >"$work/digits.csv"
  predict "$work/parity" --input "$work/digits.csv" --no-header --target -1 --wrong
  said && equal columns "$(head -n 1 "$work/out")" sample,label,prediction,probability &&
    awk -F , 'NR == FNR { digit[FNR - 1] = $NF; next }
      FNR > 1 && ($2 != digit[$1] % 2 || $3 == $2 || $4 < 0.5) { exit 1 }' \
      "$work/digits.csv" "$work/out"
}

prints_columns_where_nothing_is_wrong() {
  printf 'x,y,animal\n-4,-4,cat\n' >"$work/right.csv"
  predict "$work/named" --input "$work/right.csv" --target animal --wrong
  said && equal columns "$(cat "$work/out")" \
    sample,label,label_name,prediction,prediction_name,probability
}

refuses_a_file_without_samples() {
  echo x,y,animal >"$work/header.csv"
  : >"$work/nothing.csv"
  predict "$work/named" --input "$work/header.csv" --target animal --wrong && failed_with 65 &&
    predict "$work/named" --input "$work/nothing.csv" && failed_with 65 &&
    predict "$work/named" --input "$work/missing.csv" && failed_with 66
}

refuses_to_predict() { # STATUS WORDS ARGUMENTS...
  predict "${@:3}"
  failed_with "$1" && grep -qF -e "$2" "$work/err"
}

refuses_broken_checkpoints() {
  head -c 4000 "$work/named/checkpoints/last.h5" >"$work/short.h5"
  predict "$work/short.h5" --on train --wrong && failed_with 65 || return 1
  predict "$work/none.h5" --on train --wrong && failed_with 66 || return 1
  mkdir -p "$work/empty" && predict "$work/empty" --on train --wrong && failed_with 66
}

# ---- pictures ----

# picture_size FILE: width and height, from a PNG file's header.
picture_size() {
  [[ $(head -c 8 "$1" | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a ]] &&
    od -An -tu1 -j 16 -N 8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

draws_mistakes() {
  predict "$work/digits" --on validation --wrong --pictures "$work/wrong.png" --output "$work/w.csv"
  local mistakes columns && said && mistakes=$(($(wc -l <"$work/w.csv") - 1)) || return 1
  columns=$((mistakes < 10 ? mistakes : 10))
  ((mistakes >= 10)) || { note "only $mistakes mistakes"; return 1; }
  equal 'width and height' "$(picture_size "$work/wrong.png")" \
    "$((columns * 140 + 1 + 28)) $((50 + (mistakes + 9) / 10 * 214 + 1 + 14))"
}

draws_the_same_again() {
  predict "$work/digits" --on validation --wrong --pictures "$work/again.png"
  said && cmp -s "$work/again.png" "$work/wrong.png"
}

draws_nothing_of_two_numbers() {
  predict "$work/named" --on train --wrong --pictures "$work/points.png"
  failed_with 65 && grep -q 'expected pictures' "$work/err" && [[ ! -e $work/points.png ]]
}

# ---- MNIST ----

agrees_with_itself_on_mnist() {
  counts_what_the_metric_counts mnist 10 10000 || return 1
  local wrong && wrong=$(json '(1 - .accuracy) * .samples | round')
  predict "$work/mnist" --input "$MNIST/t10k-images-idx3-ubyte.gz" \
    --targets "$MNIST/t10k-labels-idx1-ubyte.gz" --wrong --pictures "$work/mnist.png"
  said && equal mistakes "$(($(lines_of out) - 1))" "$wrong" && ((wrong > 100 && wrong < 1000)) &&
    equal 'width and height' "$(picture_size "$work/mnist.png")" '1429 2205' &&
    cp "$work/out" "$work/from_files" && predict "$work/mnist" --on validation --wrong &&
    cmp -s "$work/out" "$work/from_files"
}

if type -P jq >/dev/null; then
  check 'eval counts what the metric counts, with classes that have names' \
    counts_what_the_metric_counts named 3 360
  check 'eval counts what the metric counts, with one output' \
    counts_what_the_metric_counts parity 2 359
  check 'precision, recall and F1 follow from the confusion matrix' scores_follow_from_the_matrix
  check 'predict gives all outputs as JSON' says_the_same_as_json predictions
  check 'predict gives the likeliest classes as JSON' says_the_same_as_json predictions --top 2
  check 'predict gives mistakes as JSON' says_the_same_as_json mistakes --wrong
  check 'predict lists as many mistakes as eval counts' lists_as_many_mistakes_as_eval_counts
else
  skip 'what eval and predict print as JSON' 'there is no jq'
fi
check 'data that have changed are noticed' notices_data_that_changed
check 'eval prints a row for each class, and the confusion matrix' \
  prints_a_row_for_each_class_and_the_matrix
check 'eval shows the most frequent confusions of 25 classes' \
  shows_the_most_frequent_confusions_of_many_classes
check 'eval writes a row for each class as CSV' writes_a_table
check 'eval says the same on 3 ranks as alone' says_the_same_on_ranks 3
check 'eval says the same on 4 ranks, more than there are blocks' says_the_same_on_ranks 4
check 'eval fails once on 3 ranks where it cannot write' fails_once_on_ranks
check 'eval says that a model of numbers has no classes' has_no_classes_of_numbers
check 'eval knows two classes of one output' names_two_classes_of_one_output
check 'predict gives the likeliest classes' gives_the_likeliest_classes
check 'predict gives both classes of one output' gives_both_classes_of_one_output
check 'predict names the classes of a file' names_the_classes_of_a_file
check 'predict finds the mistakes in a file with targets' finds_the_mistakes_in_a_file
check 'predict applies the rule of targets to a file' applies_the_rule_of_targets
check 'predict prints the columns where nothing is wrong' prints_columns_where_nothing_is_wrong
check 'predict refuses a file without samples' refuses_a_file_without_samples
check 'predict refuses targets without --wrong' refuses_to_predict 64 'without --wrong' \
  "$work/named" --input "$work/named.csv" --target animal
check 'predict refuses --top of more classes than there are' \
  refuses_to_predict 64 'expected 1 to 3' "$work/named" --on train --top 4
check 'predict refuses --top of no class' \
  refuses_to_predict 64 "found '0'" "$work/named" --on train --top 0
check 'predict refuses --top of a model of numbers' \
  refuses_to_predict 64 'a model of numbers' "$work/line" --on train --top 1
check 'predict refuses --wrong of a model of numbers' \
  refuses_to_predict 64 'a model of numbers' "$work/line" --on train --wrong
check 'predict refuses --wrong without targets' \
  refuses_to_predict 64 'expected --targets' "$work/named" --input "$work/inputs.csv" --wrong
check 'predict refuses a file and --on together' \
  refuses_to_predict 64 'one of them' "$work/named" --input "$work/inputs.csv" --on train
check 'predict refuses --pictures without --wrong' \
  refuses_to_predict 64 'expected --wrong' "$work/named" --on train --pictures "$work/p.png"
check 'predict refuses a file of targets for CSV' \
  refuses_to_predict 64 'expected --target' "$work/named" --input "$work/named.csv" --wrong \
  --targets "$work/named.csv"
check 'predict refuses a class that the training did not know' \
  refuses_to_predict 65 "'emu'" "$work/named" --wrong --target animal --input \
  <(printf 'x,y,animal\n1,2,emu\n') --format csv
check 'predict refuses data that the configuration lacks' \
  refuses_to_predict 64 'data.test' "$work/named" --on test
check 'predict refuses a picture in a folder that is not there' \
  refuses_to_predict 73 none "$work/digits" --on train --wrong --pictures "$work/none/p.png"
check 'predict refuses broken checkpoints and empty folders' refuses_broken_checkpoints
check 'predict draws the mistakes' draws_mistakes
check 'predict draws the same picture again' draws_the_same_again
check 'predict refuses to draw two numbers' draws_nothing_of_two_numbers
if [[ ! ${MNIST:-} ]]; then
  skip 'eval and predict agree on MNIST' 'MNIST is not set'
elif type -P jq >/dev/null; then
  train_here mnist configs/mnist_512.yaml --set training.epochs=1 --set report.curves=false
  check 'eval and predict agree on MNIST' agrees_with_itself_on_mnist
else
  skip 'eval and predict agree on MNIST' 'there is no jq'
fi
summary
