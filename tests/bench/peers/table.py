"""The comparison's section of the page, from its result."""
from statistics import median

from figures import epoch_seconds, ratios
from markdown import NONE, head, row, with_spread
from peers.contestants import CONTESTANTS, GROUPS, WORKLOADS

LOSS_EPOCH = 3  # the last one that every run has


def round_seconds(result):
    """The time of an epoch in every round."""
    return [epoch_seconds(epochs) for epochs in result["rounds"]]


def ratio_cell(results, peer, base="lockstep-2"):
    """How many times longer an epoch of `peer` takes than one of `base`."""
    if peer not in results or base not in results:
        return NONE
    both = round_seconds(results[peer]), round_seconds(results[base])
    return with_spread(ratios(*both), "×")


def pytorch_cell(results):
    """The ratio of the faster PyTorch, and which that is."""
    both = {"torch-2": "2 threads", "ddp-2": "DDP"}
    there = [name for name in both if name in results]
    if not there:
        return NONE
    fastest = min(there, key=lambda name: median(round_seconds(results[name])))
    return f"{ratio_cell(results, fastest)}, {both[fastest]}"


def ratio_table(all_results):
    """Lockstep on two ranks, and how many times longer the others take."""
    lines = head("workload", "Lockstep, 2 ranks: s per epoch", "to the faster PyTorch", "to JAX",
                 "to Keras", "two ranks to one")
    for workload, results in all_results:
        if "lockstep-2" not in results:
            continue
        lines.append(row(
            workload.title, with_spread(round_seconds(results["lockstep-2"])),
            pytorch_cell(results), ratio_cell(results, "jax"), ratio_cell(results, "keras"),
            ratio_cell(results, "lockstep-1")))
    return lines


def contestant_table(all_results, cell):
    """A column per contestant; `cell` makes the text of a result."""
    lines = head("workload", *(contestant.title for contestant in CONTESTANTS))
    for workload, results in all_results:
        lines.append(row(workload.title, *(
            cell(results[contestant.name]) if contestant.name in results else NONE
            for contestant in CONTESTANTS)))
    return lines


def loss_cell(result):
    """The loss after the same number of epochs for everybody, of the first round."""
    epochs = result["rounds"][0]
    return f"{epochs[LOSS_EPOCH - 1]['loss']:.3f}" if len(epochs) >= LOSS_EPOCH else NONE


def versions(all_results):
    """A line per group with the versions that its results come from."""
    found = {group: set() for group in GROUPS}
    groups = {contestant.name: contestant.group for contestant in CONTESTANTS}
    for _, results in all_results:
        for name, result in results.items():
            found[groups[name]].add(result["version"])
    return [f"* {' and '.join(sorted(found[group]))}" for group in GROUPS if found[group]]


def opening(all_results):
    """What was measured, when, and how."""
    found = [result for _, results in all_results for result in results.values()]
    dates = sorted(result["date"] for result in found)
    rounds = max(len(result["rounds"]) for result in found)
    return [
        "Time of one epoch of MNIST's 60,000 training samples, without loading and compiling, in "
        "Lockstep and in its peers, all of them on two cores, measured "
        f"{' to '.join(sorted({dates[0], dates[-1]}))}:", "",
        *versions(all_results), "",
        f"The contestants take turns for up to {rounds} rounds. A round gives the median of a "
        "run's epochs but the warm-up and the fastest. Lockstep has two shards, on one rank too. "
        "Above 1, Lockstep on two ranks is the faster. Keras and PyTorch on one thread are there "
        "for information, with one round where they are slow."]


def lines(result):
    """The whole section; `result` has workloads' names, and in each the contestants'."""
    all_results = [(w, result[w.name]) for w in WORKLOADS if result.get(w.name)]
    return [
        *opening(all_results), "",
        *ratio_table(all_results), "",
        "### Seconds per epoch", "",
        *contestant_table(all_results, lambda found: with_spread(round_seconds(found))), "",
        f"### Loss in epoch {LOSS_EPOCH}", "",
        "That all of them do the same work: the mean loss of the training samples. Initial "
        "parameters and the order of samples differ, and PyTorch's RMSprop adds epsilon outside "
        "the root, the others inside.", "",
        *contestant_table(all_results, loss_cell)]
