"""What the repository promises to a newcomer: two commands, the same everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
REQUIREMENTS = [
    line
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def pinned():
    pairs = [line.split("==") for line in REQUIREMENTS]
    return {canonicalize_name(name): version for name, version in pairs}


def test_every_version_is_exact():
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in REQUIREMENTS)
    assert "torch==2.13.0" in REQUIREMENTS


# --- every version that the book needs is pinned, and that version is installed -------------------


def installed(path):
    """Versions, and what each needs on every platform, of all that is installed on a path.

    What only some platforms need is left to pip: the CUDA libraries of PyTorch's usual build on
    Linux, a terminal library on Windows.
    """
    found = {}
    for distribution in distributions(path=path):
        needs = [Requirement(text) for text in distribution.requires or []]
        name = canonicalize_name(distribution.metadata["Name"])
        found.setdefault(name, (distribution.version, [n for n in needs if everywhere(n)]))
    return found


def everywhere(requirement):
    return not re.search("platform|os_name", str(requirement.marker or ""))


def needed(found, name="charrnn-helpers", extras=("book", "test")):
    """All that a package needs with these extras, and what that needs."""
    names, waiting = set(), [(name, extras)]
    while waiting:
        name, extras = waiting.pop()
        for need in found.get(name, ("", []))[1]:
            key = canonicalize_name(need.name)
            asked = [{"extra": extra} for extra in (*extras, "")]
            wanted = need.marker is None or any(map(need.marker.evaluate, asked))
            if wanted and key not in names:
                names.add(key)
                waiting.append((key, tuple(need.extras)))
    return names


def faults(found):
    """What is needed without being pinned, and what is pinned and not installed in that version."""
    versions = pinned()
    wrong = {
        name: f"{found.get(name, ('no version',))[0]} is installed, {version} is pinned"
        for name, version in versions.items()
        if name not in found or found[name][0].split("+")[0] != version
    }
    return wrong | dict.fromkeys(needed(found) - versions.keys(), "is needed, but not pinned")


def test_all_that_the_book_needs_is_pinned_and_installed_in_that_version():
    assert faults(installed(sys.path)) == {}


def write_distribution(folder, name, version, *needs):
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")


def test_cuda_libraries_and_packages_of_the_readers_own_do_no_harm(tmp_path):
    cuda = 'nvidia-cublas==13.1; platform_system == "Linux" and python_version < "3.15"'
    write_distribution(tmp_path, "torch", "2.13.0+cu130", "filelock", "sympy>=1.13", cuda)
    for name in ("nvidia_cublas", "triton", "ipdb"):
        write_distribution(tmp_path, name, "13.1", "something-else")
    assert faults(installed([str(tmp_path), *sys.path])) == {}


@pytest.mark.parametrize(
    ("name", "version", "needs", "fault"),
    [
        ("numpy", "1.26.0", [], "1.26.0 is installed, "),
        ("tqdm", None, ["a-new-dependency"], "is needed, but not pinned"),
    ],
)
def test_another_version_and_a_dependency_without_one_are_found(
    tmp_path, name, version, needs, fault
):
    write_distribution(tmp_path, name, version or pinned()[name], *needs)
    (found,) = faults(installed([str(tmp_path), *sys.path])).items()
    assert found[0] == (needs or [name])[0]
    assert found[1].startswith(fault)


# --- which PyTorch: decided in the Makefile, for everybody ----------------------------------------

CPU = "--extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt"


def pip_line(folder, *words, **environ):
    """What `make install` would have pip do."""
    command = ["make", "--dry-run", "install", *words]
    own = {k: v for k, v in os.environ.items() if k not in ("TORCH_INDEX", "MAKEFLAGS", "MFLAGS")}
    run = subprocess.run(
        command, cwd=folder, env=own | environ, capture_output=True, text=True, check=True
    )
    return next(line for line in run.stdout.splitlines() if "requirements.txt" in line)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ("", "--quiet -r requirements.txt"),
        ("cpu", CPU),
        ("https://example.org/simple", "--extra-index-url https://example.org/simple -r"),
        ("./wheels", "--extra-index-url ./wheels -r"),
    ],
)
def test_one_variable_chooses_the_build_of_pytorch(index, expected):
    assert expected in " ".join(pip_line(ROOT, f"TORCH_INDEX={index}").split())


def test_binder_the_container_and_the_workflow_take_the_build_without_cuda():
    assert CPU in pip_line(ROOT, TORCH_INDEX="cpu")
    assert "make install TORCH_INDEX=cpu" in (ROOT / ".binder/postBuild").read_text(
        encoding="utf-8"
    )
    assert "ENV TORCH_INDEX=cpu" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "make book" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (workflow,) = WORKFLOWS
    assert yaml.safe_load(workflow.read_text(encoding="utf-8"))["env"]["TORCH_INDEX"] == "cpu"
    named = subprocess.run(
        ["git", "grep", "-l", "download.pytorch.org"], cwd=ROOT, capture_output=True, text=True
    )
    assert set(named.stdout.split()) <= {"Makefile", "tests/test_project.py"}


def test_a_development_container_is_made_of_the_same_file():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert (ROOT / ".devcontainer" / container["build"]["dockerfile"]).resolve() == (
        ROOT / "Dockerfile"
    )
    assert f"AS {container['build']['target']}\n" in (ROOT / "Dockerfile").read_text(
        encoding="utf-8"
    )


# --- the workflow ---------------------------------------------------------------------------------


def check_workflow(path):
    command = ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", path]
    program = [sys.executable, "-m", command[0].replace("-", "_"), *command[1:]]
    return subprocess.run(program, capture_output=True, text=True)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_the_workflow_is_one_that_github_can_read(workflow):
    checked = check_workflow(workflow)
    assert checked.returncode == 0, checked.stdout


def test_a_misspelt_workflow_would_be_found(tmp_path):
    text = WORKFLOWS[0].read_text(encoding="utf-8").replace("runs-on:", "run-on:", 1)
    (tmp_path / "wrong.yml").write_text(text)
    assert check_workflow(tmp_path / "wrong.yml").returncode == 1


def test_the_workflow_builds_once_and_proves_all_of_it_on_two_pythons():
    jobs = yaml.safe_load(WORKFLOWS[0].read_text(encoding="utf-8"))["jobs"]
    commands = {
        name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()
    }
    assert [name for name, found in commands.items() if "make book" in found] == ["pages"]
    proofs = {name: found[0] for name, found in commands.items() if found and name != "pages"}
    assert set(proofs) == {"package", "browser", "notebooks"}
    assert set(jobs["publish"]["needs"]) == {"pages", *proofs}
    tested = " ".join(proofs.values())
    for part in ("tests --ignore=tests/browser", "tests/browser", "book"):
        assert part in tested
    for name in ("package", "notebooks"):
        assert jobs[name]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    assert jobs["browser"]["env"]["REQUIRE_TOOLS"] == "1"
    for name in proofs:  # the pages come from the first job
        uses = [step.get("uses", "") for step in jobs[name]["steps"]]
        assert any(use.startswith("actions/download-artifact") for use in uses)


# --- words and files ------------------------------------------------------------------------------


def test_readme_and_contributing_are_short_and_name_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make book" in readme
    assert "make test" in readme
    assert readme.count("\n") < 140
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / target).exists(), target


# --- make -----------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    """The Makefile in a project of its own, whose programs only note that they were called."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml", "_config.yml", "_toc.yml", "book/a.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    for folder in ("book/_extensions", "charrnn_helpers/widgets", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "charrnn_helpers/widgets/a.css").touch()
    for name in ("python", "jupyter-book"):
        program = tmp_path / ".venv/bin" / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $@" >> calls\ncase "$0" in *jupyter-book) '
            "mkdir -p _build/html; touch _build/html/index.html; exit ${FAULT:-0};; esac\n"
        )
        program.chmod(0o755)
    (tmp_path / "package-lock.json").touch()
    (tmp_path / "node_modules").mkdir()
    for ready in (".venv/.ready", "node_modules/.ready"):
        (tmp_path / ready).touch()
    return tmp_path


