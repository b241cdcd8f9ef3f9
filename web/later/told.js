// The users whom Jimo was told of on this page, remembered for all pages of the site: Jimo keeps its user
// for the next page. Until Jimo has answered, it may store a user at any time, also after another
// page's Jimo has stored another one.

import { anonymousMarkOf, isOfAnother, markOf, RESET } from "../page/memory.js";

/** @typedef {import("../page/memory.js").Ids} Ids */

/** Two pages have told Jimo of different users, and Jimo has not answered both. */
const DOUBT = "?";

/** @param {Pick<Host, "memory" | "stamps">} host */
export function createTold(host) {
  /** The users that Jimo has not answered for, the newest last. @type {Ids[]} */
  const open = [];
  /** @type {Ids | undefined} */
  let last;
  const earlier = host.stamps.earlier();
  /** The mark of the visitor whom Jimo has as far as this page knows. */
  let ours = earlier && markOf(earlier);
  /** Python has heard that Jimo has our user. */
  let isKnown = false;

  /** If another page has told Jimo of somebody else, nobody knows which of the two users Jimo is going to keep. */
  function doubt() {
    if (open.some((ids) => isOfAnother(host.memory.read(), ids))) host.memory.write(DOUBT);
  }

  /** @param {Ids} ids */
  function store(ids) {
    ours = markOf(ids);
    host.memory.write(ours);
  }

  /** Jimo got a user, or data of an anonymous visitor, and may have stored it. @param {Ids} ids */
  function remember(ids) {
    if ([undefined, anonymousMarkOf(ids)].includes(host.memory.read())) store(ids);
  }

  return {
    remember,

    /** The visitor that Jimo was told of last. */
    get last() {
      return last;
    },

    /** @param {Ids} ids of the visitor that Jimo is told of now */
    tell(ids) {
      open.push(ids);
      last = ids;
      remember(ids);
      doubt();
    },

    /** Jimo has answered for a user, and so for all users before. @param {Ids} ids */
    answered: (ids) => void open.splice(0, open.lastIndexOf(ids) + 1),

    /** Jimo has the visitor that it was told of last. */
    known() {
      isKnown = true;
      if (last) store(last);
    },

    /**
     * Whether another page has given the profile that Jimo started with to another visitor. Once Jimo has answered this
     * page, it has the profile of our user, until a reset. A frozen page does not hear of a reset.
     *
     * @param {Ids} ids of an event
     */
    isOfAnother(ids) {
      const mark = host.memory.read();
      if (mark === ours || !isOfAnother(mark, ids)) return false;
      const isAnswered = last && !open.length;
      if (isAnswered && !(isKnown && mark?.startsWith(RESET))) return false;
      const now = host.stamps.idsNow();
      // The user may have logged in since, in another tab too.
      const visitor = now && !ids.userId && now.anonymousId === ids.anonymousId ? now : ids;
      return isOfAnother(mark, visitor);
    },

    /** Another page has changed what is remembered. */
    doubt,
  };
}
