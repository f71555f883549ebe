#!/usr/bin/env bash
# What commands read and write, as their user sees it: a standard output that takes nothing, files
# that are none.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh

# What MPI leaves allocated lies in modules that it has unloaded: no suppression knows their names.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# tell ARGUMENTS...
tell() { run timeout --kill-after=5 60 "$lockstep" "$@"; }

# failed_with STATUS MESSAGE: in one line that ends in MESSAGE, with nothing on standard output.
failed_with() {
  equal status "$status" "$1" && equal 'lines of errors' "$(lines_of err)" 1 &&
    equal 'lines of standard output' "$(lines_of out)" 0 || return 1
  [[ $(<"$work/err") == *"$2" ]] || { note "found $(<"$work/err"), expected $2" && return 1; }
}

# ---- what the tests work on ----

{
  echo x,y,class
  for i in {1..300}; do echo "$((i % 7)),$((i % 5)),$((i % 3))"; done
} >"$work/data.csv"
cut -d , -f 1,2 "$work/data.csv" >"$work/inputs.csv"
cat >"$work/small.yaml" <<'END'
model: {input: 2, layers: [{dense: {units: 3, activation: softmax}}]}
loss: categorical_cross_entropy
optimizer: sgd
data: {train: {format: csv, inputs: data.csv, target: class}}
training: {epochs: 2, batch_size: 64}
report: {curves: false}
END
tell train "$work/small.yaml" --out "$work/small"
((status == 0)) || { cat "$work/err" && exit 1; }
model=$work/small/checkpoints/last.h5

# ---- standard output ----

loses_nothing_quietly() { # ARGUMENTS...
  status=0 && : >"$work/out"
  timeout --kill-after=5 60 "$lockstep" "$@" >/dev/full 2>"$work/err" </dev/null || status=$?
  failed_with 74 'lockstep: standard output: cannot write: No space left on device'
}

# The reader of the pipe has gone; a parent may have seen to it that no signal tells so.
leaves_a_reader_in_peace() {
  status=0
  { sleep 0.3 && (trap '' PIPE && exec "$lockstep" options 2>"$work/err"); } | true || status=$?
  equal status "$status" 74 && equal 'lines of errors' "$(lines_of err)" 0
}

check 'lockstep --help tells that its output is lost' loses_nothing_quietly --help
check 'lockstep --version tells that its output is lost' loses_nothing_quietly --version
check 'predict --help tells that its output is lost' loses_nothing_quietly predict --help
check 'options tells that its output is lost' loses_nothing_quietly options
check 'predict tells that its output is lost' loses_nothing_quietly predict "$model" --on train
check 'predict --json tells that its output is lost' \
  loses_nothing_quietly predict "$model" --on train --json
check 'inspect tells that its output is lost' loses_nothing_quietly inspect "$model"
check 'train tells that its output is lost' \
  loses_nothing_quietly train "$work/small.yaml" --out "$work/lost"
check 'train --dry-run tells that its output is lost' \
  loses_nothing_quietly train "$work/small.yaml" --dry-run
check 'nobody complains to a reader that has seen enough' leaves_a_reader_in_peace

# ---- files that are none ----

predict() { tell predict "$model" --input "$work/inputs.csv" "$@"; }
predict && cp "$work/out" "$work/expected"
holds_the_predictions() { cmp "$1" "$work/expected" >>"$work/notes"; }

writes_into_standard_output() { predict --output /dev/stdout && holds_the_predictions "$work/out"; }

appends_to_standard_output() {
  echo begun >"$work/log"
  "$lockstep" predict "$model" --input "$work/inputs.csv" --output /dev/stdout >>"$work/log"
  cmp "$work/log" <(echo begun && cat "$work/expected") >>"$work/notes"
}

writes_to_a_process() {
  predict --output >(cat >"$work/through") && wait_until holds_the_predictions "$work/through"
}

writes_into_a_full_device() {
  predict --output /dev/full
  failed_with 74 'lockstep: /dev/full: cannot write: No space left on device' && [[ -c /dev/full ]]
}

