"""Print the tables of the README: `make bench`, about two minutes on one thread."""

import os
import platform

os.environ["OMP_NUM_THREADS"] = "1"  # NumPy's too: it reads this when it is first imported

import torch

from benchmarks import training, writing

torch.set_num_threads(1)
torch.manual_seed(0)
machine = f"{platform.machine()} ({torch.backends.cpu.get_cpu_capability()})"
print(f"torch {torch.__version__}, {machine}, one thread, float32; medians\n")
print(training.report(), end="\n\n", flush=True)
print(writing.report())
