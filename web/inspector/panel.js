// The frame of the inspector: a shadow root with its own style, which can be moved and collapsed.

import css from "./inspector.css";
import ofParts from "./parts.css";
import { element, fill } from "./parts.js";

/** How far an arrow key moves it. */
const STEP = 32;
/** How much of it always stays in sight. */
const VISIBLE = 60;

/** @type {Record<string, [x: number, y: number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Events of the panel that the page's own listeners must not get. */
const PRIVATE = ["keydown", "keyup", "keypress", "input", "change", "click", "pointerdown", "pointerup", "wheel"];

/**
 * @param {() => void} close
 * @param {AbortSignal} signal when it is closed
 */
export function createPanel(close, signal) {
  const place = element("div", { "data-segment-jimo-inspector": "" });
  const root = place.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(ofParts + css);
  root.adoptedStyleSheets = [sheet];
  for (const name of PRIVATE) place.addEventListener(name, (event) => event.stopPropagation());

  const grip = element("button", { type: "button", class: "grip", "aria-describedby": "grip-help" }, "Move");
  const fold = element("button", { type: "button", "aria-expanded": "true", "aria-controls": "content" }, "Collapse");
  const end = element("button", { type: "button" }, "Close");
  const summary = element("p", { class: "summary" });
  const header = element(
    "header",
    {},
    element("h1", { tabindex: "-1" }, "segment", element("span", {}, "-"), "jimo"),
    summary,
    grip,
    fold,
    end,
    element("span", { class: "hidden", id: "grip-help" }, "Use the arrow keys, or drag the title."),
  );
  const content = element("div", { id: "content" });
  const status = element("p", { class: "status", role: "status" });
  const panel = element("section", { class: "panel", "aria-label": "segment-jimo inspector" }, header, content, status);
  root.append(panel);
  document.documentElement.append(place);

  /** @param {number} left @param {number} top */
  function moveTo(left, top) {
    const { width } = panel.getBoundingClientRect();
    const x = Math.min(Math.max(left, VISIBLE - width), innerWidth - VISIBLE);
    const y = Math.min(Math.max(top, 0), innerHeight - VISIBLE);
    panel.style.inset = `${y}px auto auto ${x}px`;
  }

  grip.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const { left, top } = panel.getBoundingClientRect();
    moveTo(left + arrow[0] * STEP, top + arrow[1] * STEP);
  });
  header.addEventListener("pointerdown", (event) => {
    if (event.button || /** @type {Element} */ (event.target).closest("button:not(.grip)")) return;
    const { left, top } = panel.getBoundingClientRect();
    const [x, y] = [left - event.clientX, top - event.clientY];
    header.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ event) => moveTo(x + event.clientX, y + event.clientY);
    header.addEventListener("pointermove", move);
    header.addEventListener("lostpointercapture", () => header.removeEventListener("pointermove", move), {
      once: true,
    });
  });
  fold.addEventListener("click", () => {
    content.hidden = !content.hidden;
    fold.setAttribute("aria-expanded", String(!content.hidden));
    fold.textContent = content.hidden ? "Expand" : "Collapse";
  });
  end.addEventListener("click", close);
  addEventListener(
    "resize",
    () => {
      const { left, top } = panel.getBoundingClientRect();
      if (panel.style.inset) moveTo(left, top);
    },
    { signal },
  );

  return {
    /** @param {HTMLElement[]} parts */
    add(...parts) {
      content.append(...parts);
    },

    /**
     * Draws the line that stays visible when the panel is collapsed. @param {import("../segment-jimo.d.ts").JimoStatus}
     * status
     */
    summary({ events }) {
      const { received, unmatched, held, delivered, dropped } = events;
      fill(summary, events, () => [
        count(received, "received"),
        " = ",
        count(unmatched, "unmatched"),
        " + ",
        count(held, "held"),
        " + ",
        count(delivered, "delivered"),
        " + ",
        count(dropped, "dropped"),
      ]);
    },

    /** @param {string} words also for screen readers @param {string} [text] to copy by hand */
    say(words, text) {
      status.replaceChildren(words);
      if (text === undefined) return;
      const area = /** @type {HTMLTextAreaElement} */ (element("textarea", { readonly: "", "aria-label": words }));
      area.value = text;
      status.append(area);
      area.select();
    },

    remove: () => place.remove(),
  };
}

/** @param {number} number @param {string} name */
const count = (number, name) =>
  element(
    "span",
    { "data-count": name, "data-some": String(number > 0) },
    element("b", {}, String(number)),
    ` ${name}`,
  );
