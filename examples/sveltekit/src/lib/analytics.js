import { browser } from "$app/environment";
import { AnalyticsBrowser } from "@segment/analytics-next";
import { jimoDestination } from "segment-jimo";

// On the server it only collects calls, and there are none.
export const analytics = new AnalyticsBrowser();

if (browser) {
  analytics.load({
    writeKey: "YOUR_WRITE_KEY",
    plugins: [jimoDestination({ projectId: "YOUR_PROJECT_ID", manualInit: true, assets: "/segment-jimo/" })],
  });
}
