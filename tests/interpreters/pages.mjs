// The pages of a visitor's random history. Each has its own window, analytics.js and Jimo. One page at a time is active:
// then the globals are those of this page.

import { settle } from "./clock.mjs";
import { must } from "./visitor.mjs";

const from = { url: new URL("../../web/page/plugin.js", import.meta.url).href, tag: false };
const OF_PAGE =
  "segmentJimo jimo jimoInit JIMO_PROJECT_ID JIMO_MANUAL_INIT jimoKill document addEventListener removeEventListener dispatchEvent";
const GLOBALS = OF_PAGE.split(" ");

/** @type {Page | undefined} */
let active;
export const activePage = () => active;
let pages = 0;

/** Makes a page active. @param {Page} page */
export function activate(page) {
  if (active === page) return;
  if (active) active.globals = GLOBALS.filter((name) => name in globalThis).map((name) => [name, globalThis[name]]);
  active = page;
  for (const name of GLOBALS) delete globalThis[name];
  Object.assign(globalThis, Object.fromEntries(page.globals));
  Object.defineProperty(globalThis, "sessionStorage", { value: page.storage, configurable: true });
}

/** @param {string} type @param {object} [more] */
export const tell = (type, more) => globalThis.dispatchEvent(Object.assign(new Event(type), more));

/**
 * @typedef {object} Around what all pages share
 * @property {import("./visitor.mjs").Visitor} visitor
 * @property {{ script: string, push: string, answer: string }} fate what Jimo is going to do
 * @property {{ attach(page: number): string, command(page: number, what: string, value: string): string }} python
 * @property {(given: object, from: object) => any} createDestination
 * @property {{ clear(owner: unknown): void }} clock
 *
 * @typedef {object} Tab
 * @property {object} storage @property {Page} page @property {{ deed: any, ctx: any }[]} coming
 */

/** One page, with its Jimo. */
export class Page {
  /** @param {Around} around @param {object} storage of its tab @param {boolean} prepared the page is prerendered and not shown yet */
  constructor(around, storage, prepared) {
    Object.assign(this, around, { around, storage });
    this.number = ++pages;
    this.dead = this.frozen = false;
    this.registered = false;
    this.problems = [];
    this.listeners = { dispatch_start: new Set(), reset: new Set() };
    this.view = this.visitor.opens();
    const { EventTarget: Target } = globalThis;
    const target = new Target();
    const shown = new Target();
    const document = {
      baseURI: "http://page/",
      scripts: [],
      prerendering: prepared,
      addEventListener: shown.addEventListener.bind(shown),
      removeEventListener: shown.removeEventListener.bind(shown),
      createElement: () => ({ remove() {} }),
      head: { appendChild: (script) => this.#adds(script) },
      implementation: { createHTMLDocument: () => ({ adoptNode: (script) => (script.gone = true) }) },
    };
    this.globals = Object.entries({
      document,
      addEventListener: target.addEventListener.bind(target),
      removeEventListener: target.removeEventListener.bind(target),
      dispatchEvent: target.dispatchEvent.bind(target),
    });
    this.show = () => {
      document.prerendering = false;
      shown.dispatchEvent(new Event("prerenderingchange"));
    };
    activate(this);
    const { visitor } = this;
    this.plugin = around.createDestination(
      { projectId: "p1", runtime: "page", manualInit: visitor.identifiedOnly, killOnReset: visitor.killOnReset },
      from,
    );
    ({ host: this.host, status: this.status } = globalThis.segmentJimo);
    this.analytics = {
      on: (name, listener) => this.listeners[name].add(listener),
      off: (name, listener) => this.listeners[name].delete(listener),
      user: () => ({ id: () => visitor.user || null, anonymousId: () => visitor.anonymousId }),
    };
  }

  async register() {
    this.registered = true;
    await this.plugin.load({}, this.analytics);
  }

  get isLeftAlone() {
    return Object.values(this.listeners).every(({ size }) => size === 0);
  }

  /** Does what the page's own Python does: it calls attach(). */
  async attach() {
    if (!this.registered || this.host.connect) return;
    const problem = this.python.attach(this.number);
    must(!problem, () => problem);
    for (let turns = 0; turns < 100 && this.status().state !== "running"; turns++) await settle();
    must(/running|failed/.test(this.status().state), () => "Python is attached, and does not run");
  }

  /** Emits an event of analytics.js. @param {string} name @param {unknown} [value] */
  emit(name, value) {
    for (const listener of [...this.listeners[name]]) listener(value);
  }

  /** Ends the page: the visitor has left it for good. */
  end() {
    this.dead = true;
    // A page that is gone changes the storage no more.
    const kept = { ...sessionStorage };
    this.plugin.unload();
    Object.assign(sessionStorage, kept);
    this.clock.clear(this);
  }

  #tries(work) {
    try {
      work();
    } catch (error) {
      this.problems.push(error);
    }
  }

  // Jimo's script.

  #adds(script) {
    this.#tries(() => {
      this.view.fetches();
      must(!this.dead, () => "a script on a page that is gone");
      must(!globalThis.document.prerendering, () => "a script on a page that is not shown");
      must(!this.jimo, () => "two SDKs at once");
    });
    if (Array.isArray(globalThis.jimo)) globalThis.jimo.push = (command) => this.#queued(command);
    const { script: fate } = this.fate;
    if (fate === "stalls") return;
    setTimeout(() => {
      if (script.gone) return;
      if (fate === "fails") return script.onerror();
      if (fate === "comes") this.comes();
      else this.waiting = () => this.comes();
      script.onload();
    }, 50);
  }

  /** The script has run. */
  comes() {
    this.waiting = undefined;
    if (!globalThis.JIMO_MANUAL_INIT) return this.#lives();
    globalThis.jimoInit = () => {
      globalThis.jimoInit = () => {};
      setTimeout(() => this.#lives(), 20);
    };
  }

  #lives() {
    const queued = globalThis.jimo;
    this.view.starts();
    this.jimo = { push: (command) => this.#push(command) };
    globalThis.jimo = this.jimo;
    globalThis.jimoKill = () => {
      this.jimo = undefined;
      for (const name of ["jimo", "jimoInit", "jimoKill"]) delete globalThis[name];
    };
    for (const command of queued) this.#takes(command);
  }

  #queued(command) {
    this.#checks(command);
    if (this.#fails()) throw new Error("no");
    return Array.prototype.push.call(globalThis.jimo, command);
  }

  #push(command) {
    this.#checks(command);
    const fails = this.#fails();
    if (!fails) return this.#takes(command);
    const [, method, [id]] = command;
    if (method === "identify") this.view.hears(id, () => {});
    else if (fails === "rejects") this.view.takes(method, command[2]);
    if (fails === "throws") throw new Error("no");
    return Promise.reject(new Error("no"));
  }

  #checks([, method, args]) {
    this.#tries(() => {
      must(!this.dead, () => "pushed on a page that is gone");
      must(active === this, () => "pushed on another page");
      this.view.pushes(method, args);
    });
  }

  #fails() {
    const { push } = this.fate;
    this.fate.push = "";
    this.visitor.failed ||= !!push;
    return push;
  }

  #takes([, method, args]) {
    if (method !== "identify") return void this.#tries(() => this.view.takes(method, args));
    const identify = this.view.hears(...args);
    const { answer } = this.fate;
    if (answer !== "later") this.view.answers(identify);
    if (answer === "twice") this.view.answers(identify);
  }
}
