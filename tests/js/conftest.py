"""What the tests of the figures' arithmetic share: a V8 of their own, without a browser."""

import json
import re

import pytest
from py_mini_racer import MiniRacer

from charrnn_helpers.widgets.bundle import bundle

EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function\*?|class|const|let) +([\w$]+))", re.MULTILINE
)
# A function of one of the modules, called such that it must not change what it is given
PURE = """(name, ...given) => {
  const before = JSON.stringify(given);
  const result = modules[name](...given);
  if (JSON.stringify(given) !== before) throw new Error(`${name} changes its input`);
  return result;
}"""
# Of a browser's functions, the one that the arithmetic uses
ATOB = """(text) => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const six = (digit) => digits.indexOf(digit).toString(2).padStart(6, "0");
  const bits = [...text.replace(/=+$/, "")].map(six);
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  return bytes.map((byte) => String.fromCharCode(parseInt(byte, 2))).join("");
}"""
# What JSON cannot write, both ways
ODD = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}
TOLD = """(value) => JSON.stringify(value ?? null, (_, x) =>
  typeof x === "number" && !Number.isFinite(x) ? { odd: String(x) } : x)"""


class Modules:
    """JavaScript modules, each under the name that a test has given it."""

    def __init__(self, **entries: list[str]):
        self.context = MiniRacer()
        self.context.eval(f"globalThis.modules = {{}};\nglobalThis.atob = {ATOB};\n0")
        for name, files in entries.items():
            self.context.eval(f"globalThis.{name} = {{}};\n0")
            for file in files:
                source = bundle(file)
                body = (
                    f"{EXPORT.sub('', source)}\nreturn {{ {', '.join(EXPORT.findall(source))} }};"
                )
                add = f"const added = (() => {{\n{body}\n}})();"
                self.context.eval(
                    f"{{ {add}\nfor (const to of [{name}, modules]) Object.assign(to, added); }}\n0"
                )
        self.context.eval(f"globalThis.pure = {PURE};\nglobalThis.told = {TOLD};\n0")

    def evaluate(self, function: str, *given):
        """Call a function with values that JSON can write, and return its value."""
        values = ", ".join(map(json.dumps, given))
        found = self.context.eval(f"told(({function})({values}))")
        return json.loads(found, object_hook=lambda x: ODD[x["odd"]] if set(x) == {"odd"} else x)

    def close(self):
        self.context.close()


@pytest.fixture(scope="module")
def js(request):
    """The modules that a test file names in its MODULES: a name, and the files behind it."""
    modules = Modules(**request.module.MODULES)
    yield modules
    modules.close()
