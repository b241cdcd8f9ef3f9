import { createApp, h } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { analytics } from "./analytics.js";
import App from "./App.vue";

const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: { render: () => h("h1", "Home") } },
    { path: "/pricing", component: { render: () => h("h1", "Pricing") } },
  ],
});
router.afterEach(() => {
  analytics.page();
});

createApp(App).use(router).mount("#app");
