// A visitor of random histories, and what must hold whatever they do: whose profile Jimo may have at
// a moment, whose each value is, in which order things come, and which events may be given up. None
// of this looks at how the destination does it.

const MEANT = {
  identify: ["user:email", "user:attributes"],
  group: ["user:group"],
  track: ["segmentio:track"],
  page: [],
  // Commands of the page's own Python.
  "own name": ["user:name"],
  "own track": ["segmentio:track"],
};
/** Kinds that tell Jimo of the user, or do not; others do on an identified-only page. */
const NAMES = { identify: true, "own name": false, "own track": false };
const isTrack = ({ kind }) => kind.endsWith("track");
const isOwn = ({ kind }) => kind.startsWith("own");
/** The owner of a profile of which nothing is known yet. */
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
 * @property {number} switches how often one user had followed another without a reset
 * @property {number} position in the order in which it was handed over
 * @property {string[]} reached the methods of its commands that reached Jimo, apart from identify
 * @property {View} [view] the page that has it now
 */

/** What is known of one visitor, on all pages of the site. */
export class Visitor {
  /** @param {boolean} identifiedOnly @param {boolean} killOnReset @param {() => number} now */
  constructor(identifiedOnly, killOnReset, now) {
    this.identifiedOnly = identifiedOnly;
    this.killOnReset = killOnReset;
    this.now = now;
    this.era = this.switches = 0;
    this.user = "";
    /** @type {Deed[]} */
    this.deeds = [];
    this.byMessage = new Map();
    /** The owners of the profiles that Jimo may have when a page begins: it keeps its profile. */
    this.mayBe = new Set([NEW]);
    this.order = this.handed = 0;
    this.settled = new Map();
    this.failed = this.late = this.reloaded = this.over = this.deregistered = this.hadToWait = this.unseen = false;
    /** @type {View[]} */
    this.views = [];
  }

  /** As in analytics.js it changes with a reset, and when another user follows without one. */
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

  /** @param {string} user @param {boolean} seen a destination that works is on the page */
  logsIn(user, seen) {
    if (this.user && this.user !== user) {
      this.switches++;
      this.unseen ||= !seen;
    }
    this.user = user;
  }

  /** @param {boolean} told to all tabs */
  resets(told) {
    this.era++;
    this.user = "";
    if (told) for (const view of this.views) view.era = this.era;
  }

  /** The new profile is that of the first visitor of whom Jimo is told something. @param {number} era */
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
   * Those to whom belongs what an era has before its first user. In two tabs, the first user who was
   * there need not be the first of whom a page was told.
   *
   * @param {number} era
   * @returns {string[]}
   */
  firstOf(era) {
    const naming = this.deeds.filter(
      (deed) => deed.era === era && deed.user && deed.position && (NAMES[deed.kind] ?? this.identifiedOnly),
    );
    const [told] = naming.toSorted((a, b) => a.position - b.position);
    return [naming[0], told].flatMap((deed) => deed?.user ?? []);
  }

  /** Whether a deed with a user of this era was handed over. @param {number} era */
  isNamed(era) {
    return this.deeds.some((deed) => deed.position && deed.user && deed.era === era);
  }

  /** What no page has counted yet: left by one, and not taken over by another. */
  get between() {
    return this.handed - this.views.reduce((sum, { received }) => sum + received, 0);
  }
}

/** What is known of one page. */
export class View {
  /** @param {Visitor} visitor */
  constructor(visitor) {
    this.visitor = visitor;
    /** Identifies that Jimo was told on this page. */
    this.told = [];
    this.mayBe = new Set(visitor.mayBe);
    this.lastFree = this.lastWrite = 0;
    this.received = 0;
    /** The era of which this page can know. */
    this.era = visitor.era;
    this.user = visitor.user;
    /** Why an event may have been given up. @type {Set<string>} */
    this.codes = new Set();
  }

  /** Something is dispatched on this page: who the visitor is now can be seen. */
  sees() {
    const { user, era } = this.visitor;
    // Where one user follows another, there need not have been a reset.
    if (!user || !this.user) this.era = era;
    this.user = user;
  }

  /** @param {unknown[]} args @returns {Deed} what a command comes from */
  #deedOf(args) {
    const number = /#(\d+)#/.exec(JSON.stringify(args));
    must(number, () => `of nothing: ${JSON.stringify(args)}`);
    return this.visitor.deeds[number[1]];
  }

  /** Jimo's script is fetched. */
  fetches() {
    const { visitor, era } = this;
    must(!visitor.identifiedOnly || visitor.isNamed(era), () => "fetched for an anonymous visitor");
  }

  /** A command comes, before Jimo may fail. @param {string} method @param {any[]} args */
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
    // What writes may come later, for an identify's sake, and never earlier.
    const { position } = deed;
    const waited = visitor.hadToWait || this.isLate();
    must(waited || position >= this.lastFree, () => `#${deed.number} written later than what followed it`);
    must(this.isLate() || position >= this.lastWrite, () => `#${deed.number} written after a newer one`);
    this.lastWrite = position;
  }

  /** Those that a deed may write into. @param {Deed} deed */
  #profilesOf(deed) {
    const own = deed.user ? [deed.user] : this.visitor.firstOf(deed.era);
    if (deed.kind !== "identify" || !deed.user) own.push(`nobody of ${deed.era}`, NEW);
    return own;
  }

  /** Whether a write has to wait for the next identify. @param {Deed} deed */
  hasToWait(deed) {
    const own = this.#profilesOf(deed);
    return this.visitor.era > 0 || ![...this.mayBe].every((owner) => own.includes(owner));
  }

  /** @param {Deed} deed */
  #inOrder(deed) {
    must(deed.position > this.lastFree, () => `#${deed.number} after a newer one`);
    // What writes and comes behind it may not have gone out.
    must(this.isLate() || deed.position > this.lastWrite, () => `#${deed.number} after a write that followed it`);
    this.lastFree = deed.position;
  }

  /** Those of whom Jimo was told since it has last answered. */
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

  /** Jimo takes a command. @param {string} method @param {any[]} args */
  takes(method, args) {
    if (method !== "identify") this.#deedOf(args).reached.push(method);
  }

  /** Jimo hears of a user, and may have taken it even where it fails. @param {string} id @param {() => void} callback */
  hears(id, callback) {
    const { visitor } = this;
    const identify = { owner: ownerOf(id), at: visitor.now(), answered: undefined, callback };
    this.told.push(identify);
    this.mayBe.add(identify.owner);
    visitor.mayBe.add(identify.owner);
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
    }
    identify.callback();
  }

  /** Holds against what the destination says of itself. @param {any} status @param {boolean} [leaves] */
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
      // Where one user follows another in another tab, it cannot be told whom an anonymous visitor has become.
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
   * After all, when everything works again and Jimo has answered.
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
      // Where one user has followed another unseen, that may have been a reset.
      const mayWait = visitor.unseen || this.hasToWait(deed);
      const waits = identifiedOnly || (!isTrack(deed) && mayWait);
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

/** @param {Deed} deed of which something is out */
const isBegun = (deed) => deed.reached.length > 0 && !isComplete(deed);

/** Middleware may have Jimo told an id of its own for a user. @param {string} id */
const ownerOf = (id) => id.replace("crm-", "");
