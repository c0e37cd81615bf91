import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import traitlets

from charrnn_helpers import widgets
from charrnn_helpers.models import CharRNN
from charrnn_helpers.vocabulary import Vocabulary
from charrnn_helpers.widgets import Completion, SpectralLab
from charrnn_helpers.widgets.bundle import FOLDER, SHARED, bundle, scoped, stylesheet
from charrnn_helpers.widgets.figure import COLOURS, diverging, tag
from charrnn_helpers.widgets.weights import network_of, rounded, weights_of

CHARACTERS = " acdefghimnoruvwy"


@pytest.fixture
def vocabulary():
    return Vocabulary(CHARACTERS)


@pytest.fixture
def model(vocabulary):
    torch.manual_seed(3)
    return CharRNN(len(vocabulary), 12).double()


@pytest.fixture
def figure(model, vocabulary):
    return Completion(model, vocabulary)


def test_importing_the_package_loads_neither_torch_nor_anywidget():
    code = (
        "import sys, charrnn_helpers.widgets\n"
        "assert not {'torch', 'anywidget', 'ipywidgets'} & set(sys.modules)\n"
        "assert dir(charrnn_helpers.widgets) == sorted(charrnn_helpers.widgets.__all__)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", widgets.__all__)
def test_a_figure_lies_in_the_folder_of_its_name(name):
    figure = getattr(widgets, name)
    folder = widgets.folder_of(name)
    assert figure.__module__ == f"charrnn_helpers.widgets.{folder}.figure"
    assert f"rnn-figure rnn-{folder.replace('_', '-')}" in figure._esm
    for file in ("__init__.py", "view.js", "style.css"):
        assert (FOLDER / folder / file).is_file()


def test_every_folder_of_a_figure_is_registered():
    folders = {path.parent.name for path in FOLDER.glob("*/view.js")}
    assert folders == {widgets.folder_of(name) for name in widgets.__all__}


def test_unknown_names_of_the_package_are_refused():
    with pytest.raises(AttributeError, match="'Completions'"):
        widgets.Completions  # noqa: B018


# --- one module out of several files -------------------------------------------------------------


def test_the_bundle_is_one_module_without_imports(figure):
    assert not re.search(r"^\s*import\b|\bimport\(|\brequire\(", figure._esm, re.MULTILINE)
    assert re.findall(r"^export .*", figure._esm, re.MULTILINE) == ["export default { render };"]
    assert "fetch(" not in figure._esm
    assert "innerHTML" not in figure._esm
    for name in [
        "nn/rnn.js",
        "ui/dom.js",
        "ui/film.js",
        "completion/words.js",
        "completion/view.js",
    ]:
        assert figure._esm.count(f"// {name}\n") == 1
    assert figure._esm.index("// nn/rnn.js") < figure._esm.index("// completion/view.js")


def test_the_style_sheet_has_the_shared_colours_and_asks_for_nothing():
    css = stylesheet("completion/style.css", root="rnn-completion")
    shared = (FOLDER / SHARED).read_text(encoding="utf-8")
    assert css.startswith(scoped(shared, "rnn-completion"))
    assert not re.search(r"url\(|@import|@font-face", css)
    for name, colour in COLOURS.items():  # pictures have the same colours
        short = "#fff" if colour == "#ffffff" else colour
        assert re.search(rf"--rnn-{name}:[^;]*{short}", css)


def write(folder, **files):
    for name, source in files.items():
        (folder / f"{name}.js").write_text(source)


