"use client";

import { usePathname } from "next/navigation";
import { useEffect } from "react";
import { analytics } from "./analytics.js";

export function Buttons() {
  const path = usePathname();
  useEffect(() => {
    analytics.page();
  }, [path]);
  return (
    <>
      <button onClick={() => analytics.identify("u1", { email: "ada@example.com" })}>Log in</button>
      <button onClick={() => analytics.track("Order Completed", { path })}>Buy</button>
      <button onClick={() => analytics.reset()}>Log out</button>
    </>
  );
}
