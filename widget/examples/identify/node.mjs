// Says who a signed-in shopper is, for deskbell('identify', { token }). Node.js 18 or newer, nothing to install.
// The secret stays on the server: whoever has it can be any shopper.

import { createHmac } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** `shopper`: { id, name, email, attributes }, of which `id` alone is needed. */
export function deskbellToken(siteKey, secret, shopper) {
  const header = encode({ alg: "HS256", typ: "JWT" });
  const claims = encode({
    aud: siteKey,
    sub: String(shopper.id),
    exp: Math.floor(Date.now() / 1000) + 3600,
    name: shopper.name,
    email: shopper.email,
    attributes: shopper.attributes,
  });
  const signature = createHmac("sha256", secret).update(`${header}.${claims}`).digest("base64url");
  return `${header}.${claims}.${signature}`;
}

// To try it: node node.mjs
if (process.argv[1]?.endsWith("node.mjs")) {
  const { DESKBELL_SITE_KEY, DESKBELL_SITE_SECRET } = process.env;
  const shopper = { id: 4711, name: "Zoë Müller", email: "zoe@shop.example", attributes: { plan: "gold" } };
  console.log(deskbellToken(DESKBELL_SITE_KEY, DESKBELL_SITE_SECRET, shopper));
}