def test_files_are_joined_in_the_order_of_their_imports(tmp_path):
    (tmp_path / "own").mkdir()
    write(
        tmp_path,
        **{
            "own/a": 'import { b as other } from "./b.js";\n'
            'import {\n  c,\n} from "../c.js";\nconst b = 1;\nexport default { b, c, other };\n',
            "own/b": 'import { c } from "../c.js";\nexport function b() {\n  return c;\n}\n',
            "c": "export const c = 1;\nconst b = 2;\n",
        },
    )
    assert bundle("own/a.js", tmp_path) == (
        "// c.js\nconst $c = (() => {\nconst c = 1;\nconst b = 2;\nreturn { c };\n})();\n"
        "// own/b.js\nconst $own_b = (() => {\nconst { c } = $c;\n"
        "function b() {\n  return c;\n}\nreturn { b };\n})();\n"
        "// own/a.js\nconst { b: other } = $own_b;\nconst { c } = $c;\n"
        "const b = 1;\nexport default { b, c, other };\n"
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a": 'import { c } from "./b.js";\n', "b": "const c = 1;\n"},
            "a.js imports 'c', which b.js does not export",
        ),
        (
            {
                "a": 'import { b } from "./b.js";\nexport const a = 1;\n',
                "b": 'import { a } from "./a.js";\nexport const b = 1;\n',
            },
            "circular import: a.js → b.js → a.js",
        ),
        ({"a": 'import { b } from "../b.js";\n'}, "a.js imports '../b.js', which lies outside"),
        ({"a": 'import * as b from "./b.js";\n'}, "cannot join 'import"),
        ({"a": 'import { x } from "https://elsewhere.example/x.js";\n'}, "cannot join 'import"),
        ({"a": "export { a };\n"}, "cannot join 'export"),
        ({"a": "export const { b } = c;\n"}, "cannot join 'export const {"),
        (
            {
                "a": 'import { b } from "./b.js";\n',
                "b": "export const b = 1;\nexport default b;\n",
            },
            "b.js: only the entry may have a default export",
        ),
    ],
)
def test_what_cannot_be_joined_is_an_error(tmp_path, files, message):
    write(tmp_path, **files)
    with pytest.raises(ValueError, match=re.escape(message)):
        bundle("a.js", tmp_path)


ROOT, BELOW = ".rnn-figure.rnn-figure.rnn-x", ".rnn-figure.rnn-figure:where(.rnn-x)"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (".rnn-x {top: 0}", f"{ROOT} {{top: 0}}"),
        (".rnn-x.rnn-on b {top: 0}", f"{ROOT}.rnn-on b {{top: 0}}"),
        (".rnn-x-node {top: 0}", f"{BELOW} .rnn-x-node {{top: 0}}"),
        ("b, i:not(.a, .b) {top: 0}", f"{BELOW} b, {BELOW} i:not(.a, .b) {{top: 0}}"),
        ("html .rnn-figure p {top: 0}", f"html {BELOW}.rnn-figure p {{top: 0}}"),
        ("@media print {/* , */ b {top: 0}}", f"@media print {{\n{BELOW} b {{top: 0}}\n}}"),
        ("@keyframes rnn-go {from {top: 0}}", "@keyframes rnn-go {from {top: 0}}"),
    ],
)
def test_a_style_sheet_keeps_to_its_figure(rule, expected):
    assert scoped(rule, "rnn-x") == expected


def test_a_style_sheet_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="line 2 of a style sheet"):
        scoped("b {top: 0}\ni", "rnn-x")


# --- weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_weights_have_the_shapes_of_the_formulas_and_come_back(cell, gates):
    torch.manual_seed(0)
    model = CharRNN(5, 3, cell)
    weights = weights_of(model)
    shapes = {n: tuple(torch.tensor(w).shape) for n, w in weights.items() if n != "cell"}
    assert weights["cell"] == cell
    assert shapes == {
        "W_xh": (gates * 3, 5),
        "W_hh": (gates * 3, 3),
        "b_xh": (gates * 3,),
        "b_hh": (gates * 3,),
        "W_ho": (5, 3),
        "b_o": (5,),
    }
    again = network_of(weights)
    inputs = torch.randint(5, (1, 9))
    torch.testing.assert_close(again(inputs)[0], model.double()(inputs)[0], rtol=0, atol=1e-8)
    assert weights_of(again) == weights


