"""A process that makes the same updates in JAX, one for each line that it is sent.

It runs in an environment of its own, which `make bench PEERS=1` makes, and imports nothing of ours.
"""

import os
import sys
from functools import partial

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
import optax


def main() -> None:
    """Make ready, say what there is, then answer each line with the loss before an update."""
    with np.load(sys.argv[1]) as file:
        weights = {name: jnp.asarray(file[name]) for name in file}
    batch = weights.pop("inputs"), weights.pop("targets")
    adam = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))
    moments = adam.init(weights)
    update(adam, *jax.tree.map(jnp.copy, (weights, moments)), *batch)  # compiles
    print(f"JAX {jax.__version__}, {jax.default_backend()}", flush=True)
    for _ in sys.stdin:
        weights, moments, loss = update(adam, weights, moments, *batch)
        print(float(loss), flush=True)


def loss_of(weights: dict, inputs: jax.Array, targets: jax.Array) -> jax.Array:
    """Return the cross-entropy of a plain RNN, whose characters are looked up."""
    table = weights["W_xh"].T + weights["b_xh"] + weights["b_hh"]  # (V, H)

    def step(h: jax.Array, a: jax.Array) -> tuple[jax.Array, jax.Array]:
        h = jnp.tanh(a + h @ weights["W_hh"].T)
        return h, h

    a_x = table[inputs.T]  # (T, B, H)
    _, h = jax.lax.scan(step, jnp.zeros(a_x.shape[1:]), a_x)
    logits = h @ weights["W_ho"].T + weights["b_o"]
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, targets.T)
    return losses.mean()


@partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
def update(adam, weights, moments, inputs, targets):
    """Make one update: the gradient, clipped, and a step of Adam."""
    loss, gradient = jax.value_and_grad(loss_of)(weights, inputs, targets)
    steps, moments = adam.update(gradient, moments, weights)
    return optax.apply_updates(weights, steps), moments, loss


main()
