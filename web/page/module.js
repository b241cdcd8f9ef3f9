// The ES module: `import { jimoDestination } from "segment-jimo"` for the npm build of analytics.js.

import { NAME } from "./name.js";
import { createDestination } from "./plugin.js";

/**
 * JimoPlugin factory for `AnalyticsBrowser.load({ writeKey, plugins: [jimoDestination] })`.
 *
 * @type {JimoDestination}
 */
export const jimoDestination = Object.assign(
  (/** @type {Given} */ given) => createDestination(given, { url: import.meta.url, tag: false }),
  { pluginName: NAME },
);
