/* A formula that is wider than its place scrolls there; then the keyboard can reach it, too. */
(() => {
  "use strict";

  function makeReachable() {
    for (const box of document.querySelectorAll("div.math mjx-container")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  for (const event of ["load", "resize"]) addEventListener(event, makeReachable);
  document.addEventListener("toggle", makeReachable, { capture: true }); // a <details> has opened
})();
