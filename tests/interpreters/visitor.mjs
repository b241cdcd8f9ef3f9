// A visitor of random histories, and what must hold whatever they do: whose profile Jimo may have at
// a moment, whose each value is, in which order things come, and which events may be given up. None
// of this looks at how the destination does it.

const MEANT = {
  identify: ["user:email", "user:attributes"],
  group: ["user:group"],
  track: ["segmentio:track"],
  page: [],
};
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
 * @property {number} position in the order in which it was handed over
 * @property {string[]} reached the methods of its commands that reached Jimo, apart from identify
 */

/** What is known of one visitor, on page after page. */
export class Visitor {
  /** @param {boolean} identifiedOnly @param {() => number} now */
  constructor(identifiedOnly, now) {
    this.identifiedOnly = identifiedOnly;
    this.now = now;
    this.era = 0;
    this.user = "";
    /** The first user whom Jimo is told of in each era: what came before them in it is theirs. */
    this.first = {};
    /** @type {Deed[]} */
    this.deeds = [];
    this.byMessage = new Map();
    /** The owners of the profiles that Jimo may have. Jimo keeps its profile from page to page. */
    this.mayBe = new Set(["nobody of 0"]);
    /** Nothing was written yet, and no user named. */
    this.untold = true;
    this.handed = 0;
    this.received = 0;
    this.settled = new Map();
    this.failed = this.late = this.reloaded = this.over = this.deregistered = this.hadToWait = false;
    this.newPage();
  }

  get anonymousId() {
    return `anonymous ${this.era}`;
  }

  newPage() {
    /** Identifies that Jimo was told on this page. */
    this.told = [];
    /** Of an earlier page: known there, but nothing tells this page which of them Jimo has. */
    this.carried = new Set(this.mayBe);
    this.lastFree = this.lastWrite = 0;
  }

  /** @param {string} kind @returns {Deed} */
  does(kind) {
    const { user, era, deeds } = this;
    const deed = { number: deeds.length, kind, user, era, position: 0, reached: [] };
    deeds.push(deed);
    return deed;
  }

  /** @param {string} user */
  logsIn(user) {
    this.user = user;
  }

  resets() {
    this.carried.clear();
    this.era++;
    this.user = "";
    // The first profile is that of the first visitor of whom it is told something.
    if (this.untold) this.mayBe = new Set([`nobody of ${this.era}`]);
  }

  /** @param {Deed} deed @param {string} messageId as it was handed over */
  handsOver(deed, messageId) {
    deed.position = ++this.handed;
    if (deed.kind !== "track") this.hadToWait ||= this.#hasToWait(deed);
    this.byMessage.set(messageId, deed);
    if (deed.user && (this.identifiedOnly || deed.kind === "identify")) this.first[deed.era] ??= deed.user;
  }

  /** Whether a deed with a user of this era was handed over. @param {number} era */
  isNamed(era) {
    return this.deeds.some((deed) => deed.position && deed.user && deed.era === era);
  }

  /** Jimo's script is fetched. */
  fetches() {
    must(!this.identifiedOnly || this.isNamed(this.era), () => "fetched for an anonymous visitor");
  }

  /** @param {unknown[]} args @returns {Deed} what a command comes from */
  deedOf(args) {
    const number = /#(\d+)#/.exec(JSON.stringify(args));
    must(number, () => `of nothing: ${JSON.stringify(args)}`);
    return this.deeds[number[1]];
  }

  /** A command comes, before Jimo may fail. @param {string} method @param {any[]} args */
  pushes(method, args) {
    if (method === "identify") {
      const owner = ownerOf(args[0]);
      const named = this.deeds.some((deed) => deed.position && deed.user === owner && deed.era === this.era);
      must(named, () => `identified ${owner}, who has ended, or is not there yet`);
      return;
    }
    const deed = this.deedOf(args);
    must(!this.identifiedOnly || this.isNamed(deed.era), () => `#${deed.number} of an anonymous visitor`);
    const meant = MEANT[deed.kind][deed.reached.length];
    if (!this.failed) must(method === meant, () => `#${deed.number}: ${method} instead of ${meant}`);
    must(!deed.reached.includes(method), () => `#${deed.number}: ${method} twice`);
    if (deed.kind === "track") this.#inOrder(deed);
    else this.#written(deed);
  }

