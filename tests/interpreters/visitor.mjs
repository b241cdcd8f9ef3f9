// A visitor of random histories, and the rules that must hold whatever the visitor does: whose profile Jimo may have at a
// moment, to whom each value belongs, the order of commands, and which events may be dropped. The rules do not depend on
// how the destination works.

const MEANT = {
  identify: ["user:email", "user:attributes"],
  group: ["user:group"],
  track: ["segmentio:track"],
  page: [],
  // Commands of the page's own Python.
  "own name": ["user:name"],
  "own track": ["segmentio:track"],
};
/** Whether a kind of deed tells Jimo about the user. All other kinds do so on an identified-only page. */
const NAMES = { identify: true, "own name": false, "own track": false };
const isTrack = ({ kind }) => kind.endsWith("track");
const isOwn = ({ kind }) => kind.startsWith("own");
/** The owner of a profile before anything is known about them. */
const NEW = "a new visitor";
const DEADLINE_MS = 10_000;

/** @param {unknown} right @param {() => string} message */
export function must(right, message) {
  if (!right) throw new Error(message());
}

/**
 * @typedef {object} Deed something that the visitor did
 * @property {number} number in the order of what they did
 * @property {string} kind
 * @property {string} user who they were then, or ""
 * @property {number} era how many resets came before
 * @property {number} switches how often one user had replaced another without a reset
 * @property {number} position in the order in which analytics.js handed the events over
 * @property {string[]} reached the methods of its commands that reached Jimo, apart from identify
 * @property {View} [view] the page that has it now
 */

/** What the test knows about one visitor, on all pages of the site. */
export class Visitor {
  /** @param {boolean} identifiedOnly @param {boolean} killOnReset @param {() => number} now */
  constructor(identifiedOnly, killOnReset, now) {
    this.identifiedOnly = identifiedOnly;
    this.killOnReset = killOnReset;
    this.now = now;
    this.era = this.switches = 0;
    this.user = "";
    /** The first user of each era, who need not have done anything. @type {string[]} */
    this.first = [];
    /** @type {Deed[]} */
    this.deeds = [];
    this.byMessage = new Map();
    /** The owners of the profiles that Jimo may have when a page begins. Jimo keeps its profile from page to page. */
    this.mayBe = new Set([NEW]);
    this.order = this.handed = 0;
    this.settled = new Map();
    this.failed = this.late = this.reloaded = this.over = this.deregistered = this.hadToWait = false;
    /** Since the last change of users, Jimo has not been told of anybody. */
    this.untold = false;
    /** To whom each page's Jimo was given. @type {{ view: View, owner: string }[]} */
    this.given = [];
    /** @type {View[]} */
    this.views = [];
  }

  /** As in analytics.js, the ID changes at a reset, and when another user logs in without a reset. */
  get anonymousId() {
    return `anonymous ${this.era} ${this.switches}`;
  }

  /** @returns {View} of a page that is opened */
  opens() {
    const view = new View(this);
    this.views.push(view);
    return view;
  }

  /** @param {string} kind @returns {Deed} */
  does(kind) {
    const { user, era, switches, deeds } = this;
    const deed = { number: deeds.length, kind, user, era, switches, position: 0, reached: [], view: undefined };
    deeds.push(deed);
    return deed;
  }

  /** @param {string} user */
  logsIn(user) {
    if (this.user && this.user !== user) {
      this.switches++;
      this.untold = true;
    }
    this.user = user;
    this.first[this.era] ??= user;
  }

  /** @param {boolean} told whether all tabs learn about it */
  resets(told) {
    this.era++;
    this.user = "";
    if (told) for (const view of this.views) Object.assign(view, { era: this.era, user: "" });
  }

  /** The new profile belongs to the first visitor about whom Jimo is told something. @param {number} era */
  owns(era) {
    for (const { mayBe } of [this, ...this.views]) if (mayBe.delete(NEW)) mayBe.add(`nobody of ${era}`);
  }

  /** @param {Deed} deed @param {View} view @param {string} [messageId] as it was handed over */
  handsOver(deed, view, messageId) {
    deed.position = ++this.order;
    deed.view = view;
    if (isOwn(deed)) return;
    this.handed++;
    this.byMessage.set(messageId, deed);
    if (!isTrack(deed)) this.hadToWait ||= view.hasToWait(deed);
  }

