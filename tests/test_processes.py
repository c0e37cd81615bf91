"""Several processes choose alike, whatever there are of GPUs: without any, on one machine."""

import pytest
import torch

from charrnn_helpers.longtext import processes


@pytest.fixture
def launched(monkeypatch):
    """Start a process as `torchrun` does where there are so many GPUs; return what it chooses."""

    def begin(local, here, gpus, device="auto"):
        chosen = []
        monkeypatch.setenv("LOCAL_RANK", str(local))
        monkeypatch.setenv("LOCAL_WORLD_SIZE", str(here))
        monkeypatch.setattr(torch.distributed, "is_torchelastic_launched", lambda: True)
        monkeypatch.setattr(torch.distributed, "init_process_group", chosen.append)
        monkeypatch.setattr(torch.distributed, "destroy_process_group", lambda: None)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
        with processes.joined(device) as own:
            chosen.append(own)
        return chosen

    return begin


@pytest.mark.parametrize("local", [0, 1])
@pytest.mark.parametrize(("gpus", "device"), [(0, "auto"), (1, "auto"), (8, "cpu"), (1, "cpu")])
def test_without_a_gpu_for_each_all_take_the_processor(launched, local, gpus, device):
    assert launched(local, 2, gpus, device) == ["gloo", torch.device("cpu")]


@pytest.mark.parametrize("local", [0, 1])
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_with_enough_gpus_each_takes_its_own(launched, local, device):
    own = torch.device("cuda", local)
    assert launched(local, 2, 2, device) == [own, "nccl", own]


def test_what_cannot_be_shared_is_refused(launched):
    with pytest.raises(ValueError, match="2 processes need as many GPUs, and there are 1"):
        launched(0, 2, 1, "cuda")
    with pytest.raises(ValueError, match="train on cpu or on cuda, not on 'mps'"):
        launched(0, 2, 0, "mps")


def test_alone_nothing_is_chosen():
    with processes.joined("cpu") as own:
        assert own is None
