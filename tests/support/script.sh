# shellcheck shell=bash
# What the .sh tests share. Source it from the root of the repository.
#
# Makes $work, a folder that is removed at the end. A test checks with `check`, and ends with
# `summary`. After `run` and `train` the outcome is in $status, $work/out and $work/err.

lockstep=${BUILD:-build}/lockstep
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# Every run is bounded twice: by mpirun, and by timeout in case that mpirun itself hangs.
limit=60
run_local() { timeout --kill-after=5 $((limit + 10)) launch/local --timeout "$limit" "$@"; }

# check NAME COMMAND...: one line of the report. -e does not hold inside, so checks chain with &&;
# what a check has to say about its failure it gives to `note`.
check() {
  local name=$1
  : >"$work/notes"
  if "${@:2}"; then
    passed=$((passed + 1))
    echo "ok - $name"
  else
    failed=$((failed + 1))
    echo "not ok - $name"
    { cat "$work/notes"; tail -n 20 "$work/out"; tail -n 20 "$work/err"; } 2>/dev/null |
      sed 's/^/#   /'
  fi
}

# skip NAME REASON
skip() {
  skipped=$((skipped + 1))
  echo "ok - $1 # SKIP $2"
}

note() { echo "$*" >>"$work/notes"; }

# equal WHAT FOUND EXPECTED: true if both are the same and not empty.
equal() {
  if [[ $2 == "$3" && $2 ]]; then return 0; fi
  note "$1: found '$2', expected '$3'"
  return 1
}

# run COMMAND...
run() {
  status=0
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# train RANKS FOLDER ARGUMENTS...: a run that leaves its files in FOLDER.
train() { run run_local -n "$1" "$lockstep" train --out "$2" "${@:3}"; }

lines_of() { wc -l <"$work/$1"; }

# The hash in the output of the latest run; empty if there is none.
parameter_hash() { sed -n 's/^parameters xxh3:\([0-9a-f]\{32\}\)$/\1/p' "$work/out"; }

# Everything in a folder: names and contents, as one hash.
folder_state() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0r sha256sum | sha256sum); }

# True if metrics.csv has more than so many epochs by now.
has_trained() { (($(wc -l <"$1/metrics.csv") > $2 + 1)); } # FOLDER EPOCHS

wait_until() {
  for _ in {1..1000}; do
    if "$@" 2>/dev/null; then return 0; fi
    sleep 0.02
  done
  note "waited in vain for: $*"
  return 1
}

summary() {
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
}
