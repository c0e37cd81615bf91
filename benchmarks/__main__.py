"""Print the tables of the README: `make bench`, about two minutes on one thread."""

import platform

import torch

from benchmarks import training, writing

torch.set_num_threads(1)
torch.manual_seed(0)
print(
    f"torch {torch.__version__}, Python {platform.python_version()}, {platform.machine()}", end=""
)
print(f" ({torch.backends.cpu.get_cpu_capability()}), one thread, float32; medians\n")
print(training.report(), end="\n\n", flush=True)
print(writing.report())
