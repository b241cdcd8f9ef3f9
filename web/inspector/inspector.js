// `segmentJimo.inspect()`: a panel on the page that shows what happens to each event, and why. It is
// fetched when it is opened, keeps what it sees only while it is open, and sends nothing.

import { watch } from "./watch.js";
import { createActions } from "./actions.js";
import { createDoctor } from "./doctor.js";
import { createHead } from "./head.js";
import { createPanel } from "./panel.js";
import { createRows } from "./rows.js";

/** Nobody could see more frequent changes. */
const DRAW_MS = 50;

/** The open panel of each destination. @type {WeakMap<Host, { close(): void }>} */
const open_ = new WeakMap();

/**
 * @param {Host} host
 * @returns {{ close(): void }} the one panel of this destination
 */
export function open(host) {
  const there = open_.get(host);
  if (there) return there;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const ended = new AbortController();
  const panel = createPanel(close, ended.signal);
  const watched = watch(host, () => (timer ??= setTimeout(draw, DRAW_MS)), close);
  const { journal } = watched;
  const actions = createActions(host, journal, panel.say);
  const head = createHead(host, watched);
  const doctor = createDoctor(host, ended.signal);
  const rows = createRows(host, journal, actions);
  panel.add(head.element, doctor.element, rows.element);

  function draw() {
    timer = undefined;
    panel.summary(host.status());
    head.draw();
    doctor.draw();
    rows.draw();
  }

  function close() {
    if (ended.signal.aborted) return;
    ended.abort();
    clearTimeout(timer);
    watched.stop();
    panel.remove();
    open_.delete(host);
  }

  const opened = { close };
  open_.set(host, opened);
  draw();
  return opened;
}
