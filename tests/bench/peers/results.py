"""The results of a comparison as files: RESULTS/WORKLOAD/CONTESTANT.json and RESULTS/machine.json.

A file holds every round of its contestant, epoch by epoch; the statistics are made when a table is.
"""
import json
from statistics import median


def workload_folder(folder, workload):
    """Where the files of a workload are."""
    return folder / workload.name.replace(" ", "_")


def write_result(folder, workload, contestant, facts, rounds):
    """Keep the rounds of a contestant so far, with the facts about them."""
    path = workload_folder(folder, workload) / f"{contestant.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    result = {"workload": workload.name, "contestant": contestant.name, **facts, "rounds": rounds}
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def remove_result(folder, workload, contestant):
    """Forget an earlier result, so that none of another day stands in for a run that fails."""
    (workload_folder(folder, workload) / f"{contestant.name}.json").unlink(missing_ok=True)


def read_results(folder, workload):
    """The results of a workload by contestant's name; those that are there."""
    files = sorted(workload_folder(folder, workload).glob("*.json"))
    results = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {result["contestant"]: result for result in results}


def write_machine(folder, facts):
    """Keep the facts about the machine that the latest run was made on."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "machine.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def read_machine(folder):
    """The facts about the machine of the latest run."""
    return json.loads((folder / "machine.json").read_text(encoding="utf-8"))


def epoch_seconds(epochs):
    """The time of a run's epoch: the median of its epochs but the warm-up and the fastest.

    The fastest stays where only one or two have been measured.
    """
    seconds = sorted(epoch["seconds"] for epoch in epochs[1:])
    return median(seconds[1:] if len(seconds) > 2 else seconds)


def round_seconds(result):
    """The time of an epoch in every round."""
    return [epoch_seconds(epochs) for epochs in result["rounds"]]


def ratios(numerator, denominator):
    """Round by round, as the two were run in turn: how many times longer an epoch takes."""
    return [a / b for a, b in zip(round_seconds(numerator), round_seconds(denominator))]
