#!/usr/bin/env bash
# `lockstep new`: what it writes trains as it is and learns, whatever the data look like; what it
# cannot understand it refuses. Makes its own data; the digits come with the repository, MNIST is
# looked for in $MNIST.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
. tests/support/script.sh

root=$PWD
[[ $lockstep == /* ]] || lockstep=$root/$lockstep
cd "$work"

new() { run "$lockstep" new "$@"; }
said() { [[ $status == 0 && $(lines_of err) == 0 ]]; }
failed_with() { [[ $status == "$1" && $(lines_of err) == 1 && $(lines_of out) == 0 ]]; }
has() { grep -qE -e "$2" "$1"; }

# ---- data ----

# A number that looks random, in [0, 1), for each i.
random='function random(i) { i = sin(i * 12.9898) * 43758.5453; return i - int(i) + (i < 0) }'

# Three flowers, named in the last column, with a header.
awk "$random"'BEGIN { OFS = ","
  print "length,width,species"
  split("setosa,versicolor,virginica", name, ",")
  for (i = 0; i < 300; i++) {
    k = i % 3
    print 1 + 2 * k + random(i), 0.3 + 0.8 * k + random(i + 0.5) / 2, name[k + 1]
  } }' >flowers.csv

# Prices of houses, between semicolons; prices are large, and so is one column.
awk "$random"'BEGIN { OFS = ";"
  print "area;rooms;age;price"
  for (i = 0; i < 1000; i++) {
    area = 40 + int(200 * random(i)); rooms = 1 + int(6 * random(i + 0.3))
    age = int(100 * random(i + 0.7))
    print area, rooms, age, 50000 + 1500 * area + 8000 * rooms - 700 * age
  } }' >houses.csv

# Is a point inside a ring? Once as 0 and 1, once as -1 and 1 without a header.
awk "$random"'BEGIN { OFS = ","
  print "x,y,inside"
  for (i = 0; i < 800; i++) {
    x = 2 * random(i) - 1; y = 2 * random(i + 0.5) - 1
    print x, y, x * x + y * y < 0.6
  } }' >ring.csv
awk -F , 'BEGIN { OFS = "," } NR > 1 { print $1, $2, 2 * $3 - 1 }' ring.csv >signs.csv

# Forty images of 2 x 2 pixels, of which the brightest tells the label.
awk 'BEGIN { printf "\\0\\0\\10\\3\\0\\0\\0\\50\\0\\0\\0\\2\\0\\0\\0\\2"
  for (i = 0; i < 40; i++) for (p = 0; p < 4; p++) printf p == i % 4 ? "\\377" : "\\%o", i % 7 + 1
  }' >escaped && printf '%b' "$(sed 's/\\\([0-7]\)/\\0\1/g' escaped)" >spots-images
awk 'BEGIN { printf "\\0\\0\\10\\1\\0\\0\\0\\50"
  for (i = 0; i < 40; i++) printf "\\%o", i % 4 }' >escaped
printf '%b' "$(sed 's/\\\([0-7]\)/\\0\1/g' escaped)" >spots-labels

# ---- what comes out ----

# trains NAME COLUMN CONDITION ARGUMENTS...: the configuration trains as it is, and the last value
# of a column of metrics.csv fulfils the condition.
trains() {
  run "$lockstep" train "$1.yaml" --quiet --force "${@:4}"
  [[ $status == 0 ]] || return 1
  local value
  value=$(awk -F , -v column="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
    END { print $at }' "runs/$1/metrics.csv")
  note "$2: found $value, expected $3"
  awk -v value="$value" "BEGIN { exit !(value $3) }"
}

names_are_learnt() {
  new flowers --data flowers.csv
  said && has out '^flowers.yaml: 300 samples of 2 numbers, 3 classes; train it: lockstep train' &&
    has flowers.yaml '# Classes, by their index from 0: setosa, versicolor, virginica$' &&
    has flowers.yaml '^    - dense: \{units: 3, activation: softmax\}' &&
    trains flowers val_accuracy '> 0.97'
}

# The mean error is small beside the deviation of the prices, about 90,000.
large_numbers_are_learnt() {
  new houses --data houses.csv
  said && has out 'a number as target' && has houses.yaml '^    delimiter: ";"' &&
    has houses.yaml 'bias_initializer: \{constant: ' && ! has houses.yaml 'columns differ' &&
    trains houses val_mean_absolute_error '< 8000'
}

# The second column decides, and the first is a thousand times as large.
uneven_columns_are_said_and_learnt() {
  awk "$random"'BEGIN { OFS = ","
    for (i = 0; i < 900; i++) {
      y = 10 * random(i); print 10000 * random(i + 0.5), y, y < 5 ? "low" : "high"
    } }' >uneven.csv
  new uneven --data uneven.csv
  said && has uneven.yaml 'The columns differ in size: the largest number is 9.* in one, 9.* in' &&
    trains uneven val_accuracy '> 0.9'
}

small_numbers_are_learnt() {
  awk 'BEGIN { for (i = 0; i < 500; i++) print i / 250 - 1 "\t" (i / 250 - 1) ^ 2 }' >square.tsv
  new square --data square.tsv
  said && has square.yaml '^    delimiter: "\\x09"' && ! has square.yaml 'bias_initializer' &&
    trains square val_mean_absolute_error '< 0.03'
}

answers_are_learnt() {
  new ring --data ring.csv
  said && has out 'two answers' && ! has ring.yaml 'target_rule' &&
    has ring.yaml '^loss: binary_cross_entropy' && trains ring val_accuracy '> 0.93'
}

signs_are_learnt() {
  new signs --data signs.csv
  said && has signs.yaml '^  target_rule: \{equals: 1\}' && has signs.yaml '^    header: false' &&
    trains signs val_accuracy '> 0.93'
}

images_are_learnt() {
  new spots --data spots-images
  said && has out '^spots.yaml: 40 samples of 4 numbers, 4 classes' &&
    has spots.yaml '^    targets: spots-labels' && has spots.yaml '^  scale: 255 ' &&
    trains spots val_accuracy '== 1'
}

digits_are_learnt() {
  new digits --data "$root/data/digits"
  said && has out '^digits.yaml: 1,797 samples of 64 numbers, 10 classes' &&
    trains digits val_accuracy '> 0.96'
}

mnist_is_learnt() {
  new mnist --data "$MNIST"
  said && has out '^mnist.yaml: 60,000 samples of 784 numbers, 10 classes' &&
    trains mnist val_accuracy '> 0.93' --set training.epochs=1 || return 1
  run "$lockstep" eval runs/mnist
  said && has out '^data test$' && has out '^samples 10000$'
}

starter_is_learnt() {
  new line
  said && has out 'lockstep train line.yaml$' && trains line val_loss '< 0.35'
}

# ---- the file ----

# Every line that says something says why, but for those that only open a group.
every_line_has_its_reason() {
  new reasons --data houses.csv && said || return 1
  awk '/#/ || /:$/ || /^ *$/ { above = /^ *#/; next }
    above || /^        / { next } { print "no reason: " $0 }' reasons.yaml >"$work/notes"
  [[ ! -s $work/notes ]]
}

another_folder_gets_absolute_paths() {
  mkdir -p elsewhere && new elsewhere/flowers --data flowers.csv --target species
  said && has elsewhere/flowers.yaml "^    inputs: $work/flowers.csv( |\$)" &&
    has elsewhere/flowers.yaml '^    target: species ' &&
    run "$lockstep" train elsewhere/flowers.yaml --dry-run && [[ $status == 0 ]]
}

names_may_hold_anything() {
  awk -F , 'BEGIN { OFS = "," } NR == 1 { $3 = "\"a: #b\"" }
    NR > 1 { $3 = "\"" $3 ": #1\n{\"" } { print }' flowers.csv >'my #1 {data}.csv'
  new 'my #1' --data 'my #1 {data}.csv' --target 'a: #b'
  said && has out "(two answers|3 classes); train it: lockstep train 'my #1.yaml'\$" &&
    run "$lockstep" train 'my #1.yaml' --dry-run &&
    [[ $status == 0 ]]
}

ending_may_be_given() {
  new ending.yaml --data flowers.csv
  said && [[ -e ending.yaml && ! -e ending.yaml.yaml ]] || return 1
  new ending.yml --data flowers.csv
  said && [[ -e ending.yml && ! -e ending.yml.yaml ]]
}

existing_file_stays() {
  echo mine >taken.yaml
  new taken --data flowers.csv
  failed_with 73 && [[ $(cat taken.yaml) == mine ]] || return 1
  new taken --data flowers.csv --force
  said && has taken.yaml '^seed: 1'
}

# ---- what is refused ----

# refuses STATUS WORDS ARGUMENTS...: in one line with these words, and nothing is written.
refuses() {
  new refused "${@:3}"
  failed_with "$1" && has err "$2" && [[ ! -e refused.yaml ]]
}

# refuses_name NAME: as a name of a folder, or none at all.
refuses_name() {
  new "$1" --data flowers.csv
  failed_with 64 && has err "found the name '$1', expected one of a file" && [[ ! -e .yaml ]]
}

folder_is_needed() { new none/refused --data flowers.csv && failed_with 73; }

printf '' >empty.csv
printf 'x,y\n1,2\n,4\n5,6\n' >hole.csv
printf 'x,y\n1,2\n3,2\n' >same.csv
printf 'x,kind,y\na,b,1\nc,d,2\n' >words.csv
printf 'x\n1\n2\n' >one.csv
printf 'x,y,z\n1,2,3\n4,5\n' >ragged.csv
printf 'x,gr\xf6\xdfe\n1,2\n2,3\n' >latin.csv
printf 'x,size\n1,gr\xf6\xdfer\n2,kleiner\n' >latin_names.csv
head -c 1000 "$lockstep" >program.csv
cp spots-images lone.idx

check 'classes with names are learnt' names_are_learnt
check 'large numbers are learnt' large_numbers_are_learnt
check 'uneven columns are said to be, and learnt' uneven_columns_are_said_and_learnt
check 'small numbers are learnt' small_numbers_are_learnt
check 'answers of 0 and 1 are learnt' answers_are_learnt
check 'answers of -1 and 1 are learnt' signs_are_learnt
check 'images with labels are learnt' images_are_learnt
check 'the digits are learnt' digits_are_learnt
if [[ ${MNIST:-} ]]; then
  check 'MNIST is learnt, and evaluated on its test samples' mnist_is_learnt
else
  skip 'MNIST is learnt, and evaluated on its test samples' '$MNIST is not set'
fi
check 'without data a line is learnt' starter_is_learnt
check 'every line has its reason' every_line_has_its_reason
check 'in another folder paths are absolute' another_folder_gets_absolute_paths
check 'names may hold anything' names_may_hold_anything
check 'the ending .yaml or .yml may be given' ending_may_be_given
check 'a file that is there stays without --force' existing_file_stays
check 'a missing file is refused' refuses 66 'none.csv' --data none.csv
check 'an empty file is refused' refuses 65 'empty.csv: found an empty file' --data empty.csv
check 'a hole is refused with its line' refuses 65 'hole.csv:3: ' --data hole.csv
check 'targets that are all the same are refused' refuses 65 'the same target' --data same.csv
check 'columns of words are refused by name' refuses 65 "words.csv:2: .*column 'x'" --data words.csv
check 'a row of another length is refused with its line' refuses 65 \
  'ragged.csv:3: found 2 fields, expected 3 as in the first row' --data ragged.csv
check 'a column whose name is not UTF-8 is refused by its file' refuses 65 \
  'latin.csv:1: found the column .*not UTF-8' --data latin.csv --target $'gr\xf6\xdfe'
check 'a class whose name is not UTF-8 is refused with its line' refuses 65 \
  'latin_names.csv:2: found the name .*not UTF-8' --data latin_names.csv
for name in . .. ./ runs/ runs/..; do
  check "the name $name is refused" refuses_name "$name"
done
check 'a single column is refused' refuses 65 'no column but the target' --data one.csv
check 'a program is no data' refuses 65 'zero bytes, expected text' --data program.csv
check 'images without labels are refused' refuses 66 'expected --targets' --data lone.idx
check 'a misspelt column is refused' refuses 65 'did you mean species' \
  --data flowers.csv --target specie
check 'a folder without data is refused' refuses 65 'found 0 data sets' --data runs
check 'a folder with several is refused' refuses 65 'data sets, 0 of them' --data .
check 'a target without data is refused' refuses 64 'expected --data' --target x
check 'a column of IDX data is refused' refuses 64 'expected a CSV file' --data spots-images \
  --target 1
check 'labels of a CSV file are refused' refuses 64 'expected IDX data' --data flowers.csv \
  --targets spots-labels
check 'a folder that is not there is refused' folder_is_needed
summary
