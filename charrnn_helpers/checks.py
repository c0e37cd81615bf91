"""What a cell's weights look like, and plain errors for what does not."""

from __future__ import annotations

import math
import reprlib
from numbers import Integral, Real
from typing import Any

import torch


def weight_shapes(gates: int, D: int, H: int, outputs: int | None = None) -> dict[str, tuple]:
    """Return the shape of every weight by its name; no W_ho and b_o without outputs."""
    rows = gates * H
    shapes = {"W_xh": (rows, D), "W_hh": (rows, H), "b_xh": (rows,), "b_hh": (rows,)}
    return shapes | ({} if outputs is None else {"W_ho": (outputs, H), "b_o": (outputs,)})


def check_weights(
    cell: str, gates: int, weights: dict[str, torch.Tensor]
) -> tuple[int, int, torch.dtype]:
    """Return D, H and the dtype of weights that fit each other and the cell; else raise."""
    if not isinstance(weights, dict):
        raise TypeError(f"weights must be a dictionary of tensors, not {type(weights).__name__}")
    missing = [name for name in ("W_xh", "W_hh", "b_xh", "b_hh") if name not in weights]
    if missing:
        raise ValueError(f"weights lack {', '.join(missing)}")
    dtype = getattr(weights["W_xh"], "dtype", None)
    for name, weight in weights.items():
        check_tensor(name, weight, "of weights", dtype, "W_xh is")
    if weights["W_xh"].dim() != 2 or weights["W_hh"].dim() != 2:
        raise ValueError("W_xh and W_hh must be matrices, (G·H, D) and (G·H, H)")
    (rows, D), H = weights["W_xh"].shape, weights["W_hh"].shape[1]
    if rows != gates * H:
        found = f"{rows} rows for {H} hidden units"
        raise ValueError(f"the weights are not those of cell {cell!r}: {found}")
    outputs = len(weights["W_ho"]) if "W_ho" in weights else None
    for name, shape in weight_shapes(gates, D, H, outputs).items():
        if name in weights and weights[name].shape != shape:
            raise ValueError(f"{name} must be of shape {shape}, not {tuple(weights[name].shape)}")
    return D, H, dtype


def check_tensor(
    name: str,
    value: torch.Tensor,
    wanted: str,
    dtype: torch.dtype | None,
    others: str = "the weights are",
) -> None:
    """Raise a plain error unless this is a tensor of this dtype, which the others have."""
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a tensor {wanted}, not {type(value).__name__}")
    if value.dtype != dtype:
        raise TypeError(f"{name} is {value.dtype} but {others} {dtype}")


def is_whole(number: Any) -> bool:
    """Tell whether this is a whole number: Python's or NumPy's, but not True or False."""
    return isinstance(number, Integral) and not isinstance(number, bool)


def is_number(number: Any) -> bool:
    """Tell whether this is a real number: Python's or NumPy's, but not True or False."""
    return isinstance(number, Real) and not isinstance(number, bool)


def check_positive(name: str, number: int) -> None:
    """Raise a plain error unless this is a whole number of 1 or more."""
    if not is_whole(number) or number < 1:
        raise ValueError(f"{name} must be a whole number of 1 or more, not {reprlib.repr(number)}")


def check_positive_number(name: str, number: float) -> None:
    """Raise a plain error unless this is a finite number above 0."""
    if not is_number(number) or not 0 < number < math.inf:
        raise ValueError(f"{name} must be a positive number, not {reprlib.repr(number)}")


def check_not_negative(name: str, number: float) -> None:
    """Raise a plain error unless this is a finite number of 0 or more."""
    if not is_number(number) or not 0 <= number < math.inf:
        raise ValueError(f"{name} must be a number of 0 or more, not {reprlib.repr(number)}")


def check_whole(name: str, number: int, most: int) -> None:
    """Raise a plain error unless this is a whole number from 0 to `most`."""
    if not is_whole(number) or not 0 <= number <= most:
        raise ValueError(
            f"{name} must be a whole number from 0 to {most}, not {reprlib.repr(number)}"
        )
