// Says to which user a command of the page's own Python belongs, and which identify it waits for. Both follow from its
// stamp, as for an event.

/** @typedef {import("../page/stamps.js").Stamp} Stamp */

export function createCommandUser() {
  /** The last identify of a command. @type {{ id: string, stamp: Stamp } | undefined} */
  let own;
  /**
   * Call it for all commands in the order in which they were given.
   *
   * @param {Stamp} stamp
   * @param {string} [identifies] the user whom the command identifies
   * @returns {unknown} the user that the last command identified, until analytics.js has another one
   */
  return (stamp, identifies) => {
    if (identifies) own = { id: identifies, stamp };
    const isOwn =
      own?.stamp.era === stamp.era && own.stamp.user === stamp.user && own.stamp.identify === stamp.identify;
    return isOwn ? own?.id : (stamp.ids.userId ?? undefined);
  };
}

/**
 * @param {Stamp} stamp of a command
 * @param {ReturnType<typeof import("../page/stamps.js").createStamps>} stamps
 * @returns {Stamp | undefined} the last identify before it that is on its way to us
 */
export const identifyBefore = ({ number, era }, { coming }) =>
  [...coming].findLast((one) => one.identify === one.number && one.era === era && one.number < number);
