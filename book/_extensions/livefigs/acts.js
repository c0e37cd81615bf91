/*
 * Words of the prose that act on a figure, and addresses that lead to what a reader has found.
 *
 * <span data-set='{"kind": "orthogonal"}'>Orthogonal</span> becomes a button that sets these traits
 * of the nearest figure; without a script, or in JupyterLab, it is a word like any other. Below each
 * figure a button puts what differs from the page into its address, from which runtime.js takes it.
 */
(() => {
  "use strict";

  const LONGEST = 200; // characters of a trait that is worth an address: what a reader sets is short

  const views = () => [...document.querySelectorAll(".livefigs-view")];

  /** Pixels between two elements, from edge to edge. */
  function distance(one, other) {
    const [a, b] = [one, other].map((element) => element.getBoundingClientRect());
    return Math.max(0, a.top - b.bottom, b.top - a.bottom);
  }

  function nearest(words) {
    const far = new Map(views().map((view) => [view, distance(words, view)]));
    return [...far.keys()].sort((a, b) => far.get(a) - far.get(b))[0];
  }

  async function act(words) {
    const view = nearest(words);
    const model = await LiveFigs.models.get(view.dataset.model);
    model.set(JSON.parse(words.dataset.set));
    view.scrollIntoView({ block: "nearest" });
  }

  function makeActive(words) {
    words.setAttribute("role", "button");
    words.tabIndex = 0;
    words.title = "Do it in the figure";
    words.addEventListener("click", () => act(words));
    words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act(words);
    });
  }

  /** The short traits that are no longer those of the page. */
  function changed(model, view) {
    const scripts = [...document.querySelectorAll(".livefigs-model")];
    const specs = scripts.map((script) => JSON.parse(script.textContent));
    const { state } = specs.find(({ id }) => id === view.dataset.model);
    const names = Object.keys(state).filter((name) => {
      const [before, now] = [state[name], model.get(name)].map((value) => JSON.stringify(value));
      return before !== now && now.length <= LONGEST;
    });
    return Object.fromEntries(names.map((name) => [name, model.get(name)]));
  }

  async function share(view, said) {
    const model = await LiveFigs.models.get(view.dataset.model);
    const traits = encodeURIComponent(JSON.stringify(changed(model, view)));
    history.replaceState(null, "", `#figure=${views().indexOf(view) + 1}&${traits}`);
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    said.textContent = `The address of this page now leads here${copied ? ", and is copied" : ""}.`;
  }

  function addSharing(view) {
    const button = document.createElement("button");
    const said = document.createElement("span");
    const line = document.createElement("p");
    Object.assign(button, { type: "button", textContent: "Link to this state" });
    said.setAttribute("role", "status");
    line.className = "livefigs-share";
    line.append(said, button);
    button.addEventListener("click", () => share(view, said));
    view.after(line);
  }

  document.querySelectorAll("[data-set]").forEach(makeActive);
  views().forEach(addSharing);
})();
