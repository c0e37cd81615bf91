// How the JavaScript of the book is checked: `npm run check`, and in `make test` where npm is at hand.
import globals from "globals";

export default [
  { ignores: [".venv/", "_build/", "node_modules/"] },
  {
    files: ["charrnn_helpers/widgets/**/*.js", "book/_extensions/**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "eqeqeq": "error",
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
      "no-constant-condition": "error",
      "no-dupe-keys": "error",
      "no-fallthrough": "error",
      "no-irregular-whitespace": ["error", { skipStrings: false }],
      "no-self-assign": "error",
      "no-shadow": ["error", { allow: ["_"] }],
      "no-undef": "error",
      "no-unreachable": "error",
      "no-unused-vars": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { // on a page beside runtime.js
    files: ["book/_extensions/livefigs/acts.js"],
    languageOptions: { sourceType: "script", globals: { ...globals.browser, LiveFigs: "readonly" } },
  },
  { // run when the book is built, beside MathJax; the functions are called from Python
    files: ["book/_extensions/booksite/formulas.js"],
    languageOptions: { sourceType: "script", globals: { MathJax: "readonly" } },
    rules: { "no-unused-vars": "off" },
  },
];
