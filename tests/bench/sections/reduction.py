"""The sum over two ranks beside MPI_Allreduce."""
from typing import NamedTuple

import lockstep
from figures import in_turn
from markdown import block, head, row, with_spread

TITLE = "The reduction"

INNER_ROUNDS = 15  # of one `lockstep bench reduce`
WORDS = ["bench", "reduce", "--rounds", INNER_ROUNDS]


class Case(NamedTuple):
    """The one measurement of this section."""
    ranks: int


def measure_once(case):
    """The medians of one run, by size."""
    return [{"bytes": found["bytes"], "path": found["path"],
             "seconds": found["seconds"]["median"],
             "allreduce_seconds": found["allreduce_seconds"]["median"],
             "ratio": found["ratio"]["median"]}
            for found in lockstep.bench(case.ranks, WORDS[1:])]


def measure(options, book):
    """All sizes, several times."""
    book.keep({"cases": in_turn(options.rounds, [Case(2)], measure_once)})


def size_text(n_bytes):
    """4096 as 4 KiB."""
    return f"{n_bytes >> 20} MiB" if n_bytes >= 1 << 20 else f"{n_bytes >> 10} KiB"


def lines(result):
    """The section on the page."""
    record = result["cases"][0]
    table = head("vector", "path", "Lockstep, µs", "MPI_Allreduce, µs", "ratio")
    for same_size in zip(*record["rounds"]):
        table.append(row(
            size_text(same_size[0]["bytes"]), same_size[0]["path"],
            with_spread([1e6 * found["seconds"] for found in same_size]),
            with_spread([1e6 * found["allreduce_seconds"] for found in same_size]),
            with_spread([found["ratio"] for found in same_size], "×")))
    return [
        "The sum of a vector over two ranks on one host, here and by Open MPI. Below 1, Lockstep's "
        "takes less time.", "",
        *table, "",
        f"A round is the median of {INNER_ROUNDS} in one process, the two in turn:", "",
        *block("sh", [lockstep.shown(record["ranks"], WORDS)])]
