"""What it costs to start more ranks than there are cores."""
from typing import NamedTuple

import lockstep
from figures import epoch_seconds, find, in_turn, ratios
from markdown import block, head, row, with_spread

TITLE = "More ranks than cores"

MANY, FEW = 8, 2
CHANGES = {"training.batch_size": 1024, "training.shards": MANY, "training.epochs": 5}


class Case(NamedTuple):
    """A training that takes turns with the other."""
    ranks: int


def measure_once(case):
    """Seconds of an epoch."""
    return epoch_seconds(lockstep.train(case.ranks, "mnist_512", CHANGES))


def measure(options, book):
    """The two in turn."""
    book.keep({"cases": in_turn(options.rounds, [Case(FEW), Case(MANY)], measure_once)})


def lines(result):
    """The section on the page."""
    few, many = (find(result["cases"], ranks=ranks)["rounds"] for ranks in (FEW, MANY))
    words = ["train", *lockstep.changed("mnist_512", {**lockstep.BARE, **CHANGES})]
    return [
        f"784-512-10, RMSprop, batch {CHANGES['training.batch_size']} in {MANY} shards, on two "
        "cores.", "",
        *head(f"{FEW} ranks: s per epoch", f"{MANY} ranks: s per epoch", "ratio"),
        row(with_spread(few), with_spread(many), with_spread(ratios(many, few), "×")), "",
        *block("sh", [lockstep.shown(ranks, words) for ranks in (FEW, MANY)])]
