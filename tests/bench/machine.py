"""The machine that is measured on, and what the page tells of it."""
import os
import platform
import re
from datetime import date
from pathlib import Path
from statistics import median

import lockstep
from commands import Failure, build_folder, run_command, say
from markdown import block, significant

NO_CORES = 69  # the status of core_distance where there are no two cores


def processor_name():
    """The processor's name, and how many of its cores this process may use."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    cores = len(os.sched_getaffinity(0))
    return f"{name[1] if name else platform.machine()}, {cores} cores"


def build_core_distance():
    """Make the program that core_distance() runs."""
    run_command(["mpicc", "-std=c11", "-O2", "-pthread", "-o", build_folder() / "core_distance",
                 "tests/bench/core_distance.c"])


def machine_facts():
    """What does not change between two sections."""
    return {
        "processor": processor_name(),
        "system": f"{platform.system()} {platform.release()}",
        "lockstep": run_command([lockstep.program(), "info"]).splitlines(),
    }


def load_before():
    """The load before anything is measured. Reports other work, which would spoil the figures."""
    load = os.getloadavg()[0]
    if load > 0.3:
        say(f"the machine is busy (load {load:.2f}): do not trust these times")
    return load


def section_facts(load, rounds):
    """What may change between two sections."""
    return {"date": date.today().isoformat(), "version": lockstep.version(), "load": load,
            "rounds": rounds, "core_distances_ns": core_distance()}


def core_distance():
    """How long a cache line takes between two cores, in ns: a list of one; of none without two."""
    try:
        return [float(run_command([build_folder() / "core_distance"]))]
    except Failure as failure:
        if failure.status != NO_CORES:
            raise
        return []


def distance_text(values):
    """A distance, or several with their range."""
    if not values:
        return "not measured"
    text = f"{significant(median(values))} ns"
    if len(values) > 1:
        text += f" (median of {len(values)}, {significant(min(values))} to "
        text += f"{significant(max(values))})"
    return text


def opening(machine, documents):
    """What was measured, when and on what; `documents` are the files of the sections."""
    dates = sorted({document["date"] for document in documents})
    versions = sorted({document["version"] for document in documents})
    distances = [ns for document in documents for ns in document["core_distances_ns"]]
    return [
        "What Lockstep takes beside its peers, and where its time goes.", "",
        f"Measured {' to '.join(sorted({dates[0], dates[-1]}))} on {machine['processor']} "
        f"({machine['system']}) with {' and '.join(versions)}:", "",
        *block("text", machine["lockstep"]), "",
        "To measure again, with `MNIST` naming the folder of its files, on a machine that does "
        "nothing else:", "",
        *block("sh", ["make benchmarks"]), "",
        "What is compared takes turns, for as many rounds as the command below each section says. "
        "A cell gives the median of the rounds and in brackets the lowest and the highest; ratios "
        "are taken round by round.", "",
        "How fast two cores reach each other decides much of what two ranks can do, and on a "
        "virtual machine it may change from one second to the next. A cache line took "
        f"{distance_text(distances)} from one core to the other, measured before and after every "
        "section."]


def section_end(name, document):
    """How to measure a section again, and how the machine was meanwhile."""
    distances = [f"{significant(ns)} ns" for ns in document["core_distances_ns"]]
    return [
        f"`tests/bench/benchmarks --sections {name} --rounds {document['rounds']} --output "
        f"docs/benchmarks.md` measures this section again. The machine's load before: "
        f"{document['load']:.2f}; a cache line's way from core to core before and after: "
        f"{', '.join(distances) or 'not measured'}."]