  /** @param {Deed} deed */
  #written(deed) {
    this.untold = false;
    must(deed.era === this.era, () => `#${deed.number} written after a reset`);
    const own = this.#profilesOf(deed);
    // A known limit: once an identify is overdue, a profile that Jimo has from an earlier page is risked.
    if (this.isLate()) own.push(...this.carried);
    const right = [...this.mayBe].every((owner) => own.includes(owner));
    must(right, () => `#${deed.number} of ${own}: into one of ${[...this.mayBe]}`);
    // What writes may come later, for an identify's sake, and never earlier.
    const { position } = deed;
    const waited = this.hadToWait || this.isLate();
    must(waited || position >= this.lastFree, () => `#${deed.number} written later than what followed it`);
    must(this.isLate() || position >= this.lastWrite, () => `#${deed.number} written after a newer one`);
    this.lastWrite = position;
  }

  /** Those that a deed may write into. @param {Deed} deed */
  #profilesOf(deed) {
    const own = [deed.user || this.first[deed.era]];
    if (deed.kind === "group" || !deed.user) own.push(`nobody of ${deed.era}`);
    return own;
  }

  /** Whether a write has to wait for the next identify. @param {Deed} deed */
  #hasToWait(deed) {
    const own = this.#profilesOf(deed);
    return this.era > 0 || ![...this.mayBe].every((owner) => own.includes(owner));
  }

  /** @param {Deed} deed */
  #inOrder(deed) {
    must(deed.position > this.lastFree, () => `#${deed.number} after a newer one`);
    // What writes and comes behind it may not have gone out.
    must(this.isLate() || deed.position > this.lastWrite, () => `#${deed.number} after a write that followed it`);
    this.lastFree = deed.position;
  }

  /** Whether an identify of this page has waited for too long. */
  isLate() {
    this.late ||= this.told.some(({ at, answered }) => (answered ?? this.now()) - at >= DEADLINE_MS);
    return this.late;
  }

  /** Jimo takes a command. @param {string} method @param {any[]} args */
  takes(method, args) {
    if (method !== "identify") this.deedOf(args).reached.push(method);
  }

  /** Jimo hears of a user, and may have taken it even where it fails. @param {string} id @param {() => void} callback */
  hears(id, callback) {
    this.untold = false;
    const identify = { owner: ownerOf(id), at: this.now(), answered: undefined, callback };
    this.told.push(identify);
    this.mayBe.add(identify.owner);
    return identify;
  }

  /** Jimo calls back. @param {any} identify */
  answers(identify) {
    this.isLate();
    identify.answered ??= this.now();
    if (identify === this.told.at(-1)) this.mayBe = new Set([identify.owner]);
    identify.callback();
  }

  /** Holds against what the destination says of itself. @param {any} status @param {boolean} [leaves] */
  check({ events, recent, errors }, leaves) {
    const { received, unmatched, held, delivered, dropped } = events;
    const sum = unmatched + held + delivered + dropped;
    must(received === sum && Math.min(unmatched, held, delivered, dropped) >= 0, () => JSON.stringify(events));
    must(this.received + received === this.handed, () => `${this.handed} handed over, ${this.received} + ${received}`);
    const codes = errors.map(({ code }) => code);
    const wrong = codes.find((code) => /internal|python-error|not-announced|invalid/.test(code));
    must(!wrong, () => JSON.stringify(errors));
    must(!dropped || codes.length, () => "dropped without a word");
    for (const { messageId, outcome, reason } of recent) {
      const deed = this.byMessage.get(messageId);
      if (outcome === "dropped" && reason !== null) this.#excuse(deed, reason, codes);
      if (outcome === "delivered") must(isComplete(deed), () => `#${deed.number} delivered, but ${deed.reached}`);
      if (outcome === "unmatched") must(deed.kind === "page", () => `#${deed.number} unmatched`);
      if (outcome === "dropped" && reason === null) continue;
      if (outcome !== "held") {
        const before = this.settled.get(deed) ?? outcome;
        must(before === outcome, () => `#${deed.number} ${before}, then ${outcome}`);
        this.settled.set(deed, outcome);
      } else must(!isComplete(deed) || deed.kind === "page", () => `#${deed.number} held, but complete`);
    }
    if (leaves) this.received += received - held;
  }

  /** @param {Deed} deed @param {string} reason @param {string[]} codes */
  #excuse(deed, reason, codes) {
    const excuses = {
      reset: deed.era < this.era,
      "push-failed": this.failed,
      "identify-timeout": this.isLate(),
      "other-user": new Set(this.deeds.map(({ user }) => user)).size > 1,
      "quota-reached": this.over,
      unloaded: this.deregistered,
    };
    must(excuses[reason], () => `#${deed.number} dropped for ${reason}`);
    must(codes.includes(reason), () => `#${deed.number} dropped for ${reason}, of which errors know nothing`);
  }

  /** After all, when everything works again and Jimo has answered. @param {any} status */
  end({ events, recent }) {
    const { user, era } = this;
    const named = this.deeds.some(
      ({ kind, onPage, ...deed }) =>
        onPage && user && deed.user === user && deed.era === era && (this.identifiedOnly || kind === "identify"),
    );
    for (const { messageId, outcome } of recent) {
      if (outcome !== "held") continue;
      const deed = this.byMessage.get(messageId);
      must(!named, () => `#${deed.number} held in spite of a user`);
      const waits = this.identifiedOnly || (deed.kind !== "track" && this.#hasToWait(deed));
      must(waits, () => `#${deed.number} held for nothing`);
    }
    const lost = this.deeds.filter((deed) => deed.position && !this.settled.has(deed)).length - events.held;
    must(lost <= 0 || this.reloaded, () => `${lost} lost`);
  }
}

/** @param {Deed} deed */
const isComplete = ({ kind, reached }) => reached.join() === MEANT[kind].join();

/** Middleware may have Jimo told an id of its own for a user. @param {string} id */
const ownerOf = (id) => id.replace("crm-", "");
