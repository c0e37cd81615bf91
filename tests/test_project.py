"""What the repository promises to a newcomer."""

import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
REQUIREMENTS = [
    line
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_version_is_exact():
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in REQUIREMENTS)
    assert "torch==2.13.0" in REQUIREMENTS


def test_everything_installed_has_its_version_in_the_requirements():
    pinned = {normal(name): version for name, version in (r.split("==") for r in REQUIREMENTS)}
    ours = {"pip", "wheel", "charrnn-helpers"}
    for found in distributions():
        name = normal(found.metadata["Name"])
        if name not in ours:
            assert found.version.split("+")[0] == pinned.get(name), name


def test_binder_and_the_workflow_use_the_same_versions_and_targets():
    assert "-r ../requirements.txt" in (ROOT / ".binder/requirements.txt").read_text()
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text())
    commands = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert any("make book" in command for command in commands)
    assert any("make test" in command for command in commands)


def test_readme_and_contributing_are_short_and_name_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert "make book" in readme
    assert "make test" in readme
    assert readme.count("\n") < 120
    assert (ROOT / "CONTRIBUTING.md").read_text().count("\n") <= 40
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("module", sorted((ROOT / "charrnn_helpers").rglob("*.py")), ids=str)
def test_modules_are_short_enough_to_read(module):
    assert len(module.read_text().splitlines()) <= 260, module


def test_a_python_that_is_too_old_is_told_so(tmp_path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1 || exit 1\n')
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").touch()
    run = subprocess.run(
        ["make", "book", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "needs Python 3.11 or newer" in run.stdout
    assert "Python 3.9.1" in run.stdout
    assert not (tmp_path / ".venv").exists()
