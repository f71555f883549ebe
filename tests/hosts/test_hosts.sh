#!/usr/bin/env bash
# Training on several hosts, each with a name, a network address and a /dev/shm of its own: the bits
# of one process, whatever the hosts and however the run ended before.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/hosts/cluster
source tests/hosts/cluster
if reason=$(cluster_lacks); then
  echo "ok - training on several hosts # SKIP $reason"
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
fi
cluster_enter tests/hosts/test_hosts.sh
# shellcheck source=tests/support/script.sh
source tests/support/script.sh
limit=25

# 1,438 samples in batches of 100, the last one of 38; 11 shards; 14 blocks of parameters.
digits=(
  configs/digits.yaml
  --set 'model.layers=[{dense: {units: 150, activation: relu}}, {dropout: {rate: 0.2}},
    {dense: {units: 10, activation: softmax}}]'
  --set training.batch_size=100 --set training.shards=11 --set optimizer.clip_norm=0.5
  --set report.curves=false
)
short=("${digits[@]}" --set training.epochs=2)
long=("${digits[@]}" --set training.epochs=40 --set checkpoint.every_steps=5)

metrics_of() { cut -d , -f 1,2,4- "$1/metrics.csv"; } # without the seconds

# What the runs are compared with: refer_to FOLDER WORDS..., in one process without mpirun.
refer_to() {
  reference=$work/$1
  run "$lockstep" train --out "$reference" "${@:2}"
  hash=$(parameter_hash)
  equal status "$status" 0 && [[ $hash ]]
}

train_on() { # HOSTS RANKS FOLDER WORDS...
  run run_on "$1" "$2" "$lockstep" train --out "$3" "${@:4}"
}

ends_like_the_reference() { # FOLDER
  equal status "$status" 0 &&
    equal hash "$(parameter_hash)" "$hash" &&
    equal metrics.csv "$(metrics_of "$1")" "$(metrics_of "$reference")"
}

# says WHAT PATTERN: a line of the plan.
says() {
  if ! grep -qE "^$1 +$2" "$work/out"; then
    note "$1: found '$(sed -n "s/^$1 *//p" "$work/out")', expected '$2'"
    return 1
  fi
}

same_on() { # HOSTS RANKS TOTAL REDUCTION PATH
  train_on "$1" "$2" "$work/run" --force "${short[@]}" --set "training.reduction=$4"
  ends_like_the_reference "$work/run" && says ranks "$3 on $1 hosts," && says reduction "$5,"
}

check_layouts() {
  local path ways='auto message allreduce'
  for path in $ways; do
    check "2 hosts, a rank each, $path" same_on 2 1 2 "$path" "${path/auto/(shared|message)}"
    check "3 hosts, a rank each, $path" same_on 3 1 3 "$path" "${path/auto/(shared|message)}"
    check "2 hosts, 2 ranks each, $path" same_on 2 2 4 "$path" "${path/auto/shared}"
    check "2 hosts, 3 ranks and 1, $path" same_on 2 3,1 4 "$path" "${path/auto/shared}"
    map_by=node \
      check "2 hosts, ranks dealt in turn, $path" same_on 2 2 4 "$path" "${path/auto/shared}"
  done
  check '3 hosts, 1, 3 and 2 ranks, auto' same_on 3 1,3,2 6 auto shared
}

# ---- hosts that are not alike ----

goes_without_shared_memory() {
  local same=yes
  in_host n2 mount -t tmpfs -o size=16m small /dev/shm
  same_on 2 2 4 auto message || same=''
  in_host n2 umount /dev/shm
  [[ $same ]]
}

names_the_host_that_lacks_the_data() {
  in_host n2 mount -t tmpfs none data/digits
  train_on 2 2 "$work/lacking" "${short[@]}"
  in_host n2 umount data/digits
  equal status "$status" 66 && grep -q 'digits.csv.gz.*host n2' "$work/err"
}

# ---- runs that end before their time ----

# The step of the newest checkpoint, out of its readable first lines.
saved_step() { # FOLDER
  head -c 512 "$1/checkpoints/last.h5" 2>/dev/null | sed -n 's/^step //p'
}

has_saved() { (($(saved_step "$1") >= $2)); } # FOLDER STEP

processes_on() { in_host "$1" 'pgrep --ns $$ --nslist uts -x lockstep'; } # HOST
none_left() { ! pgrep -x 'lockstep|orted|mpirun' >/dev/null; }

# A signal to one rank of the second host, in the midst of the run; the seconds until its end.
interrupt() { # SIGNAL HOSTS RANKS FOLDER
  local begin processes
  run_on "$2" "$3" "$lockstep" train --out "$4" "${long[@]}" >"$work/out" 2>"$work/err" </dev/null &
  wait_until has_saved "$4" 50 && processes=$(processes_on n2) || return 1
  begin=$SECONDS status=0
  kill -s "$1" "${processes%%$'\n'*}"
  wait $! || status=$?
  seconds=$((SECONDS - begin))
  note "saved step $(saved_step "$4") of 600, $1: status $status, $seconds s"
}

ends_with_a_killed_rank() {
  interrupt KILL 2 2 "$work/killed" || return 1
  ((status != 0 && seconds < 30)) && wait_until none_left
}

saves_when_one_rank_is_asked() {
  interrupt TERM 3 1 "$work/asked" || return 1
  equal status "$status" 75 && wait_until none_left
}

goes_on_with() { # HOSTS RANKS FOLDER
  local step
  step=$(saved_step "$3")
  note "from step $step of 600"
  ((step > 0 && step < 600)) || return 1
  train_on "$1" "$2" "$3" "${long[@]}" --resume
  ends_like_the_reference "$3"
}

stops_after_steps() { # HOSTS RANKS FOLDER
  train_on "$1" "$2" "$3" "${long[@]}" --set training.steps=333
  equal status "$status" 0 && equal 'saved step' "$(saved_step "$3")" 333
}

# ---- the checks ----

cluster_make 3
check 'one process, without mpirun' refer_to short "${short[@]}"
check_layouts
check 'one host without room in /dev/shm' goes_without_shared_memory
check 'data that one host lacks end the run, by its name' names_the_host_that_lacks_the_data

check 'a longer run in one process' refer_to long "${long[@]}"
check 'stopped after some steps on 2 hosts' stops_after_steps 2 1 "$work/stopped"
check '... ended on 3 hosts' goes_on_with 3 1,2,1 "$work/stopped"
check 'a killed rank ends 2 hosts, and leaves no process' ends_with_a_killed_rank
check '... ended on 3 hosts' goes_on_with 3 1 "$work/killed"
check 'SIGTERM to a rank on another host saves and stops' saves_when_one_rank_is_asked
check '... ended on 2 hosts' goes_on_with 2 3,1 "$work/asked"

summary
