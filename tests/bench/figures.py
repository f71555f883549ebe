"""Figures from repeated runs, and the runs that give them."""
from statistics import median

from commands import say


def in_turn(rounds, cases, measure_once):
    """Measure every case, round by round: A B C A B C, so that what disturbs the machine disturbs
    all of them. A case is a named tuple; its record has the fields and what each round gave.
    """
    records = [{**case._asdict(), "rounds": []} for case in cases]
    for number in range(1, rounds + 1):
        say(f"round {number} of {rounds}")
        for case, record in zip(cases, records):
            say("  " + ", ".join(f"{name} {value}" for name, value in case._asdict().items()))
            record["rounds"].append(measure_once(case))
    return records


def find(records, **fields):
    """The record that has these fields, or None."""
    return next((record for record in records if fields.items() <= record.items()), None)


def epoch_seconds(epochs):
    """The time of a run's epoch: the median of its epochs but the warm-up and the fastest.

    The fastest stays where only one or two have been measured.
    """
    seconds = sorted(epoch["seconds"] for epoch in epochs[1:])
    return median(seconds[1:] if len(seconds) > 2 else seconds)


def ratios(numerators, denominators):
    """Round by round, as the two were run in turn."""
    return [a / b for a, b in zip(numerators, denominators)]
