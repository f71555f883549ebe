"""What more shards cost, and that a result does not depend on the ranks that share them."""
from typing import NamedTuple

import lockstep
from commands import Failure, say
from figures import epoch_seconds, find, in_turn, ratios
from markdown import NONE, block, head, row, with_spread

TITLE = "Many shards"

RANKS = 2
BASE_SHARDS = 2
SHARDS = {128: (2, 8, 16), 32: (2, 8)}  # by batch
EPOCHS = 5  # of a run, the warm-up included
HASH_SHARDS, HASH_STEPS, HASH_RANKS = 8, 100, (1, 2, 4, 8)


class Case(NamedTuple):
    """A training that takes turns with the others."""
    batch: int
    shards: int


def changes(case):
    """What differs from the configuration."""
    return {"training.batch_size": case.batch, "training.shards": case.shards,
            "training.epochs": EPOCHS}


def hash_changes():
    """The short training whose parameters are compared."""
    return {"training.batch_size": 128, "training.shards": HASH_SHARDS,
            "training.steps": HASH_STEPS}


def measure_once(case):
    """Seconds of an epoch."""
    return epoch_seconds(lockstep.train(RANKS, "mnist_512", changes(case)))


def measure(options, book):
    """The epochs in turn, then the hashes."""
    cases = [Case(batch, shards) for batch, all_shards in SHARDS.items() for shards in all_shards]
    records = in_turn(options.rounds, cases, measure_once)
    hashes = []
    for ranks in HASH_RANKS:
        say(f"parameters of {ranks} ranks")
        hashes.append([ranks, lockstep.parameter_hash(ranks, "mnist_512", hash_changes())])
    book.keep({"cases": records, "hashes": hashes})
    if len({found for _, found in hashes}) > 1:
        raise Failure("the parameters depend on the number of ranks")


def time_table(records):
    """A row per batch, a column per number of shards."""
    columns = sorted({shards for all_shards in SHARDS.values() for shards in all_shards})
    table = head("batch", f"{BASE_SHARDS} shards: s per epoch",
                 *(f"{shards} shards" for shards in columns if shards != BASE_SHARDS))
    for batch in SHARDS:
        base = find(records, batch=batch, shards=BASE_SHARDS)["rounds"]
        cells = [with_spread(base)]
        for shards in columns:
            record = find(records, batch=batch, shards=shards)
            if shards != BASE_SHARDS:
                cells.append(with_spread(ratios(record["rounds"], base), "×") if record else NONE)
        table.append(row(str(batch), *cells))
    return table


def hash_table(hashes):
    """The hash of the parameters on so many ranks."""
    table = head("ranks", "parameters")
    return table + [row(str(ranks), f"`xxh3:{found}`") for ranks, found in hashes]


def lines(result):
    """The section on the page."""
    commands = [
        lockstep.shown(RANKS, ["train", *lockstep.changed(
            "mnist_512", {**lockstep.BARE, **changes(Case(128, 8))})]),
        lockstep.shown(4, ["train", *lockstep.changed(
            "mnist_512", {**lockstep.BARE, **hash_changes()})])]
    equal = len({found for _, found in result["hashes"]}) == 1
    verdict = "are the same" if equal else "**differ**"
    return [
        f"784-512-10, RMSprop, on {RANKS} ranks: an epoch with more shards, relative to one with "
        f"{BASE_SHARDS}.", "",
        *time_table(result["cases"]), "",
        f"The parameters after {HASH_STEPS} steps of batch 128 in {HASH_SHARDS} shards {verdict} "
        "on every number of ranks:", "",
        *hash_table(result["hashes"]), "",
        "The commands, the second one for the hashes:", "",
        *block("sh", commands)]
