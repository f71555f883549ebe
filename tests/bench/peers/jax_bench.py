"""MNIST in JAX: an epoch is one jitted lax.scan over its steps.

The strongest of the ways to write it: compiled before the first epoch, the state donated, the
samples of a step gathered inside the scan. The optimizers are written out as Keras has them.
"""
import os
import time

import numpy as np

import peer

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax  # noqa: E402  (reads JAX_PLATFORMS)
import jax.numpy as jnp  # noqa: E402


def initial_parameters(widths, rng):
    """A kernel and a bias per layer."""
    parameters = []
    for n_inputs, n_outputs in zip(widths, widths[1:]):
        bound = np.sqrt(6 / (n_inputs + n_outputs))
        kernel = rng.uniform(-bound, bound, (n_inputs, n_outputs)).astype(np.float32)
        parameters.append((jnp.asarray(kernel), jnp.zeros(n_outputs)))
    return parameters


def initial_slots(name, parameters):
    """What the optimizer keeps between steps."""
    zeros = {"sgd": 0, "rmsprop": 1, "adam": 2}[name]
    return [jax.tree.map(jnp.zeros_like, parameters) for _ in range(zeros)]


def loss_of(parameters, x, labels):
    """Mean softmax cross-entropy of the network's logits."""
    for kernel, bias in parameters[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = parameters[-1]
    log_p = jax.nn.log_softmax(x @ kernel + bias)
    return -jnp.mean(jnp.take_along_axis(log_p, labels[:, None], axis=1))


def sgd(rate, step, parameters, slots, gradients):
    """p -= rate g"""
    return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), slots


def rmsprop(rate, step, parameters, slots, gradients):
    """v = rho v + (1 - rho) g^2; p -= rate g / sqrt(v + epsilon)"""
    v = jax.tree.map(lambda v, g: peer.RHO * v + (1 - peer.RHO) * g * g, slots[0], gradients)
    parameters = jax.tree.map(
        lambda p, v, g: p - rate * g * jax.lax.rsqrt(v + peer.EPSILON), parameters, v, gradients)
    return parameters, [v]


def adam(rate, step, parameters, slots, gradients):
    """p -= rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)"""
    beta_1, beta_2 = peer.BETA_1, peer.BETA_2
    m = jax.tree.map(lambda m, g: m + (1 - beta_1) * (g - m), slots[0], gradients)
    v = jax.tree.map(lambda v, g: v + (1 - beta_2) * (g * g - v), slots[1], gradients)
    rate = rate * jnp.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    parameters = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) + peer.EPSILON), parameters, m, v)
    return parameters, [m, v]


def make_epoch(name, batch):
    """The function of an epoch: (state, inputs, labels, order) to (state, loss per sample)."""
    optimizer = {"sgd": sgd, "rmsprop": rmsprop, "adam": adam}[name]
    rate = peer.LEARNING_RATES[name]

    def take(array, rows):
        return array.at[rows].get(mode="promise_in_bounds")

    def train_epoch(state, inputs, labels, order):
        def train_step(state, rows):
            step, parameters, slots = state
            loss, gradients = jax.value_and_grad(loss_of)(
                parameters, take(inputs, rows), take(labels, rows))
            parameters, slots = optimizer(rate, step, parameters, slots, gradients)
            return (step + 1, parameters, slots), loss * len(rows)

        n_full = len(order) // batch * batch
        state, losses = jax.lax.scan(train_step, state, order[:n_full].reshape(-1, batch))
        total = losses.sum()
        if n_full < len(order):
            state, loss = train_step(state, order[n_full:])
            total += loss
        return state, total / len(order)

    return jax.jit(train_epoch, donate_argnums=0)


def main():
    """Compile the epoch, then run it so many times."""
    arguments = peer.parse_arguments(__doc__)
    peer.require_one_rank(arguments)
    peer.limit_cores(arguments.threads)
    inputs, labels = (jnp.asarray(array) for array in peer.load_mnist("int32"))
    rng = np.random.default_rng(peer.SEED)
    parameters = initial_parameters(arguments.layers, rng)
    state = (jnp.float32(1), parameters, initial_slots(arguments.optimizer, parameters))

    order = np.arange(len(inputs), dtype=np.int32)
    train_epoch = make_epoch(arguments.optimizer, arguments.batch)
    train_epoch = train_epoch.lower(state, inputs, labels, order).compile()

    for epoch in range(1, arguments.epochs + 1):
        begin = time.perf_counter()
        order = rng.permutation(len(inputs)).astype(np.int32)
        state, loss = jax.block_until_ready(train_epoch(state, inputs, labels, order))
        peer.report(epoch, time.perf_counter() - begin, loss)


if __name__ == "__main__":
    main()
