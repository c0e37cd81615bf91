import subprocess
import sys

import pytest

import charrnn_helpers


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_importing_the_package_loads_no_torch():
    code = "import charrnn_helpers, sys; print(sorted({'torch', 'anywidget'} & set(sys.modules)))"
    assert run(code).stdout.strip() == "[]"


@pytest.mark.parametrize("name", charrnn_helpers.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(charrnn_helpers, name).__doc__


def test_public_names_are_listed_once_and_in_order():
    assert charrnn_helpers.__all__ == sorted(charrnn_helpers._MODULE_OF)
    assert dir(charrnn_helpers) == charrnn_helpers.__all__


def test_unknown_name_raises_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'CharRNNN'"):
        _ = charrnn_helpers.CharRNNN
