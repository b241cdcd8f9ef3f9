// The rest of the page side, fetched when there is a reason to run Python: has a runtime boot, or
// takes the page's own, and connects the bridge.

import { boot } from "./boot.js";
import { createBridge } from "./bridge.js";

/**
 * @param {Page} page
 * @param {AbortSignal} over aborted when nobody waits for Python any more
 * @param {(() => void)[]} undo
 */
export async function start(page, over, undo) {
  const connect = page.python ?? (await boot(page, over, undo));
  // Only the page's own Python has commands of its own.
  const client = page.python && (await import(new URL(FILES.client, page.base).href));
  if (over.aborted) return;
  page.mark("booted");
  const { bridge, open, signal, step } = createBridge(page, undo, client?.createClient);
  if (!over.aborted) connect(bridge);
  while (!over.aborted && step()) await new Promise((resolve) => setTimeout(resolve));
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
  await open();
  if (over.aborted) return;
  if (page.user) signal("user", page.user.item);
  else signal("start");
}
