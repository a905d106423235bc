// Every hostile text in every field: who brings it, and where it then stands.

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** What an e-mail address lets through. */
export const ADDRESSES = [
  "'onmouseover='alert`1`'",
  `{{7*7}}\${7*7}`,
  "javascript:alert`1`",
  "&lt&#60script&#62",
  "%3Cscript%3Ealert%281%29%3C/script%3E",
  "--&gt*/alert`1`//",
].map((local) => `${local}@mean.example`);

/** What the browser of a shopper tells of itself. */
export const reports = (text) => [
  {
    cart: {
      items: [
        { title: text, quantity: 1, price: text, currency: "EUR" },
        { sku: text, quantity: 1, price: "5", currency: text },
      ],
      total: text,
      currency: "EUR",
    },
    fields: { [text]: "a name", "a value": text },
  },
  { page: { url: text, title: "" } },
  { page: { url: `https://shop.example/?${text}`, title: "" } },
  { page: { url: `track:${text}`, title: "{}" } },
  { page: { url: "track:event", title: text } },
];

/** What the page of such a chat shows: field → where, and the whole text there. */
export const ofChat = (text) => ({
  "shopper's name": [".thread .title bdi", text],
  message: [".log .entry:not(.note) .text", text],
  note: [".log .entry.note .text", text],
  "answer before the chat": [".log .facts dd", text],
  "page title": ["#card-trail li", text],
  "page address": ["#card-trail li", `https://shop.example/?${text}`],
  "event's name": ["#card-trail li", `${text} {}`],
  "event's data": ["#card-trail li", `event ${text}`],
  "cart line's title": ["#card-cart dt", text],
  "cart line's price": ["#card-cart dd", `1 × ${text} EUR`],
  "cart line's currency": ["#card-cart dd", `1 × 5 ${text}`],
  "cart's total": ["#card-cart dd", `${text} EUR`],
  "custom field's name": ["#card-fields dt", text],
  "custom field's value": ["#card-fields dd", text],
});

/** What a shop's own system says of a customer's orders. */
export const order = (text) => ({
  number: text,
  total: "20",
  currency: "EUR",
  url: `https://erp.example/"onmouseover="${text}`,
  items: [{ title: text, sku: text, quantity: 2 }],
  tracking: [{ carrier: text, number: "7", url: text }],
});

/** A shop vouches for a customer who is called so. */
export function vouched({ site_key: aud, site_secret: secret }, n, text) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const attributes = { [text]: "a name", "a value": text };
  const claims = { sub: text, aud, exp, name: text, email: `n${n}@mean.example`, attributes };
  const said = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${said}.${createHmac("sha256", secret).update(said).digest("base64url")}`;
}

/** What the page of their chat shows. */
export const ofCustomer = (text) => ({
  "verified name": [".thread .title bdi", text],
  "signed attribute's name": ["#card-who dt", text],
  "signed attribute's value": ["#card-who dd", text],
  "order's number": ["#card-orders b", text],
  "order line's title": ["#card-orders .lines [dir=auto]", text],
  "order line's sku": ["#card-orders .lines bdi", text],
  "parcel's carrier": ["#card-orders p bdi", `${text} 7`],
});
