import ast
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import charrnn_helpers


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_importing_the_package_loads_no_torch():
    code = "import charrnn_helpers, sys; print(sorted({'torch', 'anywidget'} & set(sys.modules)))"
    assert run(code).stdout.strip() == "[]"


@pytest.mark.parametrize("name", charrnn_helpers.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(charrnn_helpers, name).__doc__


def test_public_names_are_those_of_the_pipeline():
    assert {"CharRNN", "Vocabulary", "train", "sample"} < set(charrnn_helpers.__all__)
    assert dir(charrnn_helpers) == sorted(charrnn_helpers.__all__)


def test_an_installed_package_has_the_list_of_them():
    assert resources.files(charrnn_helpers).joinpath("__init__.pyi").is_file()
    assert "__init__.pyi" in PROJECT["tool"]["setuptools"]["package-data"]["charrnn_helpers"]


def test_unknown_name_raises_attribute_error():
    with pytest.raises(AttributeError, match="CharRNNN"):
        _ = charrnn_helpers.CharRNNN


PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
NEEDED = {r.name: r for r in map(Requirement, PROJECT["project"]["dependencies"])}
NAMES = {"IPython": "ipython", "sklearn": "scikit-learn", "unicode_rbnf": "unicode-rbnf"}


def test_types_are_for_those_who_check_theirs():
    assert resources.files(charrnn_helpers).joinpath("py.typed").is_file()
    assert "py.typed" in PROJECT["tool"]["setuptools"]["package-data"]["charrnn_helpers"]


def test_the_oldest_torch_has_the_functions_that_are_called():
    """Since 2.7 `torch.accelerator.current_accelerator` takes an argument."""
    assert not NEEDED["torch"].specifier.contains("2.6.1")
    assert NEEDED["torch"].specifier.contains("2.7")


def test_what_is_imported_is_declared():
    package = Path(charrnn_helpers.__file__).parent
    imported = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    others = imported - sys.stdlib_module_names - {"charrnn_helpers"}
    assert {NAMES.get(name, name.replace("_", "-")) for name in others} <= set(NEEDED)


def test_all_that_the_command_line_does_can_be_done_in_python():
    from charrnn_helpers.longtext import CheckpointError, Settings, TextError, train_text

    assert train_text.__doc__
    assert {CheckpointError, TextError} <= set(ValueError.__subclasses__())
    assert Settings().epochs > 1
