// Faults that are over stay in `status().errors`, marked as healed.

/** @param {Pick<Host, "errors">} host @param {ErrorCode[]} codes */
export function heal({ errors }, codes) {
  for (const kind of errors.values()) if (codes.includes(kind.code)) kind.healed = true;
}
