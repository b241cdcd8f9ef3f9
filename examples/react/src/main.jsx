import { StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes, useLocation } from "react-router";
import { analytics } from "./analytics.js";

function App() {
  const { pathname } = useLocation();
  useEffect(() => {
    analytics.page();
  }, [pathname]);
  return (
    <>
      <nav>
        <Link to="/">Home</Link> <Link to="/pricing">Pricing</Link>
      </nav>
      <Routes>
        <Route path="/" element={<h1>Home</h1>} />
        <Route path="/pricing" element={<h1>Pricing</h1>} />
      </Routes>
      <button onClick={() => analytics.identify("u1", { email: "ada@example.com" })}>Log in</button>
      <button onClick={() => analytics.track("Order Completed", { path: pathname })}>Buy</button>
      <button onClick={() => analytics.reset()}>Log out</button>
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <BrowserRouter>
      <App />
    </BrowserRouter>
  </StrictMode>,
);
