// @vitest-environment happy-dom
import { Analytics } from "@segment/analytics-next";
import { recorder } from "segment-jimo/testing";
import { afterEach, beforeEach, expect, test } from "vitest";

let jimo;
beforeEach(async () => {
  jimo = await recorder({ settings: { projectId: "YOUR_PROJECT_ID" } });
});
afterEach(() => jimo.close());

test("an order reaches Jimo", async () => {
  const analytics = new Analytics({ writeKey: "test" });
  await analytics.register(jimo.plugin);
  await analytics.track("Order Completed", { total: 5 });
  const [[verb, method, [track]]] = await jimo.settled();
  expect([verb, method]).toEqual(["do", "segmentio:track"]);
  expect(track).toMatchObject({ event: "Order Completed", properties: { total: 5 } });
});

test("a user has a profile", async () => {
  jimo.send({ type: "identify", userId: "u1", traits: { email: "ada@example.com" } });
  await jimo.settled();
  expect(jimo.profiles.u1.email).toBe("ada@example.com");
  expect(jimo.problems).toEqual([]);
});
