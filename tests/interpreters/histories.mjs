// Random histories of a visitor on what ships: the real page side and Python, with a simulated clock,
// analytics.js and Jimo. Prints one JSON object: the histories that went wrong, and how long it took.
//
//   node histories.mjs <micropython|pyodide> <how many> [<seed>] [first | <steps>]
//
// With "first" the first fault ends it. Steps have | between them, and true or false before them: whether the
// page is identified-only.

import { settle, simulateTime } from "./clock.mjs";
import { becomePage, connectOf } from "./page.mjs";
import { must, Visitor } from "./visitor.mjs";

const [runtime, count, firstSeed = "1", given] = process.argv.slice(2);
const connect = await connectOf(runtime);
becomePage();
const realNow = performance.now.bind(performance);
const clock = simulateTime();
const { createDestination } = await import("../../web/page/plugin.js");
// Loaded here once, so that Python's start takes the same few turns in each history.
await Promise.all([import("../../web/later/start.js"), import("../../web/later/client.js")]);
const from = { url: new URL("../../web/page/plugin.js", import.meta.url).href, tag: false };

/** What can happen, the likely ones more than once. */
const three = (steps) => [...steps, ...steps, ...steps];
export const STEPS = [
  ...three(["identify u1", "identify u2", "identify u3", "traits", "group", "track", "page"]),
  ...["identify u1 later", "track later", "group later", "identify u1 later", "track later"],
  ...["hand over", "hand over", "hand over changed", "hand over as a copy"],
  ...["callback", "callback", "callback", "callback of the first", "callback once more"],
  ...["answers at once", "answers twice", "answers later", "reset", "reset", "reset in another tab"],
  ...["pass 100", "pass 1000", "pass 11000", "pass 60000", "online", "reload", "reload without Python"],
  ...["python comes", "seem to leave", "log in elsewhere", "log out elsewhere", "deregister", "register"],
  ...["script comes", "script fails", "script stalls", "script never lives"],
  ...["a push throws", "a push rejects", "quota"],
];

/** mulberry32 @param {number} seed @returns {() => number} from 0 to 1 */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), seed | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One page, and Jimo on it. */
class Page {
  /** @param {Visitor} visitor @param {{ script: string, push: string, answer: string }} fate */
  constructor(visitor, fate) {
    this.visitor = visitor;
    this.fate = fate;
    this.dead = false;
    this.problems = [];
    this.listeners = { dispatch_start: new Set(), reset: new Set() };
    this.scripts = 0;
    const target = new EventTarget();
    const { problems } = this;
    for (const key of ["segmentJimo", "jimo", "jimoInit", "JIMO_PROJECT_ID", "JIMO_MANUAL_INIT"])
      delete globalThis[key];
    Object.assign(globalThis, {
      addEventListener: target.addEventListener.bind(target),
      removeEventListener: target.removeEventListener.bind(target),
      dispatchEvent: target.dispatchEvent.bind(target),
    });
    globalThis.document = {
      baseURI: "http://page/",
      scripts: [],
      createElement: () => ({ remove() {} }),
      head: { appendChild: (script) => this.#adds(script) },
      implementation: { createHTMLDocument: () => ({ adoptNode: (script) => (script.gone = true) }) },
    };
    this.problem = (work) => {
      try {
        return work();
      } catch (error) {
        problems.push(error.message);
        return undefined;
      }
    };
    this.plugin = createDestination({ projectId: "p1", runtime: "page", manualInit: visitor.identifiedOnly }, from);
    ({ host: this.host, status: this.status } = globalThis.segmentJimo);
    this.analytics = {
      on: (name, listener) => this.listeners[name].add(listener),
      off: (name, listener) => this.listeners[name].delete(listener),
      user: () => ({ id: () => visitor.user || null, anonymousId: () => visitor.anonymousId }),
    };
    this.registered = false;
  }

  async register() {
    this.registered = true;
    await this.plugin.load({}, this.analytics);
  }

  /** The page's Python attaches itself. */
  async attach() {
    if (!this.registered || this.host.connect) return;
    this.host.attach("{}", connect);
    for (let turns = 0; turns < 100 && this.status().state === "booting"; turns++) await settle();
  }

  /** Something happens in analytics.js. @param {string} name @param {unknown} [value] */
  emit(name, value) {
    for (const listener of [...this.listeners[name]]) listener(value);
  }

  // Jimo's script.

  #adds(script) {
    this.problem(() => {
      this.visitor.fetches();
      must(!this.dead, () => "a script on a page that is gone");
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
    this.jimo = { push: (command) => this.#push(command) };
    globalThis.jimo = this.jimo;
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
    if (method === "identify") this.visitor.hears(id, () => {});
    else if (fails === "rejects") this.visitor.takes(method, command[2]);
    if (fails === "throws") throw new Error("no");
    return Promise.reject(new Error("no"));
  }

  #checks([, method, args]) {
    this.problem(() => {
      must(!this.dead, () => "pushed on a page that is gone");
      this.visitor.pushes(method, args);
    });
  }

  #fails() {
    const { push } = this.fate;
    this.fate.push = "";
    this.visitor.failed ||= !!push;
    return push;
  }

  #takes([, method, args]) {
    if (method !== "identify") return void this.problem(() => this.visitor.takes(method, args));
    const identify = this.visitor.hears(...args);
    const { answer } = this.fate;
    if (answer !== "later") this.visitor.answers(identify);
    if (answer === "twice") this.visitor.answers(identify);
  }
}