follows_a_link() {
  echo old >"$work/real.csv" && ln -sf real.csv "$work/link.csv"
  predict --output "$work/link.csv"
  holds_the_predictions "$work/real.csv" && [[ -L $work/link.csv ]]
}

names_the_output_itself() {
  predict --output "$work/none/out.csv"
  failed_with 73 "lockstep: $work/none/out.csv: cannot create: No such file or directory"
}

reads_from_a_process() {
  tell predict "$model" --format csv --input <(cat "$work/inputs.csv")
  holds_the_predictions "$work/out" || return 1
  status=0 && "$lockstep" predict "$model" --format csv --input /dev/stdin \
    <"$work/inputs.csv" >"$work/out" || status=$?
  holds_the_predictions "$work/out"
}

refuses_to_read() { # FILE WHAT ARGUMENTS...
  tell "${@:3}"
  failed_with 66 "$1: found a $2, expected a file"
}

check 'a file of predictions may be standard output' writes_into_standard_output
check 'what standard output holds already stays' appends_to_standard_output
check 'a file of predictions may be a process' writes_to_a_process
check 'a device that is full takes no predictions' writes_into_a_full_device
check 'a link is followed, and stays' follows_a_link
check 'a file that cannot be created is called as the user called it' names_the_output_itself
check 'samples may come out of a process, or of standard input' reads_from_a_process
mkfifo "$work/pipe"
for input in "$work/pipe pipe" '/dev/zero device'; do
  read -r path sort <<<"$input"
  check "a $sort is no checkpoint" refuses_to_read "$path" "$sort" inspect "$path"
  check "a $sort holds no samples" \
    refuses_to_read "$path" "$sort" predict "$model" --input "$path"
  check "a $sort is nothing to look at" \
    refuses_to_read "$path" "$sort" new "$work/looked" --data "$path"
  check "a $sort is no configuration" refuses_to_read "$path" "$sort" train "$path"
  check "a $sort is no sweep" refuses_to_read "$path" "$sort" sweep "$path"
  check "a $sort holds no first parameters" refuses_to_read "$path" "$sort" \
    train "$work/small.yaml" --out "$work/from" --quiet --init "$path"
done

# ---- what an output would destroy ----

# keeps STATUS MESSAGE ARGUMENTS...: the command is refused, and all files stay as they are.
keeps() {
  local before && before=$(folder_state "$work/kept")
  tell "${@:3}"
  equal status "$status" "$1" && equal 'lines of errors' "$(lines_of err)" 1 || return 1
  [[ $(<"$work/err") == *"$2" ]] || { note "expected $2" && return 1; }
  equal 'the files' "$(folder_state "$work/kept")" "$before"
}

mkdir "$work/kept" && cp -r "$work/small" "$work/kept/run" && cp "$work/inputs.csv" "$work/kept"
cp "$work/data.csv" "$work/kept" && ln -s data.csv "$work/kept/data_link"
ln "$work/kept/inputs.csv" "$work/kept/inputs_too.csv"
kept=$work/kept last=$work/kept/run/checkpoints/last.h5
changed=(--set "data.train.inputs=$kept/data.csv")
is_checkpoint="$last is a checkpoint; choose another name"
check 'predict --output keeps a checkpoint' \
  keeps 73 "--output: $is_checkpoint" predict "$last" --on train --output "$last"
check 'predict --pictures keeps a checkpoint' keeps 73 "--pictures: $is_checkpoint" \
  predict "$model" --on train --wrong --pictures "$last"
check 'eval --csv keeps a checkpoint' keeps 73 "--csv: $is_checkpoint" eval "$model" --csv "$last"
check 'report --output keeps a checkpoint' \
  keeps 73 "--output: $is_checkpoint" report "$model" --output "$last"
check 'inspect --plot keeps a checkpoint' \
  keeps 73 "--plot: $is_checkpoint" inspect "$model" --plot "$last"
cp "$last" "$kept/run.npz"
check 'export --output keeps a checkpoint' \
  keeps 73 "--output: $kept/run.npz is a checkpoint; choose another name" \
  export "$model" --to npz --output "$kept/run.npz"
