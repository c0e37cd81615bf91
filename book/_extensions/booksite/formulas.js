/* Build-time use of MathJax: TeX in, the HTML that MathJax would make in a page and MathML out. */
const { mathjax } = MathJax._.mathjax;
const { TeX } = MathJax._.input.tex_ts;
const { CHTML } = MathJax._.output.chtml_ts;
const { TeXFont } = MathJax._.output.chtml.fonts.tex_ts;
const { AllPackages } = MathJax._.input.tex.AllPackages;
const { SerializedMmlVisitor } = MathJax._.core.MmlTree.SerializedMmlVisitor;

const adaptor = MathJax._.adaptors.liteAdaptor.liteAdaptor();
const visitor = new SerializedMmlVisitor();
MathJax._.handlers.html_ts.RegisterHTMLHandler(adaptor);
let book, output;

/** Begin a book: its macros, and where its style sheet finds the fonts. */
function begin(macros, fontURL) {
  const forgiving = ["noerrors", "noundefined"]; // they would show a mistake instead of telling it
  const input = new TeX({
    packages: AllPackages.filter((name) => !forgiving.includes(name)),
    macros,
    formatError: (_, error) => { throw error; },
  });
  output = new CHTML({ font: new TeXFont({ fontURL }), adaptiveCSS: true });
  book = mathjax.document("", { InputJax: input, OutputJax: output });
}

function typeset(tex, display) {
  const item = new book.options.MathItem(tex, book.inputJax[0], display);
  item.start.node = adaptor.body(book.document);
  item.setMetrics(16, 8, 1e6, 1e6, 1);
  try {
    item.convert(book);
    return { html: adaptor.outerHTML(item.typesetRoot), mathml: visitor.visitTree(item.root) };
  } catch (error) {
    return { error: error.message };
  }
}

/** The style sheet for all that was typeset so far. */
function styleSheet() {
  return adaptor.textContent(output.styleSheet(book));
}