  /**
   * Returns the possible owners of the events before the first user of an era. With two tabs, the first user who
   * logged in need not be the first about whom a page was told.
   *
   * @param {number} era
   * @returns {string[]}
   */
  firstOf(era) {
    const naming = this.deeds.filter((deed) => deed.era === era && deed.user && deed.position && !isOwn(deed));
    const [told] = naming.toSorted((a, b) => a.position - b.position);
    return [this.first[era], naming[0]?.user, told?.user].filter(Boolean);
  }

  /** Whether analytics.js has handed over a deed with a user of this era. @param {number} era */
  isNamed(era) {
    return this.deeds.some((deed) => deed.position && deed.user && deed.era === era);
  }

  /** The deeds that no page counts: one page has left them, and no other page has taken them over. */
  get between() {
    return this.handed - this.views.reduce((sum, { received }) => sum + received, 0);
  }
}

/** What the test knows about one page. */
export class View {
  /** @param {Visitor} visitor */
  constructor(visitor) {
    this.visitor = visitor;
    /** The identifies that Jimo got on this page. */
    this.told = [];
    this.mayBe = new Set(visitor.mayBe);
    this.lastFree = this.lastWrite = 0;
    this.begins();
    this.received = 0;
    /** The era that this page can know. */
    this.era = visitor.era;
    this.user = visitor.user;
    this.anonymousId = visitor.anonymousId;
    /** Why an event may have been given up. @type {Set<string>} */
    this.codes = new Set();
  }

  /** analytics.js dispatches something on this page, so the page sees who the visitor is. */
  sees() {
    const { user, era, anonymousId } = this.visitor;
    // If one user replaces another, there need not have been a reset.
    if (!user || !this.user) this.era = era;
    // Where a user has been followed by another elsewhere, an anonymous visitor's page may take it for a reset.
    this.unsure ||= !this.user && this.anonymousId !== anonymousId;
    Object.assign(this, { user, anonymousId });
  }

  /** The destination begins: if one user has followed another untold, it may take that for a reset. */
  begins() {
    this.unsure ||= this.visitor.untold;
  }

  /** Jimo starts, with the profile that it finds. */
  starts() {
    this.mayBe = new Set(this.visitor.mayBe);
  }

  /** This page follows in its tab, and knows of no reset that the last one could not know of. @param {View} last */
  follows(last) {
    if (last.anonymousId === this.anonymousId) this.era = Math.min(this.era, last.era);
  }

