#!/usr/bin/env bash
# Runs tests/unit/distributed/test_ranks.c, which by itself is a run of one rank, on several numbers
# of ranks: with 2 ranks alone every sum commutes, and a test proves nothing.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/script.sh
source tests/support/script.sh
program=${BUILD:-build}/tests/unit/distributed/test_ranks
export CMOCKA_MESSAGE_OUTPUT=TAP

# Every test on each number of ranks is a line of the report.
for ranks in 2 3 4 5 7 8; do
  run run_local -n "$ranks" "$program"
  sed -n -E "s/^((not )?ok)( [0-9]+)? - (.*[a-z_]{8}.*)/\1 - $ranks ranks: \4/p" "$work/out"
  bad=$(grep -c '^not ok' "$work/out" || true)
  passed=$((passed + $(grep -c '^ok' "$work/out" || true)))
  if ((status != 0 && bad == 0)); then
    bad=1
    echo "not ok - $ranks ranks: status $status"
    sed 's/^/#   /' "$work"/out "$work"/err
  fi
  failed=$((failed + bad))
done

summary