def make(folder, *words, **environ):
    asked = ("MAKEFLAGS", "MFLAGS", "TESTS", "DURATIONS", "PEERS")
    own = {name: value for name, value in os.environ.items() if name not in asked}
    run = subprocess.run(
        ["make", *words], cwd=folder, env=own | environ, capture_output=True, text=True
    )
    calls = (
        (folder / "calls").read_text(encoding="utf-8").splitlines()
        if (folder / "calls").exists()
        else []
    )
    (folder / "calls").unlink(missing_ok=True)
    return run.returncode, calls


def test_the_book_is_built_only_when_something_that_it_depends_on_has_changed(copy):
    assert len(make(copy, "book")[1]) == 1
    assert make(copy, "book") == (0, [])
    for name in ("book/a.ipynb", "charrnn_helpers/widgets/a.css", "_toc.yml"):
        newer = (copy / "_build/html/index.html").stat().st_mtime + 1
        os.utime(copy / name, (newer, newer))
        assert len(make(copy, "book")[1]) == 1, name
        os.utime(copy / name, (1, 1))
    (copy / "charrnn_helpers/training.py").touch()  # no page holds it
    assert make(copy, "book") == (0, [])


def test_a_book_that_was_built_with_a_warning_is_built_again(copy):
    code, calls = make(copy, "book", FAULT="1")
    assert (code != 0, len(calls)) == (True, 1)
    assert not (copy / "_build/html/index.html").exists()
    assert len(make(copy, "book")[1]) == 1


def test_what_is_to_be_tested_can_be_named(copy):
    assert (
        make(copy, "test", "TESTS=tests/browser -x")[1][-1] == "python -m pytest tests/browser -x"
    )
    assert "python -m ruff check" in make(copy, "test")[1]
    assert make(copy, "test", "DURATIONS=1")[1][-1] == "python -m pytest --where-time-goes"


def test_other_libraries_are_fetched_only_for_who_asks_and_into_a_place_of_their_own(copy):
    (copy / "benchmarks").mkdir()
    (copy / "benchmarks/requirements-peers.txt").touch()
    shutil.copytree(copy / ".venv/bin", copy / ".venv-peers/bin")
    assert make(copy, "bench") == (0, ["python -m benchmarks"])
    assert make(copy, "bench", "PEERS=1", "PYTHON=.venv/bin/python") == (
        0,
        [
            "python -m venv .venv-peers",
            "python -m pip install --quiet -r benchmarks/requirements-peers.txt",
            "python -m benchmarks",
        ],
    )
    assert make(copy, "bench", "PEERS=1") == (0, ["python -m benchmarks"])


def test_a_python_that_is_too_old_is_told_so(tmp_path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1 || exit 1\n')
    old.chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml", "_config.yml", "_toc.yml"):
        (tmp_path / name).touch()
    for folder in ("book/_extensions", "charrnn_helpers/widgets"):
        (tmp_path / folder).mkdir(parents=True)
    run = subprocess.run(
        ["make", "book", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "needs Python 3.11 or newer" in run.stdout
    assert "Python 3.9.1" in run.stdout
    assert not (tmp_path / ".venv").exists()
