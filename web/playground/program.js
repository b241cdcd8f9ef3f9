// The editor of a page's own Python, beside the editor of subscriptions.

import { byId, element, fill } from "./dom.js";

const SAMPLE = `import segment_jimo
from segment_jimo import SEND_TRACK_EVENT, SEND_USER_DATA, Subscription


def is_large_order(event):
    return event.event == "Order Completed" and event.properties.total > 20


def hide_email(event):
    if event.get("traits.email"):
        return {"traits.email": None}


segment_jimo.attach(
    subscriptions=[
        Subscription(SEND_USER_DATA),
        Subscription(SEND_TRACK_EVENT, trigger=is_large_order, name="Large orders"),
    ],
    middleware=hide_email,
)
`;
/** The line of an error. Only the message has it, if a function fails. */
const LINE = /(?:inline Python|<stdin>|<exec>)\D*?line (\d+)/;

/** @param {() => void} changed called if the program changes, or the choice between program and JSON */
export function wireProgram(changed) {
  /** @type {HTMLTextAreaElement} */
  const editor = byId("program");

  /** @param {{ line: number, message: string }[]} faults */
  function paint(faults) {
    const lines = editor.value.split("\n");
    editor.rows = lines.length;
    editor.style.minWidth = `${Math.max(...lines.map((line) => line.length)) + 3}ch`;
    byId("program-gutter").replaceChildren(
      ...lines.map((_, index) => {
        const wrong = faults.some(({ line }) => line === index + 1);
        return element("span", { class: wrong ? "wrong" : "" }, `${index + 1}`);
      }),
    );
    if (faults.length) editor.setAttribute("aria-invalid", "true");
    else editor.removeAttribute("aria-invalid");
    fill(byId("program-faults"), faults, () =>
      faults.map(({ line, message }) => {
        const button = element("button", { type: "button" }, `Line ${line}`);
        button.addEventListener("click", () => {
          const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
          editor.focus();
          editor.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
        });
        return element("li", {}, button, ` ${message}`);
      }),
    );
  }

  function choose() {
    const python = byId("rules-python").checked;
    byId("json-rules").hidden = python;
    byId("python-rules").hidden = !python;
    changed();
  }

  for (const name of ["rules-json", "rules-python"]) byId(name).addEventListener("change", choose);
  editor.addEventListener("input", () => {
    paint([]);
    changed();
  });

  return {
    /** Whether the visitor has chosen the rules in Python. */
    get chosen() {
      return byId("rules-python").checked;
    },
    get text() {
      return editor.value;
    },
    /** @param {string} text the program that the page runs; "" for none */
    show(text) {
      editor.value = text || editor.value || SAMPLE;
      byId(text ? "rules-python" : "rules-json").checked = true;
      paint([]);
      choose();
    },
    /** Marks the lines of the errors of a dry run. @param {{ message: string }[]} errors */
    point(errors) {
      paint(
        errors.flatMap(({ message }) => {
          const line = LINE.exec(message)?.[1];
          return line ? [{ line: Number(line), message: message.replace(/^inline Python, line \d+: /, "") }] : [];
        }),
      );
    },
  };
}
