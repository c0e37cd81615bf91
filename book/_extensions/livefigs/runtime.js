/*
 * The page's side of livefigs: runs anywidgets without a kernel, html-manager, require.js or network.
 *
 * A page holds, for each model, its traits as JSON in a script.livefigs-model; for each view, a
 * div.livefigs-view whose data-model names its model and which holds a picture for the time before;
 * and a script for each widget module, which hands it to LiveFigs.define. When a view has been
 * rendered its data-state is "ready"; when it could not be, "error", and the picture stays.
 *
 * The scripts stand in the page's head, behind its style sheets. So the first figure can start when
 * the browser has read that far, which is when the page calls LiveFigs.startFirst; the others start
 * when it has read all, one after the other, those in sight first.
 */
(() => {
  "use strict";

  const sources = new Map(); // module name -> { module, css }
  const widgets = new Map(); // module name -> Promise of what the module exports as its default
  const models = new Map(); // model id -> Promise<Model>
  const started = new Map(); // place of a view -> Promise of its start
  const views = new Map(); // element of a rendered view -> its AbortController

  window.LiveFigs = {
    models,
    define: (name, module, css) => void sources.set(name, { module, css }),
    startFirst,
  };

  /** Rendered out of sight but in place, so that a widget can measure itself beside its picture. */
  const STYLE = `
    .livefigs-view { position: relative; }
    .livefigs-starting { position: absolute; inset: 0 0 auto; visibility: hidden; }
    .livefigs-box { display: flex; flex-wrap: wrap; gap: 0.5rem; }
    .livefigs-share { display: flex; justify-content: end; gap: 0.75rem; margin: 0.25rem 0 1rem; }
    .livefigs-share, .livefigs-share button { font-size: 0.85rem; color: inherit; }
    .livefigs-share button { border: 0; padding: 0; background: none; text-decoration: underline; }
    [data-set][role="button"] { cursor: pointer; text-decoration: underline dotted; }
    @media print { .livefigs-share { display: none; } }`;

  /** What the address says of a figure: #figure=2&{"kind":"orthogonal"}, as acts.js writes it. */
  const told = (() => {
    const [, number, traits] = /^#figure=(\d+)&(.*)$/.exec(location.hash) ?? [];
    try {
      return number ? { number: Number(number), traits: JSON.parse(decodeURIComponent(traits)) } : null;
    } catch {
      return null; // an address that was cut off
    }
  })();

  const toldView = () => document.querySelectorAll(".livefigs-view")[told?.number - 1];

  const same = (a, b) =>
    a === b || (isPlain(a) && isPlain(b) && JSON.stringify(a) === JSON.stringify(b));
  const isPlain = (x) => x !== null && typeof x === "object" && !ArrayBuffer.isView(x);

  /** The part of a Backbone model that anywidget promises to widgets. */
  class Model {
    constructor({ id, state, widget, layout }) {
      Object.assign(this, { id, state, kind: widget, layout, handlers: [] });
    }

    get(name) {
      return this.state[name];
    }

    set(name, value) {
      const traits = typeof name === "object" ? name : { [name]: value };
      const changed = Object.keys(traits).filter((key) => !same(this.state[key], traits[key]));
      for (const key of changed) this.state[key] = traits[key];
      for (const key of changed) this.trigger(`change:${key}`, this.state[key]);
      if (changed.length) this.trigger("change");
    }

    on(events, callback, owner) {
      for (const event of events.split(/\s+/)) this.handlers.push({ event, callback, owner });
    }

    /** Drop the owner's handlers: all, or those of these events, or of this callback. */
    off(events, callback, owner) {
      const named = events?.split(/\s+/);
      this.handlers = this.handlers.filter(
        (handler) =>
          handler.owner !== owner ||
          (named && !named.includes(handler.event)) ||
          (callback && handler.callback !== callback),
      );
    }

    save_changes() {} // nobody to tell: the state is here

    send() {
      console.info("LiveFigs: a page has no kernel, so a message went nowhere");
    }

    trigger(event, ...values) {
      for (const handler of [...this.handlers]) {
        if (handler.event !== event) continue;
        try {
          handler.callback(this, ...values, {});
        } catch (error) {
          reportError(error); // one view's mistake must not keep the others from hearing
        }
      }
    }
  }

  const getModel = (reference) => {
    const id = reference.replace(/^IPY_MODEL_/, "");
    return models.get(id) ?? Promise.reject(new Error(`LiveFigs: there is no model ${id}`));
  };

  const onAbort = (signal, action) => {
    if (signal.aborted) action();
    else signal.addEventListener("abort", action, { once: true });
  };

  const noKernel = () => Promise.reject(new Error("LiveFigs: a page has no kernel"));

  /** What a widget sees of a model; the handlers that it adds go when the signal is aborted. */
  function modelFor(model, signal) {
    const owner = Symbol("owner");
    onAbort(signal, () => model.off(null, null, owner));
    return {
      get: (name) => model.get(name),
      set: (name, value) => model.set(name, value),
      on: (events, callback) => void (signal.aborted || model.on(events, callback, owner)),
      off: (events, callback) => model.off(events, callback, owner),
      save_changes: () => model.save_changes(),
      send: () => model.send(),
      widget_manager: { get_model: getModel },
    };
  }

  /** anywidget's way from a widget to the widgets that its traits refer to. */
  const hostFor = (signal) => ({
    getModel: async (reference) => modelFor(await getModel(reference), signal),
    getWidget: async (reference) => {
      const model = await getModel(reference);
      return {
        exports: model.exports,
        render: ({ el, signal: own }) => render(model.id, el, own ?? signal),
      };
    },
  });

  /** Import a module from its source, once per page. */
  function loadWidget(name) {
    if (!widgets.has(name)) widgets.set(name, importSource(name));
    return widgets.get(name);
  }

  async function importSource(name) {
    if (!sources.has(name)) throw new Error(`LiveFigs: the module ${name} did not load`);
    const { module, css } = sources.get(name);
    if (css) addStyle(css);
    const found = typeof module === "function" ? {} : await importText(name, module);
    if (typeof module === "function") module(found);
    return found.default ?? found; // an early anywidget exports render itself
  }

  /** Pages from disk may not import files, but may import what they hold themselves. */
  async function importText(name, esm) {
    const text = `${esm}\n//# sourceURL=livefigs/${name}.js`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      return await import(url);
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  function addStyle(css) {
    document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  }

  /** Binary traits travel as base64 beside the JSON; widgets get them as DataViews. */
  function restoreBuffers({ state, buffers = [] }) {
    for (const { path, data } of buffers) {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      const parent = path.slice(0, -1).reduce((value, key) => value[key], state);
      parent[path.at(-1)] = new DataView(bytes.buffer);
    }
  }

  async function createModel(spec) {
    restoreBuffers(spec);
    const model = new Model(spec);
    if (!spec.module) return model;
    const widget = await loadWidget(spec.module);
    model.definition = typeof widget === "function" ? await widget() : widget; // its own
    const { signal } = new AbortController(); // a model lives as long as the page
    const result = await model.definition.initialize?.({
      model: modelFor(model, signal),
      signal,
      experimental: { invoke: noKernel },
    });
    if (typeof result === "object") model.exports = result;
    return model;
  }

  /** Render a view of a model into an element; aborting the signal undoes it. */
  async function render(id, el, signal) {
    const model = await getModel(id);
    for (const [property, value] of Object.entries(model.layout ?? {})) {
      el.style.setProperty(property.replaceAll("_", "-"), value);
    }
    if (!model.definition) return renderArranging(model, el, signal);
    const cleanUp = await model.definition.render?.({
      model: modelFor(model, signal),
      el,
      signal,
      host: hostFor(signal),
      experimental: { invoke: noKernel },
    });
    if (typeof cleanUp === "function") onAbort(signal, cleanUp);
  }

  /** The few ipywidgets that only arrange others, or show text. */
  async function renderArranging(model, el, signal) {
    const property = { HTMLModel: "innerHTML", LabelModel: "textContent" }[model.kind];
    if (property) {
      const show = () => (el[property] = model.get("value"));
      modelFor(model, signal).on("change:value", show);
      return void show();
    }
    el.classList.add("livefigs-box");
    if (model.kind === "VBoxModel") el.style.flexDirection = "column";
    const children = model.get("children").map((child) => {
      const place = el.appendChild(document.createElement("div"));
      return render(child, place, signal);
    });
    await Promise.all(children);
  }

  /** Let a figure take the place of its picture, or say that it could not. */
  async function startView(box) {
    const el = document.createElement("div");
    const controller = new AbortController();
    const before = [...box.childNodes];
    el.className = "livefigs-starting";
    box.append(el);
    views.set(el, controller);
    try {
      await render(box.dataset.model, el, controller.signal);
      for (const node of before) node.remove();
      el.classList.remove("livefigs-starting");
      box.dataset.state = "ready";
    } catch (error) {
      console.error(error);
      stopView(el);
      el.remove();
      box.append(apology(box));
      box.dataset.state = "error";
    }
  }

  function apology(box) {
    const rest = box.querySelector("img") ? " You see a picture of it." : "";
    const textContent = `This interactive figure could not start.${rest}`;
    return Object.assign(document.createElement("p"), { className: "livefigs-error", textContent });
  }

  function stopView(el) {
    views.get(el)?.abort();
    views.delete(el);
  }

  /** Stop the views that have left the page. */
  function stopRemovedViews() {
    for (const el of [...views.keys()]) if (!el.isConnected) stopView(el);
  }

  /** Read the models that the browser has come to since the last time. */
  function defineModels() {
    document.querySelectorAll("script.livefigs-model").forEach(defineModel);
  }

  /** Take from the address what a model has, if it is of the same kind there. */
  function takeTold({ state }) {
    const kind = (value) => (Array.isArray(value) ? "list" : typeof value);
    for (const [name, value] of Object.entries(told.traits ?? {})) {
      const known = Object.hasOwn(state, name);
      if (known && [kind(value), "object"].includes(kind(state[name]))) state[name] = value;
    }
  }

  function defineModel(script) {
    const spec = JSON.parse(script.textContent);
    if (models.has(spec.id)) return;
    if (told && toldView()?.dataset.model === spec.id) takeTold(spec);
    const model = createModel(spec); // does not throw: what goes wrong is in the promise
    model.catch(() => {}); // each view of it reports the error
    models.set(spec.id, model);
  }

  /** Pixels between a view and what is in sight. */
  function distance(box) {
    const { top, bottom } = box.getBoundingClientRect();
    return Math.max(0, top - innerHeight, -bottom);
  }

  const pause = () => new Promise((resolve) => setTimeout(resolve));

  /** Start a view, unless it has been. */
  function startOnce(box) {
    if (!started.has(box)) started.set(box, startView(box));
    return started.get(box);
  }

  /** Start the views that have not been, nearest first, and let the page breathe in between. */
  async function startViews() {
    const boxes = [...document.querySelectorAll(".livefigs-view")];
    const far = new Map(boxes.map((box) => [box, distance(box)]));
    for (const box of boxes.sort((a, b) => far.get(a) - far.get(b))) {
      await startOnce(box);
      showTarget();
      await pause();
    }
  }

  /** The reader has moved: from now on the page stays where it is. */
  let moved = false;
  for (const event of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(event, () => (moved = true), { once: true, passive: true, capture: true });
  }

  /** A figure is not as high as its picture was: what a link led to is shown again. */
  function showTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = toldView() ?? (id && document.getElementById(id));
    if (target && !moved) target.scrollIntoView({ behavior: "instant" });
  }

  /** Start the first view, whose end the browser has just read. */
  function startFirst() {
    defineModels();
    startOnce(document.querySelector(".livefigs-view"));
  }

  /** Start all that is left, before the scripts that wait for the page. */
  function startRest() {
    if (document.readyState !== "interactive") return;
    defineModels();
    startViews();
    new MutationObserver(stopRemovedViews).observe(document.body, {
      childList: true,
      subtree: true,
    });
  }

  addStyle(STYLE);
  document.addEventListener("readystatechange", startRest);
  addEventListener("load", showTarget); // pictures and fonts have come
})();