  /** @param {unknown[]} args @returns {Deed} the deed that caused a command */
  #deedOf(args) {
    const number = /#(\d+)#/.exec(JSON.stringify(args));
    must(number, () => `of nothing: ${JSON.stringify(args)}`);
    return this.visitor.deeds[number[1]];
  }

  /** The page requests Jimo's script. */
  fetches() {
    const { visitor, era } = this;
    const isNamed = visitor.deeds.some((deed) => deed.position && deed.user && deed.era >= era);
    must(!visitor.identifiedOnly || isNamed, () => "fetched for an anonymous visitor");
  }

  /** Jimo gets a command, and may still refuse it. @param {string} method @param {any[]} args */
  pushes(method, args) {
    const { visitor } = this;
    if (method === "identify") {
      const owner = ownerOf(args[0]);
      const named = visitor.deeds.some((deed) => deed.position && deed.user === owner && deed.era >= this.era);
      must(named, () => `identified ${owner}, who has ended, or is not there yet`);
      return;
    }
    const deed = this.#deedOf(args);
    must(!visitor.identifiedOnly || visitor.isNamed(deed.era), () => `#${deed.number} of an anonymous visitor`);
    must(!deed.gone, () => `#${deed.number}, a command that was refused, or given on another page`);
    // A command waits no longer for an identify that does not arrive.
    deed.position ||= ++visitor.order;
    const meant = MEANT[deed.kind][deed.reached.length];
    if (!visitor.failed) must(method === meant, () => `#${deed.number}: ${method} instead of ${meant}`);
    must(!deed.reached.includes(method), () => `#${deed.number}: ${method} twice`);
    if (isTrack(deed)) this.#inOrder(deed);
    else this.#written(deed);
  }

  /** @param {Deed} deed */
  #written(deed) {
    const { visitor } = this;
    if (this.mayBe.has(NEW)) visitor.owns(deed.era);
    must(deed.era >= this.era, () => `#${deed.number} written after a reset`);
    const own = this.#profilesOf(deed);
    const right = [...this.mayBe].every((owner) => own.includes(owner));
    must(right, () => `#${deed.number} of ${own}: into one of ${[...this.mayBe]}`);
    // A command that writes may be late, because it waited for an identify. It is never early.
    const { position } = deed;
    const waited = visitor.hadToWait || this.mayWait(deed) || this.isLate();
    must(waited || position >= this.lastFree, () => `#${deed.number} written later than what followed it`);
    must(this.isLate() || position >= this.lastWrite, () => `#${deed.number} written after a newer one`);
    this.lastWrite = position;
    visitor.given.push({ view: this, owner: deed.user || `nobody of ${deed.era}` });
  }

  /** Returns the owners of the profiles that a deed may change. @param {Deed} deed */
  #profilesOf(deed) {
    const own = deed.user ? [deed.user] : this.visitor.firstOf(deed.era);
    if (deed.kind === "identify" && deed.user) return own;
    own.push(`nobody of ${deed.era}`, NEW);
    // A page cannot know of a reset if the same user has logged in again meanwhile.
    for (const [era, first] of this.visitor.first.entries()) if (first === deed.user) own.push(`nobody of ${era}`);
    return own;
  }

  /** Whether a write has to wait for the next identify. @param {Deed} deed */
  hasToWait(deed) {
    const own = this.#profilesOf(deed);
    return this.visitor.era > 0 || ![...this.mayBe].every((owner) => own.includes(owner));
  }

  /** Whether a write may wait for the next identify. @param {Deed} deed */
  mayWait(deed) {
    const { given, switches } = this.visitor;
    const own = this.#profilesOf(deed);
    // Another page's Jimo may have changed the profile that this one found.
    const isOfAnother = given.some(({ view, owner }) => view !== this && !own.includes(owner));
    // It cannot be told whom an anonymous visitor has become where one user has followed another in another tab.
    return isOfAnother || (!deed.user && deed.switches < switches) || this.unsure || this.hasToWait(deed);
  }

  /** @param {Deed} deed */
  #inOrder(deed) {
    must(deed.position > this.lastFree, () => `#${deed.number} after a newer one`);
    // No later command that writes may have gone out before this one.
    must(this.isLate() || deed.position > this.lastWrite, () => `#${deed.number} after a write that followed it`);
    this.lastFree = deed.position;
  }

  /** The users that Jimo was told about since its last answer. */
  get mayStore() {
    const last = this.told.findLastIndex(({ answered }) => answered !== undefined);
    return this.told.slice(last + 1).map(({ owner }) => owner);
  }

  /** Whether an identify of any page so far has waited for too long. */
  isLate() {
    const { visitor } = this;
    visitor.late ||= this.told.some(({ at, answered }) => (answered ?? visitor.now()) - at >= DEADLINE_MS);
    return visitor.late;
  }

  /** Jimo accepts a command. @param {string} method @param {any[]} args */
  takes(method, args) {
    if (method !== "identify") this.#deedOf(args).reached.push(method);
  }

  /** Jimo gets a user. Even if it fails, it may have stored that user. @param {string} id @param {() => void} callback */
  hears(id, callback) {
    const { visitor } = this;
    const identify = { owner: ownerOf(id), at: visitor.now(), answered: undefined, callback };
    this.told.push(identify);
    for (const { mayBe } of [this, visitor]) mayBe.add(identify.owner);
    visitor.given.push({ view: this, owner: identify.owner });
    return identify;
  }

  /** Jimo calls back. @param {any} identify */
  answers(identify) {
    const { visitor } = this;
    this.isLate();
    identify.answered ??= visitor.now();
    if (identify === this.told.at(-1)) {
      this.mayBe = new Set([identify.owner]);
      // Another page's Jimo may still be about to store its own.
      const others = visitor.views.filter((view) => view !== this && !view.left);
      visitor.mayBe = new Set([identify.owner, ...others.flatMap((view) => view.mayStore)]);
      if (identify.owner === visitor.user) visitor.untold = false;
    }
    identify.callback();
  }

  /** Compares this with the status of the destination. @param {any} status @param {boolean} [leaves] */
  check({ events, recent, errors, state }, leaves) {
    const { visitor } = this;
    const { received, unmatched, held, delivered, dropped } = events;
    const sum = unmatched + held + delivered + dropped;
    must(received === sum && Math.min(unmatched, held, delivered, dropped) >= 0, () => JSON.stringify(events));
    const codes = errors.map(({ code }) => code);
    const wrong = codes.find((code) => /internal|python-error|not-announced|invalid/.test(code));
    must(!wrong, () => JSON.stringify(errors));
    must(state === "failed" || !codes.includes("quota-reached"), () => `over quota, and ${state}`);
    must(!dropped || codes.length, () => "dropped without a word");
    const mayNotBeKept = visitor.era > 0 || visitor.switches > 0 || visitor.deregistered || visitor.deeds.some(isBegun);
    must(mayNotBeKept || !codes.includes("not-kept"), () => "not kept for the next page, for no reason");
    for (const { messageId, outcome, reason } of recent) {
      const deed = visitor.byMessage.get(messageId);
      if (outcome === "dropped" && reason !== null) this.#excuse(deed, reason, codes);
      if (outcome === "delivered") must(isComplete(deed), () => `#${deed.number} delivered, but ${deed.reached}`);
      if (outcome === "unmatched") must(deed.kind === "page", () => `#${deed.number} unmatched`);
      if (outcome === "dropped" && reason === null) continue;
      if (outcome !== "held") {
        const before = visitor.settled.get(deed) ?? outcome;
        must(before === outcome, () => `#${deed.number} ${before}, then ${outcome}`);
        visitor.settled.set(deed, outcome);
      } else {
        must(!isComplete(deed) || deed.kind === "page", () => `#${deed.number} held, but complete`);
        deed.view = this;
      }
    }
    this.left = leaves;
    this.received = leaves ? received - held : received;
    this.codes = new Set(codes);
  }

  /** @param {Deed} deed @param {string} reason @param {string[]} codes */
  #excuse(deed, reason, codes) {
    const { visitor } = this;
    const excuses = {
      // If one user replaces another in another tab, nobody can know whom an anonymous visitor has become.
      reset: deed.era < visitor.era || (!deed.user && deed.switches < visitor.switches),
      "push-failed": visitor.failed,
      "identify-timeout": this.isLate(),
      "other-user": new Set(visitor.deeds.map(({ user }) => user)).size > 1,
      "quota-reached": visitor.over,
      unloaded: visitor.deregistered,
    };
    must(excuses[reason], () => `#${deed.number} dropped for ${reason}`);
    must(codes.includes(reason), () => `#${deed.number} dropped for ${reason}, of which errors know nothing`);
  }

  /**
   * Checks the end, when everything works again and Jimo has answered.
   *
   * @param {any} status @param {number} heldCommands how many commands wait
   */
  end({ events, recent }, heldCommands) {
    const { visitor } = this;
    const { user, era, identifiedOnly } = visitor;
    const named = visitor.deeds.some(
      ({ kind, view, ...deed }) =>
        view === this && user && deed.user === user && deed.era === era && (NAMES[kind] ?? identifiedOnly),
    );
    const commands = visitor.deeds.filter(
      (deed) => isOwn(deed) && !deed.gone && deed.view === this && !deed.reached.length,
    );
    must(commands.length <= heldCommands || this.codes.size, () => "a command is gone without a word");
    const held = recent.filter(({ outcome }) => outcome === "held");
    for (const deed of [...held.map(({ messageId }) => visitor.byMessage.get(messageId)), ...commands]) {
      if (isOwn(deed) && this.codes.size) continue;
      must(!named, () => `#${deed.number} held in spite of a user`);
      const waits = identifiedOnly || (!isTrack(deed) && this.mayWait(deed));
      must(waits, () => `#${deed.number} held for nothing`);
    }
    if (visitor.reloaded) return;
    const open = visitor.deeds.filter(
      (deed) => deed.view === this && !isOwn(deed) && !visitor.settled.has(deed),
    ).length;
    must(open <= events.held, () => `${open - events.held} lost`);
  }
}

/** @param {Deed} deed */
const isComplete = ({ kind, reached }) => reached.join() === MEANT[kind].join();

/** @param {Deed} deed @returns whether a part of its commands has gone out */
const isBegun = (deed) => deed.reached.length > 0 && !isComplete(deed);

/** Middleware may give Jimo another ID for a user. @param {string} id */
const ownerOf = (id) => id.replace("crm-", "");
