#!/usr/bin/env bash
# Runs the programs of tests/unit/distributed/ that work on any number of ranks, and are runs of one
# rank by themselves, on several: with 2 ranks alone every sum commutes, and a test proves nothing.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh
programs=${BUILD:-build}/tests/unit/distributed
export CMOCKA_MESSAGE_OUTPUT=TAP

# Every test of a program is a line of the report.
run_on() { # RANKS PROGRAM
  run run_local -n "$1" "$programs/$2"
  sed -n -E "s/^((not )?ok)( [0-9]+)? - (.*[a-z_]{8}.*)/\1 - $1 ranks: \4/p" "$work/out"
  local bad
  bad=$(grep -c '^not ok' "$work/out" || true)
  passed=$((passed + $(grep -c '^ok' "$work/out" || true)))
  if ((status != 0 && bad == 0)); then
    bad=1
    echo "not ok - $1 ranks: $2: status $status"
    sed 's/^/#   /' "$work"/out "$work"/err
  fi
  failed=$((failed + bad))
}

for ranks in 2 3 4 5 7 8; do
  for program in test_ranks test_step_report; do run_on "$ranks" "$program"; done
done

summary
