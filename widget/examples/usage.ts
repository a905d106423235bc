/// <reference path="../deskbell.d.ts" />
// Every call once, and mistakes that the compiler must find: checked by tests/browser/types.test.js, run by nobody.

deskbell.open();
deskbell.open({ view: "ticket", text: "My order has not come" });
deskbell("open", { text: "Hello" });
deskbell.close();
deskbell.toggle();
deskbell.show();
deskbell.hide();
deskbell.identify({ token: "header.claims.signature" });
deskbell.logout();
deskbell.setLocale("pt-BR");
deskbell.setTheme({ scheme: "dark", "--c-primary": "#7a3fb5" });
deskbell.setCart({ items: [{ sku: "L-1", title: "Arc lamp", qty: 2, price: 40, currency: "EUR" }], total: 80 });
deskbell.setCart(null);
deskbell.setFields({ plan: "gold", orders: 3, newsletter: true });
deskbell.page({ url: "/checkout", title: "Checkout" });
deskbell.page();
deskbell.track("coupon failed", { code: "SPRING" });
deskbell.send("Where is my order?");
deskbell.consent(true);
deskbell.destroy();
window.deskbell?.open();

const off: () => boolean = deskbell.on("unread", (count) => count.toFixed());
off();
deskbell("on", "message", (detail) => detail);
deskbell.on("message", ({ role, body }) => role === "agent" && body.length);
deskbell.on("agent", ({ name }) => name?.toUpperCase());
deskbell.on("error", ({ code }) => code === "identity");
deskbell.on("addToCart", ({ sku }) => sku.length);
deskbell.on("rate", ({ score }) => score > 3);
deskbell.on("state", (state) => state === "chat");
deskbell.on("ready", () => {});

// @ts-expect-error: no such call
deskbell.shout();
// @ts-expect-error: no such call either way
deskbell("shout");
// @ts-expect-error: no such event
deskbell.on("explode", () => {});
// @ts-expect-error: a token is an object's field
deskbell.identify("token");
// @ts-expect-error: no such scheme
deskbell.setTheme({ scheme: "sepia" });
// @ts-expect-error: an item has a title
deskbell.setCart({ items: [{ sku: "L-1" }] });
// @ts-expect-error: a field is text, a number or a yes
deskbell.setFields({ basket: [] });
