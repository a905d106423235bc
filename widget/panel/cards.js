// What the shop sells at the addresses in a message, as the server found it there: asked for when the message is shown.

import { h, textButton } from "./dom.js";
import { at, request } from "./http.js";
import { region, say } from "./words.js";

const money = (amount, currency) => new Intl.NumberFormat(region, { style: "currency", currency }).format(amount);

const stocks = () => ({ in: say("in"), out: say("out"), few: say("few") });

function card(found, { host, nav }) {
  const { url, title, image, price, currency, stock, sku } = found;
  const about = [currency && money(price, currency), stocks()[stock]].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "card" },
    image && h("img", { src: at(image), alt: "", width: 64, height: 64 }),
    h("b", { dir: "auto" }, title),
    h("p", {}, about),
    h("a", { class: "plain", href: url, target: "_blank", onclick: (event) => nav(event, url) }, say("view")),
    sku && stock !== "out" && textButton(say("add"), () => host.event("addToCart", { sku, url, title }), "primary"),
  );
}

// Nothing yet; a shop that cannot be asked shows no cards.
export function cardsFor(node, seq, actions) {
  const { record, session } = actions;
  request(`/v1/shopper/conversations/${record.id}/cards/${seq}`, session)
    .then(({ cards }) => node.look && node.replaceChildren(...cards.map((one) => card(one, actions))))
    .catch(() => {});
  return [];
}