check 'predict --output keeps its samples, whatever they are called' \
  keeps 64 "--output: $kept/inputs_too.csv is read as an input; choose another name" \
  predict "$model" --input "$kept/inputs.csv" --output "$kept/inputs_too.csv"
check 'eval --csv keeps the training samples' \
  keeps 64 "--csv: $kept/data_link is read as an input; choose another name" \
  eval "$model" "${changed[@]}" --csv "$kept/data_link"
check 'report --output keeps the training samples' \
  keeps 64 "--output: $kept/data.csv is read as an input; choose another name" \
  report "$model" "${changed[@]}" --output "$kept/data.csv"
check 'two outputs are two files' \
  keeps 64 "--report: $kept/new is the file of --csv, too; choose another name" \
  eval "$model" --csv "$kept/new" --report "$kept/new"
check 'an output has a name' \
  keeps 64 '--output: found no file name, expected one' predict "$model" --on train --output ''

# ---- folders ----

# The same is said of a run and of the folder of its checkpoints.
takes_the_checkpoints() { # COMMAND ARGUMENTS...
  tell "$1" "$work/small" "${@:2}" && cp "$work/out" "$work/of_run"
  tell "$1" "$work/small/checkpoints" "${@:2}"
  equal status "$status" 0 && cmp "$work/out" "$work/of_run" >>"$work/notes"
}

refuses_broken_ones() { # COMMAND ARGUMENTS...
  tell "$1" "$work/broken" "${@:2}"
  failed_with 65 '' && grep -q 'none of its 2 checkpoints is whole; the newest: ' "$work/err"
}

warns_of_a_broken_one() {
  tell eval "$work/half_broken"
  equal status "$status" 0 && grep -q 'warning: passed over: ' "$work/err"
}

for command in eval 'predict --on train' "report --json --output $work/page.html" \
  "export --to npz --output $work/model.npz"; do
  read -r name arguments <<<"$command"
  # shellcheck disable=SC2086  # the arguments are words
  check "$name takes the folder of checkpoints as it takes the run" \
    takes_the_checkpoints "$name" $arguments
done
for folder in broken half_broken; do cp -r "$work/small" "$work/$folder"; done
truncate -s 3000 "$work"/broken/checkpoints/*.h5 "$work/half_broken/checkpoints/step_00000010.h5"
for command in eval 'predict --on train' report 'export --to npz'; do
  # shellcheck disable=SC2086  # the arguments are words
  check "a folder of broken checkpoints is refused in one line: $command" \
    refuses_broken_ones $command
done
check 'a broken checkpoint before a whole one is warned of' warns_of_a_broken_one

# ---- pictures ----

refuses_two_outputs() {
  tell inspect "$work/small" --plot "$work/curves.svg" "$1"
  equal status "$status" 64 && [[ ! -e $work/curves.svg ]] &&
    grep -q "found --plot and $1, expected one of them" "$work/err"
}

check 'inspect refuses --plot with --json' refuses_two_outputs --json
check 'inspect refuses --plot with --tree' refuses_two_outputs --tree

draws_nothing_without_a_folder() {
  tell inspect "$work/small" --plot "$work/none/curves.svg"
  failed_with 73 "lockstep: $work/none/curves.svg: cannot create: No such file or directory"
}

draws_into_a_full_device() {
  tell inspect "$work/small" --plot /dev/full
  failed_with 74 'lockstep: /dev/full: cannot write: No space left on device'
}

draws_to_standard_output() {
  tell inspect "$work/small" --plot /dev/stdout
  equal status "$status" 0 && grep -qx '</svg>' "$work/out"
}

if type -P gnuplot >/dev/null; then
  check 'a picture in a folder that is not there is refused' draws_nothing_without_a_folder
  check 'a picture for which there is no room is refused' draws_into_a_full_device
  check 'a picture may go to standard output' draws_to_standard_output
else
  skip 'pictures of what was trained' 'gnuplot is missing'
fi

summary
