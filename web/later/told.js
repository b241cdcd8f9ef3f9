// Whom Jimo was told of on this page, for all pages of the site: Jimo keeps its user for the next
// page. As long as it has not answered, it may store that user at any time, whatever another page's
// Jimo has stored meanwhile.

import { anonymousMarkOf, isOfAnother, markOf } from "../page/memory.js";

/** @typedef {import("../page/memory.js").Ids} Ids */

/** Two pages have had Jimo told of different users, and it has not answered both. */
const DOUBT = "?";

/** @param {Pick<Host, "memory">} host */
export function createTold(host) {
  /** Jimo has not answered for these, the newest last. @type {Ids[]} */
  const open = [];
  /** @type {Ids | undefined} */
  let last;

  /** Nobody knows whom Jimo is going to have, where another page has had it told of somebody else. */
  function doubt() {
    if (open.some((ids) => isOfAnother(host.memory.read(), ids))) host.memory.write(DOUBT);
  }

  /** Jimo was told of a user, or something of an anonymous visitor, and may have taken it. @param {Ids} ids */
  function remember(ids) {
    if ([undefined, anonymousMarkOf(ids)].includes(host.memory.read())) host.memory.write(markOf(ids));
  }

  return {
    remember,

    /** The visitor whom Jimo was told of last. */
    get last() {
      return last;
    },

    /** @param {Ids} ids of a visitor whom Jimo is told of now */
    tell(ids) {
      open.push(ids);
      last = ids;
      remember(ids);
      doubt();
    },

    /** @param {Ids} ids that Jimo has answered for, and so for all before them */
    answered: (ids) => void open.splice(0, open.indexOf(ids) + 1),

    /** Jimo has the visitor whom it was told of last. */
    known() {
      if (last) host.memory.write(markOf(last));
    },

    /** Another page has changed what is remembered. */
    doubt,
  };
}
