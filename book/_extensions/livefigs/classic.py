"""A widget's module as a value in a classic script: a function where possible, else its text."""

import re

from .models import to_json

EXPORT = re.compile(r"^export default (?=[{(]|async \()", re.MULTILINE)
# What only a module may hold. At the start of a line, as what is inside something is indented.
OF_MODULES = re.compile(r"^(?:import|export)\b|\bimport\.meta\b|^\S.*\bawait\b", re.MULTILINE)


def as_value(esm: str) -> str:
    r"""Return JavaScript for a module: a function, if its default is all that it exports.

    A function starts sooner than a text, which has to be imported first.

    >>> as_value("export default { render };")
    '(exports) => {"use strict";\nexports.default = { render };\n}'
    """
    body, exports = EXPORT.subn("exports.default = ", esm)
    if exports != 1 or OF_MODULES.search(body):
        return to_json(esm)
    return f'(exports) => {{"use strict";\n{body}\n}}'
