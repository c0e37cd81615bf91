"""The JavaScript has no faults that ESLint knows, and its types fit: where npm is at hand."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "node_modules" / ".bin"
pytestmark = pytest.mark.skipif(
    not (TOOLS / "eslint").exists(), reason="no npm, or it could not install what checks"
)


def run(tool, *arguments):
    done = subprocess.run(
        [TOOLS / tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_eslint_finds_no_fault():
    status, words = run("eslint", "--max-warnings", "0", ".")
    assert status == 0, words


def test_eslint_would_find_one():
    file = ROOT / "charrnn_helpers/widgets/ui/never.js"  # not written: it comes from stdin
    done = subprocess.run(
        [TOOLS / "eslint", "--stdin", "--stdin-filename", file],
        cwd=ROOT, input="export const a = missing;\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "'missing' is not defined" in done.stdout


def test_all_types_fit():
    status, words = run("tsc", "-p", "jsconfig.json")
    assert status == 0, words


def test_a_trait_that_a_figure_does_not_have_would_be_found(tmp_path):
    figure = (ROOT / "charrnn_helpers/widgets/ui/figure.js").as_posix()
    (tmp_path / "view.js").write_text(
        f'import {{ newFigure }} from "{figure}";\n'
        'const TRAITS = /** @type {const} */ (["step", "text"]);\n'
        "export const figure = newFigure(null, TRAITS, null, () => ({}));\n"
        "export const right = figure.now().step;\nexport const wrong = figure.now().stepp;\n"
    )
    settings = json.loads((ROOT / "jsconfig.json").read_text(encoding="utf-8")) | {
        "include": ["view.js"]
    }
    (tmp_path / "jsconfig.json").write_text(json.dumps(settings))
    status, words = run("tsc", "-p", tmp_path / "jsconfig.json")
    assert status != 0
    assert "Property 'stepp' does not exist" in words
    assert words.count("error") == 1
