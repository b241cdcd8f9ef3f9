export default {
  testMatch: "*.spec.mjs",
  use: { baseURL: process.env.BASE_URL, launchOptions: { executablePath: process.env.CHROMIUM } },
};