def test_weights_are_rounded_to_ten_digits():
    assert rounded([[1 / 3, -2e-7 / 3], [12345.678901234567]]) == [
        [0.3333333333, -6.666666667e-08],
        [12345.6789],
    ]


def test_weights_of_something_else_or_not_finite_are_refused(model):
    with pytest.raises(TypeError, match="must be a CharRNN, not Linear"):
        weights_of(torch.nn.Linear(2, 2))
    with torch.no_grad():
        model.head.bias[0] = torch.nan
    with pytest.raises(ValueError, match=r"head\.bias .*not finite"):
        weights_of(model)


# --- the figure ----------------------------------------------------------------------------------


def test_the_figure_starts_with_the_prompt_read_and_nothing_written(figure, model):
    assert (figure.prompt, figure.text, figure.step, figure.length) == ("good", "good", 4, 15)
    assert figure.temperature is None
    with torch.inference_mode():
        logits, (h,) = model(torch.tensor([[CHARACTERS.index(c) for c in "good"]]))
    torch.testing.assert_close(
        torch.tensor(figure.hidden, dtype=torch.float64), h[0, 0], rtol=0, atol=1e-8
    )
    torch.testing.assert_close(
        torch.tensor(figure.probabilities, dtype=torch.float64),
        logits[0, -1].softmax(0),
        rtol=0,
        atol=1e-8,
    )


def test_probabilities_are_those_that_a_letter_is_drawn_from(model, vocabulary):
    with torch.inference_mode():
        logits, _ = model(torch.tensor([[CHARACTERS.index(c) for c in "hey"]]))
    figure = Completion(model, vocabulary, "hey", 5, temperature=0.5)
    torch.testing.assert_close(
        torch.tensor(figure.probabilities, dtype=torch.float64),
        (logits[0, -1] / 0.5).softmax(0),
        rtol=0,
        atol=1e-8,
    )


def test_every_trait_of_the_figure_is_shared_with_the_page(figure):
    shared = {
        *("weights", "characters", "prompt", "length", "temperature", "seed"),
        *("text", "step", "hidden", "probabilities"),
    }
    assert shared <= set(figure.keys)
    assert figure.get_state()["prompt"] == "good"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"prompt": "goz"}, ValueError, "character 'z' at position 2 .* allowed are ' acdefghim"),
        ({"prompt": ""}, ValueError, "prompt is empty: give the network at least one"),
        ({"prompt": "good", "length": 3}, ValueError, "length of 3; give a length of 5 or more"),
        ({"prompt": "good", "length": 4}, ValueError, "nothing to write"),
        ({"prompt": 7}, TypeError, "prompt must be a string, not int"),
        ({"length": 7.5}, TypeError, "length must be a whole number, not 7.5"),
        ({"seed": True}, TypeError, "seed must be a whole number, not True"),
        ({"temperature": 0}, ValueError, "must be a number above 0, not 0; .* leave it out"),
        ({"temperature": -1.0}, ValueError, "must be a number above 0"),
        ({"temperature": float("nan")}, ValueError, "must be a number above 0"),
        ({"temperature": "hot"}, ValueError, "must be a number above 0, not 'hot'"),
    ],
)
def test_what_the_figure_cannot_show_is_refused_in_plain_words(
    model, vocabulary, arguments, error, message
):
    with pytest.raises(error, match=message):
        Completion(model, vocabulary, **arguments)


def test_a_model_and_a_vocabulary_that_do_not_match_are_refused(model):
    with pytest.raises(ValueError, match="the model knows 17 characters, the vocabulary 3"):
        Completion(model, Vocabulary("dgo"))
    with pytest.raises(TypeError, match="vocabulary must be a Vocabulary, not str"):
        Completion(model, CHARACTERS)
    with pytest.raises(TypeError, match="model must be a CharRNN, not NoneType"):
        Completion(None, Vocabulary(CHARACTERS))


@pytest.mark.parametrize(
    ("trait", "value"), [("prompt", "z"), ("prompt", ""), ("length", 4), ("temperature", 0.0)]
)
def test_later_changes_are_checked_too(figure, trait, value):
    before = getattr(figure, trait)
    with pytest.raises(traitlets.TraitError):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before


