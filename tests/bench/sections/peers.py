"""An epoch of every workload in Lockstep and in its peers, in turn.

A run has a warm-up epoch and then as many as fit in some seconds, at least two; from the second
round on a single one, where it takes long. Contestants that only inform (Keras, PyTorch on one
thread) are not repeated where they are slow.
"""
import re
import time
from datetime import date

import lockstep
from commands import Failure, run_command, say
from figures import epoch_seconds
from peers import contestants, table

TITLE = "Beside PyTorch, JAX and Keras"
HAS_PARTS = True  # by workload and contestant

BUDGET_S = 1.5  # measured epochs of one run, within these bounds
MIN_EPOCHS, MAX_EPOCHS = 2, 10
LONG_EPOCH_S = 3.0  # one measured epoch is enough after the first round
SLOW_RUN_S = 6.0  # a run for information that takes longer is not repeated

PACKAGES = {"torch": ["torch"], "jax": ["jax", "jaxlib"], "keras": ["keras", "tensorflow_cpu"]}
NAMES = {"torch": "PyTorch", "jax": "JAX", "jaxlib": "jaxlib", "keras": "Keras",
         "tensorflow_cpu": "TensorFlow (CPU)"}


def python_of(options, group):
    """The Python that runs a peer."""
    venv = options.venv_jax if group == "jax" and options.venv_jax else options.venv
    python = venv / "bin" / "python"
    if not python.exists():
        raise Failure(f"{venv} is no virtual environment: tests/bench/peers/setup")
    return python


def version_of(options, group):
    """The versions of a group's packages, as the page shows them."""
    if group == "lockstep":
        return lockstep.version()
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    packages = PACKAGES[group]
    found = run_command([python_of(options, group), "-c", code, *packages]).split()
    return ", ".join(f"{NAMES[name]} {version}" for name, version in zip(packages, found))


def epochs_for(rounds):
    """How many epochs the next run gets, the warm-up included, from how long they took so far."""
    if not rounds:
        return 1 + MIN_EPOCHS
    seconds = epoch_seconds(rounds[-1])
    if seconds > LONG_EPOCH_S:
        return 1 + 1
    return 1 + max(MIN_EPOCHS, min(MAX_EPOCHS, round(BUDGET_S / seconds)))


def run_once(options, contestant, workload, rounds):
    """One more round of a contestant; whether it takes part in the next."""
    epochs = epochs_for(rounds)
    begin = time.monotonic()
    if contestant.group == "lockstep":
        found = contestants.run_lockstep(contestant, workload, epochs)
    else:
        python = python_of(options, contestant.group)
        found = contestants.run_peer(python, contestant, workload, epochs)
    elapsed = time.monotonic() - begin
    if len(found) != epochs:
        raise Failure(f"{len(found)} epochs of {epochs}")

    rounds.append(found)
    say(f"  {contestant.title:22} {epoch_seconds(found):8.4f} s per epoch, loss "
        f"{found[-1]['loss']:.4f} after {epochs} epochs, {elapsed:.1f} s in all")
    return contestant.decisive or elapsed <= SLOW_RUN_S


def compare_workload(options, workload, versions, book):
    """All rounds of a workload, kept as they come; returns how many contestants failed."""
    remaining = [c for c in contestants.CONTESTANTS if c.group in options.peers]
    rounds = {contestant: [] for contestant in remaining}
    kept = book.result.setdefault(workload.name, {})
    for contestant in remaining:
        kept.pop(contestant.name, None)
    n_failed = 0
    for number in range(1, options.rounds + 1):
        say(f"{workload.title}: round {number} of {options.rounds}")
        for contestant in list(remaining):
            try:
                goes_on = run_once(options, contestant, workload, rounds[contestant])
            except Failure as failure:
                say(f"  {contestant.title:22} failed: {failure}")
                n_failed += 1
                remaining.remove(contestant)
                continue
            kept[contestant.name] = {
                "version": versions[contestant.group], "date": date.today().isoformat(),
                "rounds": rounds[contestant]}
            book.keep(book.result)
            if not goes_on:
                remaining.remove(contestant)
    return n_failed


def measure(options, book):
    """Run the workloads and the contestants that were asked for."""
    chosen = [w for w in contestants.WORKLOADS if re.search(options.only, w.name)]
    if not chosen:
        raise Failure("no workload matches; --list prints them")
    versions = {group: version_of(options, group) for group in options.peers}
    n_failed = sum(compare_workload(options, workload, versions, book) for workload in chosen)
    if n_failed:
        raise Failure(f"{n_failed} contestants failed")


def lines(result):
    """The section on the page."""
    return table.lines(result)
