/* Paper is light: a page in dark colours is printed in light ones. */
(() => {
  "use strict";

  const page = document.documentElement;
  let shown = "light";
  addEventListener("beforeprint", () => {
    shown = page.dataset.theme;
    page.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    page.dataset.theme = shown;
  });
})();
