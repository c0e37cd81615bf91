"""A process that makes the same updates in JAX, one for each line that it is sent.

It runs in an environment of its own, which `make bench PEERS=1` makes, and imports nothing of ours.
"""

import os
import sys
from functools import partial

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):  # one core, whatever XLA makes of its flags
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
import optax


def main() -> None:
    """Make ready, say what there is, then answer each line with the loss after an update."""
    V, H, B, T = map(int, sys.argv[1:])
    keys = iter(jax.random.split(jax.random.key(0), 9))

    def draw(*shape: int) -> jax.Array:
        return jax.random.uniform(next(keys), shape, minval=-(H**-0.5), maxval=H**-0.5)

    weights = {
        "W_xh": draw(V, H), "W_hh": draw(H, H), "b_h": draw(H), "W_ho": draw(H, V), "b_o": draw(V),
    }  # fmt: skip
    inputs, targets = jax.random.randint(next(keys), (2, B, T), 0, V)
    adam = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))
    moments = adam.init(weights)
    weights, moments, _ = update(adam, weights, moments, inputs, targets)  # compiles
    print(f"JAX {jax.__version__}, {jax.default_backend()}", flush=True)
    for _ in sys.stdin:
        weights, moments, loss = update(adam, weights, moments, inputs, targets)
        print(float(loss), flush=True)


def loss_of(weights: dict, inputs: jax.Array, targets: jax.Array) -> jax.Array:
    """Return the cross-entropy of a plain RNN, whose characters are looked up."""
    a_x = jnp.swapaxes(weights["W_xh"][inputs] + weights["b_h"], 0, 1)  # (T, B, H)

    def step(h: jax.Array, a: jax.Array) -> tuple[jax.Array, jax.Array]:
        h = jnp.tanh(a + h @ weights["W_hh"])
        return h, h

    _, h = jax.lax.scan(step, jnp.zeros(a_x.shape[1:]), a_x)
    logits = h @ weights["W_ho"] + weights["b_o"]
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, targets.T)
    return losses.mean()


@partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
def update(adam, weights, moments, inputs, targets):
    """Make one update: the gradient, clipped, and a step of Adam."""
    loss, gradient = jax.value_and_grad(loss_of)(weights, inputs, targets)
    steps, moments = adam.update(gradient, moments, weights)
    return optax.apply_updates(weights, steps), moments, loss


main()
