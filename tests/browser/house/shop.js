// A careful merchant's page on an origin of its own: a nonce for every script, Trusted Types, and for the chat only the
// two lines that the documentation asks for.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { until } from "./until.js";

const policy = (nonce, chat) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${chat}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `frame-src ${chat}`,
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

const page = (nonce, chat, key) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Strict shop</title>
<script nonce="${nonce}">
  window.violations = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
    violations.push([violatedDirective, blockedURI, sourceFile].join(" ")));
</script></head>
<body><h1>Strict shop</h1><p><a href="/other">Another page</a></p>
${key ? `<script async src="${chat}/w/${key}.js"></script>` : ""}
</body></html>`;

/** The shop's origin is registered the way a merchant does it: in the console, by an admin. */
export async function register(here, origin) {
  const admin = await here.agent("hugo");
  await admin.signIn();
  await admin.page.goto(`${here.demo.origin}/admin/sites`);
  await admin.page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  const origins = admin.page.getByLabel("Origins");
  await origins.fill(`${await origins.inputValue()}\n${origin}`);
  await admin.page.getByRole("button", { name: "Save" }).click();
  await admin.page.getByText("Saved.").waitFor();
  await until("the origin counts", async () => {
    const answer = await fetch(`${here.demo.origin}/w/panel?site=${here.demo.known.site_key}`);
    return answer.headers.get("content-security-policy")?.includes(origin);
  });
}

export class Shop {
  #server;

  /** `chat` is Deskbell's origin. `/` has the widget of site `key`, `/bare` is the same page without it. */
  static async open(chat, key) {
    const shop = new Shop();
    shop.#server = createServer(({ url }, answer) => {
      const nonce = randomBytes(16).toString("base64");
      answer.setHeader("content-type", "text/html; charset=utf-8");
      answer.setHeader("content-security-policy", policy(nonce, chat));
      answer.end(page(nonce, chat, url === "/bare" ? null : key));
    });
    await new Promise((resolve) => shop.#server.listen(0, "127.0.0.1", resolve));
    // Another host name, so that the chat's frame is a third party here, as it is in a real shop.
    shop.origin = `http://localhost:${shop.#server.address().port}`;
    return shop;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
