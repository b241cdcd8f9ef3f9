import { expect, test } from "@playwright/test";
import { recordPage } from "segment-jimo/testing";

test("an order reaches Jimo", async ({ page }) => {
  const jimo = await recordPage(page);
  await page.goto("/");
  await page.getByRole("button", { name: "Buy" }).click();
  const [[verb, method, [track]]] = await jimo.settled({ received: 1 });
  expect([verb, method, track.event]).toEqual(["do", "segmentio:track", "Order Completed"]);
});
