"""The five steps of CONTRIBUTING.md, followed to the letter, end in a figure that lives."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from accessibility import axe_finds

ROOT = Path(__file__).parents[2]
MAKE = """import sys
from charrnn_helpers.widgets import dev
print(dev.page([dev.figure_made("Powers(weight=0.5)")]))
try:
    dev.figure_made("Powers(weight=3)")
except ValueError as reason:
    print(reason, file=sys.stderr)
"""


def block(language):
    """The code of this language in the section that tells how a figure is added."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("**Add a figure.**")[1]
    return textwrap.dedent(re.search(rf" *```{language}\n(.*?) *```", section, re.DOTALL)[1])


def add_figure(package):
    """Follow the steps in a copy of the package."""
    folder = package / "widgets" / "powers"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""The figure ``Powers``."""\n')
    for name, language in [("figure.py", "python"), ("view.js", "js"), ("style.css", "css")]:
        (folder / name).write_text(block(language))
    table = package / "widgets" / "__init__.py"
    table.write_text(
        table.read_text(encoding="utf-8").replace(
            '    "Captioning",', '    "Captioning",\n    "Powers",'
        )
    )


def test_a_figure_is_added_in_five_steps(browser, tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "charrnn_helpers", tmp_path / "charrnn_helpers", ignore=ignored)
    (tmp_path / "book").symlink_to(ROOT / "book")
    add_figure(tmp_path / "charrnn_helpers")
    made = subprocess.run(
        [sys.executable, "-c", MAKE], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert made.stderr == "weight must lie between -2 and 2, not 3.0\n"
    page = browser.new_page(reduced_motion="reduce")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    (tmp_path / "page.html").write_text(made.stdout.replace("\n  ask();\n", "\n"))  # not served
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("[data-state=ready]")
    words = page.locator("[data-role=words]")
    assert words.text_content() == "step 1: 0.5000"
    page.get_by_role("button", name="Next ›").click()
    assert words.text_content() == "step 2: 0.2500"
    page.get_by_role("button", name="Play").click()  # who prefers no motion sees the end at once
    assert words.text_content() == "step 20: 0.0000"
    assert axe_finds(page, {}) == []
    assert errors == []
    page.close()


def test_its_python_is_ruffs_style(tmp_path):
    (tmp_path / "figure.py").write_text(block("python"))
    ruff = [sys.executable, "-m", "ruff", "check", "--select", "E,F,I,UP,B", "--line-length", "100"]
    done = subprocess.run([*ruff, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
