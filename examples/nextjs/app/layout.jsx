import { headers } from "next/headers";
import Link from "next/link";
import { Buttons } from "./buttons.jsx";

export const metadata = { title: "segment-jimo with Next.js", icons: "data:," };

export default async function Layout({ children }) {
  const nonce = (await headers()).get("x-nonce");
  return (
    <html lang="en">
      <head>
        {/* It passes its nonce on to what it adds to the page. */}
        <script
          nonce={nonce}
          src="/segment-jimo/segment-jimo.js"
          data-project-id="YOUR_PROJECT_ID"
          data-manual-init=""
          async
        />
      </head>
      <body>
        <nav>
          <Link href="/">Home</Link> <Link href="/pricing">Pricing</Link>
        </nav>
        {children}
        <Buttons />
      </body>
    </html>
  );
}
