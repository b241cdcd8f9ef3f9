// The users whom Jimo was told of on this page, remembered for all pages of the site: Jimo keeps its user
// for the next page. Until Jimo has answered, it may store a user at any time, also after another
// page's Jimo has stored another one.

import { anonymousMarkOf, isOfAnother, markOf } from "../page/memory.js";

/** @typedef {import("../page/memory.js").Ids} Ids */

/** Two pages have told Jimo of different users, and Jimo has not answered both. */
const DOUBT = "?";

/** @param {Pick<Host, "memory">} host */
export function createTold(host) {
  /** The users that Jimo has not answered for, the newest last. @type {Ids[]} */
  const open = [];
  /** @type {Ids | undefined} */
  let last;

  /** If another page has told Jimo of somebody else, nobody knows which of the two users Jimo is going to keep. */
  function doubt() {
    if (open.some((ids) => isOfAnother(host.memory.read(), ids))) host.memory.write(DOUBT);
  }

  /** Jimo got a user, or data of an anonymous visitor, and may have stored it. @param {Ids} ids */
  function remember(ids) {
    if ([undefined, anonymousMarkOf(ids)].includes(host.memory.read())) host.memory.write(markOf(ids));
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
    answered: (ids) => void open.splice(0, open.indexOf(ids) + 1),

    /** Jimo has the visitor that it was told of last. */
    known() {
      if (last) host.memory.write(markOf(last));
    },

    /** Another page has changed what is remembered. */
    doubt,
  };
}
