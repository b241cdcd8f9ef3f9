import { AnalyticsBrowser } from "@segment/analytics-next";
import { jimoDestination } from "segment-jimo";

export const analytics = AnalyticsBrowser.load({
  writeKey: "YOUR_WRITE_KEY",
  plugins: [jimoDestination({ projectId: "YOUR_PROJECT_ID", manualInit: true, assets: "/segment-jimo/" })],
});
