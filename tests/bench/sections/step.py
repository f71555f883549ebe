"""What a step costs beside its matrix products, and where its time goes on two ranks."""
from typing import NamedTuple

import lockstep
from figures import find, in_turn
from markdown import block, head, row, with_spread

TITLE = "A step and its matrix products"

SHARDS = 2
OPTIMIZERS = {32: "adam", 128: "rmsprop", 1024: "rmsprop"}  # by batch
TITLES = {32: "batch 32, Adam", 128: "batch 128, RMSprop", 1024: "batch 1024, RMSprop"}
INNER_ROUNDS = 5  # of one `lockstep bench step`
PARTS = ("step", "gather", "forward", "backward", "exchange", "sum and update", "publish",
         "waiting for ranks (a part of the step)")


class Case(NamedTuple):
    """A measurement that takes turns with the others."""
    ranks: int
    batch: int
    engine: str


def words(case):
    """The command behind `lockstep`."""
    return ["bench", "step", *lockstep.changed("mnist_512", {
        "data.validation": "null", "training.batch_size": case.batch,
        "training.shards": SHARDS, "optimizer.name": OPTIMIZERS[case.batch],
        "compute.engine": case.engine}), "--rounds", INNER_ROUNDS]


def measure_once(case):
    """The medians of one run, by part: seconds, and a ratio."""
    rows = lockstep.bench(case.ranks, words(case)[1:])
    return {row["part"]: row.get("seconds", row.get("ratio"))["median"] for row in rows}


def measure(options, book):
    """One rank with every engine that there is, and two ranks with the default one."""
    engines = lockstep.info()["engines"]
    cases = [Case(1, batch, engine)
             for batch in OPTIMIZERS for engine, version in engines.items() if version]
    cases += [Case(2, batch, "auto") for batch in OPTIMIZERS]
    book.keep({"engines": engines, "cases": in_turn(options.rounds, cases, measure_once)})


def part_cell(record, part, factor=1.0):
    """One part of a step."""
    return with_spread([factor * found[part] for found in record["rounds"]])


def engine_table(result):
    """A column per engine that was measured; the others are named."""
    there = {name: version for name, version in result["engines"].items() if version}
    table = head("one rank", *(f"{name} ({version})" for name, version in there.items()))
    for batch, title in TITLES.items():
        records = [find(result["cases"], ranks=1, batch=batch, engine=name) for name in there]
        table.append(row(f"{title}: step / products", *(
            part_cell(record, "step / products (ratio)") for record in records)))
        table.append(row(f"{title}: step, ms", *(
            part_cell(record, "step", 1e3) for record in records)))
    absent = [name for name in result["engines"] if name not in there]
    if absent:
        table += ["", f"Not in this build, and left out: {', '.join(absent)}."]
    return table


def part_table(result):
    """A row per part of a step on two ranks."""
    records = [find(result["cases"], ranks=2, batch=batch) for batch in TITLES]
    table = head("rank 0 of two, µs", *TITLES.values())
    for part in PARTS:
        table.append(row(part, *(part_cell(record, part, 1e6) for record in records)))
    return table


def lines(result):
    """The section on the page."""
    commands = [lockstep.shown(1, words(Case(1, 128, "native"))),
                lockstep.shown(2, words(Case(2, 128, "auto")))]
    return [
        f"A step of 784-512-10 in {SHARDS} shards. First on one rank: how many times longer it "
        "takes than its matrix products alone with the same engine, measured in turn; and the "
        "step itself.", "",
        *engine_table(result), "",
        "Then the parts of a step on two ranks, with the default engine. Waiting is no phase of "
        "its own; the phases contain it.", "",
        *part_table(result), "",
        f"A round is the median of {INNER_ROUNDS} times 40 steps in one process:", "",
        *block("sh", commands)]