def test_a_state_from_the_page_is_taken_over(figure):
    figure.set_state({"prompt": "hey", "text": "hey h", "step": 5, "temperature": 0.3, "seed": 2})
    assert (figure.prompt, figure.text, figure.step) == ("hey", "hey h", 5)
    assert repr(figure) == "Completion(prompt='hey', length=15, temperature=0.3)"


def test_its_text_form_is_stable(figure, model, vocabulary):
    assert repr(figure) == "Completion(prompt='good', length=15, greedy)"
    drawn = Completion(model, vocabulary, "hey", 20, temperature=1)
    assert repr(drawn) == "Completion(prompt='hey', length=20, temperature=1)"


# --- the picture ---------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def picture(figure):
    return figure._repr_mimebundle_()[0]["image/svg+xml"]


def test_a_picture_stands_beside_the_live_figure(figure, model, vocabulary):
    data, _ = figure._repr_mimebundle_()
    assert set(data) == {
        *("text/plain", "image/svg+xml"),
        "application/vnd.jupyter.widget-view+json",
    }
    assert data["text/plain"] == repr(figure)
    assert picture(figure) == picture(Completion(model, vocabulary))  # deterministic
    assert len(picture(figure)) < 20_000
    assert not re.search(r"\d\.\d{2}\d", picture(figure))  # no digits that a CPU could change


def test_the_picture_shows_the_states_and_probabilities(figure):
    root = ElementTree.fromstring(picture(figure))
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert root.get("role") == "img"
    assert "After ‘good’ the network gives" in root.find(f"{SVG}title").text
    shown = [t for t in texts if t in [f"{100 * p:.1f} %" for p in figure.probabilities]]
    assert len(shown) == 17
    assert texts.count("␣") == 1
    assert "good" in texts
    cells = [
        node for node in root.iter(f"{SVG}rect") if "unit" in (node.findtext(f"{SVG}title") or "")
    ]
    assert len(cells) == 4 * 12
    last = [cell.get("fill") for cell in cells[-12:]]
    assert last == [diverging(h) for h in figure.hidden]


def test_the_picture_follows_the_prompt(figure):
    before = picture(figure)
    figure.prompt = "have"
    assert picture(figure) != before


def test_any_character_can_be_in_the_picture():
    figure = Completion(CharRNN(4, 2), Vocabulary("<&>'"), "<&>'", 5)
    texts = [node.text for node in ElementTree.fromstring(picture(figure)).iter(f"{SVG}text")]
    assert "<&>'" in texts
    assert {"<", "&", ">", "'"} <= set(texts)


def test_the_colour_scale_is_blue_ground_orange():
    assert diverging(-1.0) == COLOURS["negative"]
    assert diverging(0.0) == COLOURS["ground"]
    assert diverging(1.0) == diverging(3.0) == COLOURS["positive"]


def test_svg_is_escaped_and_short():
    assert tag("a", "b", x=1.0, font_size=2.25, title='"<') == (
        '<a x="1" font-size="2.2" title="&quot;&lt;">b</a>'
    )


def test_numpys_numbers_are_numbers(model, vocabulary):
    figure = Completion(
        model, vocabulary, "hey", length=np.int64(9), temperature=np.float32(0.5), seed=np.uint8(3)
    )
    figure.step = np.int32(2)
    lab = SpectralLab(hidden_size=np.int64(8), radius=np.float64(0.9), length=np.int16(20))
    for name in ("length", "temperature", "seed", "step"):
        assert type(getattr(figure, name)) in (int, float)
    for name in ("hidden_size", "radius", "length"):
        assert type(getattr(lab, name)) in (int, float)
    json.dumps([figure.get_state(["length", "temperature"]), lab.get_state(["radius"])])
    with pytest.raises(TypeError, match="seed must be a whole number, not True"):
        Completion(model, vocabulary, "hey", length=9, seed=True)
