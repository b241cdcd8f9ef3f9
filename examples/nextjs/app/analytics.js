import { AnalyticsBrowser } from "@segment/analytics-next";

// On the server it only collects calls, and there are none.
export const analytics = new AnalyticsBrowser();

if (typeof window !== "undefined") {
  // The script tag in layout.jsx looks for it there.
  window.analytics = analytics;
  analytics.load({ writeKey: "YOUR_WRITE_KEY" });
}
