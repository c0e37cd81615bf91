"""`make verify`: what it runs, and that it can fail."""

import sys

import nbformat
import pytest
import verify

from charrnn_helpers import trained


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one notebook, whose output follows from the setting that it runs in."""
    source = "import os\nprint(hash('a') % 1000, os.environ.get('TZ'))"
    printed = nbformat.v4.new_output("stream", text=f"{hash('a') % 1000} None\n")
    cell = nbformat.v4.new_code_cell(source, outputs=[printed], execution_count=1)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
    nbformat.write(notebook, tmp_path / "one.ipynb")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nbval\n")
    monkeypatch.setattr(verify, "BOOK", tmp_path)
    monkeypatch.setattr(verify.recipes, "NETWORKS", {})
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    return tmp_path


def test_a_setting_in_which_an_output_differs_fails_and_is_named(book, capsys):
    assert verify.main(["--settings", "hash seed 1", "time zone +14"]) == 1
    words = capsys.readouterr().out
    assert "| hash seed 1 | **fails** |" in words
    assert "one.ipynb, time zone +14:" in words
    assert "Pacific/Kiritimati" in words
    assert "2 of these fail." in words


@pytest.mark.parametrize(("floor", "code"), [(0.5, 0), (0.95, 1)])
def test_networks_are_trained_anew_and_the_chapters_asserts_count(
    book, monkeypatch, capsys, floor, code
):
    file = f"open(os.environ[{trained.FOLDER!r}] + '/one-0.safetensors').read()"
    cell = nbformat.v4.new_code_cell(f"import os\nassert float({file}) > {floor}")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
    nbformat.write(notebook, book / "one.ipynb")
    monkeypatch.setattr(verify.recipes, "NETWORKS", {"one-0": ("one", "train(0)")})
    monkeypatch.setattr(verify, "HERE", book)
    trainer = "import sys\nassert sys.argv[1::2] == ['--into', 'one']\n"
    trainer += "open(sys.argv[2] + '/one-0.safetensors', 'w').write('0.9')"
    (book / "pretrain.py").write_text(trainer)
    assert verify.main(["--settings", verify.ANEW]) == code
    assert ("AssertionError" in capsys.readouterr().out) == bool(code)


def test_each_setting_named_in_the_issue_is_there():
    told = {name for setting in verify.SETTINGS.values() for name in setting}
    assert {"ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "OMP_NUM_THREADS"} <= told
    assert {"PYTHONHASHSEED", "LC_ALL", "TZ", "CUDA_VISIBLE_DEVICES"} <= told
    assert "no network" in verify.SETTINGS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can give a process a network")
def test_a_command_without_network_reaches_its_own_machine_only():
    code = (
        "import socket\n"
        "here = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(here.getsockname()).close()\n"
        "try: socket.create_connection(('192.0.2.1', 80), timeout=2)\n"
        "except OSError as error: print(error.errno)\n"
    )
    command = [*verify.OFFLINE, sys.executable, "-c", code]
    done = verify.subprocess.run(command, capture_output=True, text=True)
    if "can't be cut off" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.stdout.strip() == "101"  # the network is unreachable


def test_a_notebook_that_is_not_there_is_named(book, capsys):
    with pytest.raises(SystemExit):
        verify.main(["another"])
    assert "there is no notebook another" in capsys.readouterr().err
