// The rest of the page side, fetched when there is a reason to run Python: has a runtime boot, or
// takes the page's own, and connects the bridge.

import { boot } from "./boot.js";
import { createBridge } from "./bridge.js";
import { quietly } from "../page/destination.js";
import { scriptUrl } from "./sdk.js";

/**
 * @param {Page} page
 * @param {AbortSignal} over aborted when nobody waits for Python any more
 * @param {(() => void)[]} undo
 */
export async function start(page, over, undo) {
  const connect = page.python ?? (await boot(optionsOf(page), over, undo));
  // Only the page's own Python has commands of its own.
  const client = page.python && (await import(new URL(FILES.client, page.base).href));
  if (over.aborted) return;
  page.mark("booted");
  const { bridge, open, signal } = createBridge(page, undo, client?.createClient);
  if (!over.aborted) connect(bridge);
  if (over.aborted) {
    // Python, or what it talks to, has refused the settings.
    page.state = "failed";
    return;
  }
  page.state = "running";
  if (page.ended) signal("reset");
  // The first look at who the user is was a guess; now the compiled mapping tells.
  page.user = /** @type {Page["user"]} */ (undefined);
  page.waiting = !!page.given.manualInit;
  open();
  if (page.user) signal("user", page.user.item);
  else signal("start");
}

/** @param {Page} page @returns {import("./boot.js").BootOptions} */
function optionsOf(page) {
  const { manualInit, subscriptions, runtime } = page.given;
  // Jimo's script is going to be asked for, unless the page does that by itself, or the user for whom
  // it waits is still a guess. WebKit would answer each later try with the failure of this one.
  const taken = quietly(() => window.jimo || window.JIMO_PROJECT_ID);
  const certain = !taken && !(manualInit && subscriptions) && !navigator.vendor.startsWith("Apple");
  return {
    runtime: runtime === "pyodide" ? runtime : "micropython",
    url: (file) => new URL(file, page.base).href,
    nonce: page.from.nonce,
    language: !!subscriptions,
    whole: false,
    sdkScript: certain ? scriptUrl(page) : null,
  };
}
