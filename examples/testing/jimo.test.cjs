const { recorder } = require("segment-jimo/testing");

test("an order reaches Jimo", async () => {
  const jimo = await recorder({ settings: { projectId: "YOUR_PROJECT_ID" } });
  jimo.send({ type: "track", event: "Order Completed" });
  const [[verb, method, [track]]] = await jimo.settled();
  expect([verb, method, track.event]).toEqual(["do", "segmentio:track", "Order Completed"]);
  await jimo.close();
});