/** A visitor's history. */
class History {
  /** @param {boolean} identifiedOnly */
  constructor(identifiedOnly) {
    this.visitor = new Visitor(identifiedOnly, clock.now);
    this.fate = { script: "comes", push: "", answer: "later" };
    this.coming = [];
    this.storages = [{}, {}];
    Object.defineProperty(globalThis, "localStorage", { value: this.storages[0], configurable: true });
    Object.defineProperty(globalThis, "sessionStorage", { value: this.storages[1], configurable: true });
  }

  async open(withPython) {
    this.visitor.newPage();
    this.page = new Page(this.visitor, this.fate);
    await this.page.register();
    if (withPython) await this.page.attach();
  }

  close() {
    const { page, visitor } = this;
    if (page.registered) globalThis.dispatchEvent(new Event("pagehide"));
    visitor.check(page.status(), true);
    const rows = page.status().recent.filter(({ outcome }) => outcome === "held");
    const held = rows.map(({ messageId }) => visitor.byMessage.get(messageId));
    page.dead = true;
    page.plugin.unload();
    clock.clear();
    // analytics.js loses what it had not handed over.
    this.coming = [];
    for (const deed of visitor.deeds) deed.onPage = held.includes(deed);
  }

  async reload(withPython) {
    this.close();
    this.visitor.reloaded = true;
    const { problems } = this.page;
    await this.open(withPython);
    this.page.problems.push(...problems);
  }

  dispatch(kind, later) {
    const { visitor, page } = this;
    const deed = visitor.does(kind);
    const name = `#${deed.number}#`;
    const { user, anonymousId } = visitor;
    const event = { type: kind, messageId: name, userId: user || null, anonymousId, timestamp: "now", traits: {} };
    if (kind === "identify") event.traits = { email: name, name };
    else if (kind === "group") event.groupId = name;
    else if (kind === "track") event.event = name;
    const ctx = { event, log() {} };
    page.emit("dispatch_start", ctx);
    this.coming.push({ deed, ctx });
    if (!later) this.handOver("");
  }

  handOver(how) {
    const { page, visitor } = this;
    for (const { deed, ctx } of this.coming.splice(0)) {
      if (!page.registered) continue;
      let given = ctx;
      if (how === "changed" && !this.unseen) {
        ctx.event.messageId += "changed";
        if (ctx.event.userId) ctx.event.userId = `crm-${ctx.event.userId}`;
      }
      if (how === "as a copy") given = { event: { ...ctx.event }, log() {} };
      deed.onPage = true;
      visitor.handsOver(deed, ctx.event.messageId);
      page.plugin[deed.kind](given);
    }
  }

