"""Several processes that train one model together; alone, each function here changes nothing.

`torchrun` starts the processes and tells them of each other. Each reads its own streams, torch's
DistributedDataParallel takes the mean of their gradients, and so all keep the same weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import distributed, nn


@contextmanager
def joined(device: str = "auto") -> Iterator[torch.device | None]:
    """Join the processes that `torchrun` has started, and leave them at the end.

    All processes of a machine choose alike: each its own GPU where there is one for every process,
    with the backend nccl; else all of them the processor, with gloo.

    Args:
        device: `"cpu"`, `"cuda"`, or `"auto"` for GPUs if there are enough.

    Yields:
        The device of this process; None where no `torchrun` has started it.

    Raises:
        ValueError: If processes cannot share such a device, or there are too few of it.
    """
    if not distributed.is_torchelastic_launched():
        yield None
        return
    here, local = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["LOCAL_RANK"])
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device not in ("auto", "cpu", "cuda"):
        raise ValueError(f"several processes train on cpu or on cuda, not on {device!r}")
    if device == "cuda" and gpus < here:
        raise ValueError(f"{here} processes need as many GPUs, and there are {gpus}")
    own = torch.device("cuda", local) if device != "cpu" and gpus >= here else torch.device("cpu")
    if own.type == "cuda":
        torch.cuda.set_device(own)
    distributed.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
    finally:
        distributed.destroy_process_group()


def count() -> int:
    """Return how many processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_first() -> bool:
    """Tell whether this process is the one that writes files and speaks."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


def own_rows(B: int) -> slice:
    """Return which of B streams are read by this process.

    Raises:
        ValueError: If B streams cannot be shared out equally.
    """
    if B % count():
        raise ValueError(f"{B} streams cannot be shared out to {count()} processes equally")
    rank, rows = (distributed.get_rank() if distributed.is_initialized() else 0), B // count()
    return slice(rank * rows, (rank + 1) * rows)


def together(model: nn.Module) -> nn.Module:
    """Return what the forward pass must go through for gradients to become those of all."""
    return nn.parallel.DistributedDataParallel(model) if distributed.is_initialized() else model


def mean(number: float, device: torch.device) -> float:
    """Return the mean of all processes' numbers, the same in each."""
    if not distributed.is_initialized():
        return number
    total = torch.tensor(number, dtype=torch.float64, device=device)
    distributed.all_reduce(total)
    return total.item() / count()


def gathered(rows: torch.Tensor) -> torch.Tensor:
    """Return the states `(1, B, H)` of all streams, from those of each process."""
    if not distributed.is_initialized():
        return rows
    parts = [torch.empty_like(rows) for _ in range(count())]
    distributed.all_gather(parts, rows.contiguous())
    return torch.cat(parts, dim=1)
