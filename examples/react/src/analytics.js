import { AnalyticsBrowser } from "@segment/analytics-next";
import { jimoDestination } from "segment-jimo";

// A module runs once, however often StrictMode runs the effects of a component.
export const analytics = AnalyticsBrowser.load({
  writeKey: "YOUR_WRITE_KEY",
  plugins: [jimoDestination({ projectId: "YOUR_PROJECT_ID", manualInit: true, assets: "/segment-jimo/" })],
});