  async do(step) {
    const { visitor, page, fate } = this;
    const [word, ...rest] = step.split(" ");
    const more = rest.join(" ");
    switch (word) {
      case "identify":
        visitor.logsIn(rest[0]);
        return this.dispatch(word, rest[1]);
      case "traits":
        return this.dispatch("identify");
      case "group":
      case "track":
      case "page":
        return this.dispatch(word, more);
      case "hand":
        return this.handOver(rest.slice(1).join(" "));
      case "callback": {
        const at = more === "of the first" ? 0 : more ? visitor.told.findLastIndex((one) => one.answered) : -1;
        const identify = visitor.told.at(at);
        if (page.jimo && identify && !(more === "once more" && at < 0)) visitor.answers(identify);
        return;
      }
      case "answers":
        fate.answer = more;
        return;
      case "reset":
        visitor.resets();
        if (!more) return page.emit("reset");
        localStorage["segment-jimo:p1"] = "reset";
        return globalThis.dispatchEvent(
          Object.assign(new Event("storage"), { key: "segment-jimo:p1", newValue: "reset" }),
        );
      case "pass":
        return clock.pass(Number(rest[0]));
      case "online":
        return globalThis.dispatchEvent(new Event("online"));
      case "reload":
        return this.reload(!more);
      case "python":
        return page.attach();
      case "seem":
        globalThis.dispatchEvent(new Event("pagehide"));
        return clock.pass(1);
      case "log":
        this.close();
        if (visitor.user && visitor.user !== "u2") visitor.deeds.forEach((deed) => (deed.onPage = false));
        if (rest[0] === "out") visitor.resets();
        else visitor.logsIn("u2");
        visitor.reloaded = true;
        return this.open(true);
      case "deregister":
        if (!page.registered) return;
        page.registered = false;
        visitor.deregistered = true;
        visitor.deeds.forEach((deed) => (deed.onPage = false));
        page.plugin.unload();
        return clock.pass(1);
      case "register":
        if (page.registered) return;
        // What was dispatched meanwhile is not known.
        this.coming = [];
        await page.register();
        return page.attach();
      case "script":
        fate.script = more;
        return;
      case "a":
        fate.push = rest[1];
        return;
      case "quota":
        visitor.over = true;
        return globalThis.dispatchEvent(new Event("jimo:mau-limit-reached"));
    }
    throw new Error(step);
  }

  /** Whatever failed works again, and Jimo answers. */
  async heal() {
    const { visitor, page, fate } = this;
    Object.assign(fate, { script: "comes", push: "", answer: "later" });
    if (!page.registered) await this.do("register");
    await page.attach();
    this.handOver("");
    page.waiting?.();
    // A script that has failed is tried again within five minutes.
    for (let round = 0; round < 3 + visitor.deeds.length; round++) {
      await clock.pass(round < 2 ? 40_000 : 100);
      if (page.host.shown.sdk === "failed") globalThis.dispatchEvent(new Event("online"));
      page.waiting?.();
      if (visitor.told.length) visitor.answers(visitor.told.at(-1));
      if (!page.status().events.held) break;
    }
  }

  /** @param {string[]} steps @returns {Promise<string | undefined>} what is wrong */
  async live(steps) {
    await this.open(true);
    try {
      for (const step of steps) {
        await this.do(step);
        this.look();
      }
      await this.heal();
      this.look();
      this.visitor.end(this.page.status());
      return undefined;
    } catch (error) {
      return error.message.includes("\n") ? error.stack : error.message;
    } finally {
      this.page.dead = true;
      this.page.plugin.unload();
      await clock.pass(1);
      clock.clear();
    }
  }

  look() {
    must(!this.page.problems.length, () => this.page.problems[0]);
    this.visitor.check(this.page.status());
  }
}

/** @param {boolean} identifiedOnly @param {string[]} steps */
const run = (identifiedOnly, steps) => new History(identifiedOnly).live(steps);

/** Leaves out what the fault does not need. @param {boolean} identifiedOnly @param {string[]} steps */
async function minimise(identifiedOnly, steps) {
  for (let at = steps.length - 1; at >= 0; at--) {
    const fewer = steps.toSpliced(at, 1);
    if (await run(identifiedOnly, fewer)) steps = fewer;
  }
  return steps;
}

const faults = [];
let tried = 0;
const began = realNow();
if (given && given !== "first") {
  const [first, ...steps] = given.split("|");
  faults.push(await run(first === "true", steps));
} else {
  const most = given ? 1 : 5;
  for (; tried < Number(count) && faults.length < most; tried++) {
    const draw = random(Number(firstSeed) + tried);
    const identifiedOnly = draw() < 0.5;
    // Short ones are easy to read when they fail; long ones find more.
    const length = draw() < 0.5 ? draw() * 11 : 12 + draw() * 29;
    const steps = Array.from({ length }, () => STEPS[Math.floor(draw() * STEPS.length)]);
    if (!(await run(identifiedOnly, steps))) continue;
    if (given) {
      faults.push({});
      continue;
    }
    const least = await minimise(identifiedOnly, steps);
    const problem = await run(identifiedOnly, least);
    const replay = `node tests/interpreters/histories.mjs ${runtime} 1 1 "${[identifiedOnly, ...least].join("|")}"`;
    faults.push({ seed: Number(firstSeed) + tried, problem, replay });
  }
}
console.log(JSON.stringify({ histories: tried, seconds: Math.round((realNow() - began) / 100) / 10, faults }));
process.exit();
