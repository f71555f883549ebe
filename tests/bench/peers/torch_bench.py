"""MNIST in eager PyTorch: one process, or DDP over gloo on several.

Batches are rows of one tensor in memory, picked by a permutation per epoch: no DataLoader. Where
PyTorch has several ways for one thing, this takes the one that measured fastest: index_select, the
fused optimizers (SGD, Adam), gradients as views of DDP's buckets.
"""
import os
import sys
import tempfile
import time

import torch
from torch import distributed, multiprocessing, nn
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

import peer


def build_model(widths):
    """Linear layers with ReLU between them; the same parameters in every process."""
    torch.manual_seed(peer.SEED)
    layers = []
    for n_inputs, n_outputs in zip(widths, widths[1:]):
        linear = nn.Linear(n_inputs, n_outputs)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def build_optimizer(name, parameters):
    """The optimizer with Keras's constants. PyTorch's RMSprop adds epsilon outside the root."""
    rate = peer.LEARNING_RATES[name]
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=rate, fused=True)
    if name == "adam":
        betas = (peer.BETA_1, peer.BETA_2)
        return torch.optim.Adam(parameters, lr=rate, betas=betas, eps=peer.EPSILON, fused=True)
    return torch.optim.RMSprop(parameters, lr=rate, alpha=peer.RHO, eps=peer.EPSILON)


def train_epoch(model, optimizer, inputs, labels, batches):
    """One step per batch, a batch being the rows of its samples; returns the steps' losses."""
    losses = []
    for rows in batches:
        optimizer.zero_grad()
        loss = cross_entropy(model(inputs.index_select(0, rows)), labels.index_select(0, rows))
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses


def mean_loss(losses, batches, ranks):
    """The loss per sample over the epoch and all ranks."""
    sizes = torch.tensor([len(rows) for rows in batches])
    mean = (torch.stack(losses) * sizes).sum() / sizes.sum()
    if ranks > 1:
        distributed.all_reduce(mean)
        mean /= ranks
    return mean.item()


def train(rank, arguments):
    """All epochs in one process; a rank takes its share of every batch."""
    torch.set_num_threads(arguments.threads)
    ranks = arguments.ranks
    inputs, labels = (torch.from_numpy(array) for array in peer.load_mnist("int64"))
    model = build_model(arguments.layers)
    if ranks > 1:
        model = DistributedDataParallel(model, gradient_as_bucket_view=True)
    optimizer = build_optimizer(arguments.optimizer, model.parameters())

    for epoch in range(1, arguments.epochs + 1):
        if ranks > 1:
            distributed.barrier()
        begin = time.perf_counter()
        batches = torch.randperm(len(inputs)).split(arguments.batch)
        batches = [rows.chunk(ranks)[rank] for rows in batches]
        losses = train_epoch(model, optimizer, inputs, labels, batches)
        if ranks > 1:
            distributed.barrier()
        seconds = time.perf_counter() - begin

        loss = mean_loss(losses, batches, ranks)
        if rank == 0:
            peer.report(epoch, seconds, loss)


def run_rank(rank, arguments, store):
    """A process of a group that meets in the file `store`."""
    distributed.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=arguments.ranks)
    train(rank, arguments)
    distributed.destroy_process_group()


def main():
    """One process by itself, or a group of them."""
    arguments = peer.parse_arguments(__doc__)
    if arguments.ranks == 1:
        train(0, arguments)
        return
    # DDP averages the ranks' gradients: right only where the ranks' shares are of one size.
    if arguments.batch % arguments.ranks or peer.N_SAMPLES % arguments.batch % arguments.ranks:
        sys.exit("the ranks do not divide the batch and the last batch of the epoch")
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        # Forked ranks need not import PyTorch again; no thread has been started yet.
        multiprocessing.start_processes(
            run_rank, args=(arguments, store), nprocs=arguments.ranks, start_method="fork")


if __name__ == "__main__":
    main()
