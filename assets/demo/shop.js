// What script adds to the sample shop: the cart fills without leaving the page, and the chat is told what is in it.

// Calls made before the chat has arrived wait in this queue.
window.deskbell ||= function deskbell(...call) {
  (deskbell.q ||= []).push(call);
};

const toast = document.querySelector("[data-toast]");
const count = document.querySelector("[data-count]");
let chatIsHere = false;
let fading;

function tellChat({ items, total, currency }) {
  const whole = (address) => new URL(address, location.href).href;
  const told = items.map((item) => ({ ...item, url: whole(item.url), img: whole(item.img) }));
  window.deskbell("setCart", { items: told, total, currency });
}

function say(text, link) {
  toast.textContent = text;
  if (link) toast.append(" ", link);
  toast.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => toast.classList.remove("shown"), 5000);
}

function linkToCart() {
  const link = document.createElement("a");
  link.href = "/shop/cart";
  link.textContent = "View cart";
  return link;
}

async function add(wish) {
  const answer = await fetch("/shop/cart/add", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(wish),
  });
  if (!answer.ok) throw new Error(`the cart answered ${answer.status}`);
  const { ok, pieces, cart } = await answer.json();
  if (!ok) return say("Your cart is full.", linkToCart());
  count.hidden = false;
  count.querySelector("b").textContent = pieces;
  tellChat(cart);
  say("In your cart.", linkToCart());
}

for (const form of document.querySelectorAll("[data-add]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A plain form post still works when the request did not.
    add(new FormData(form)).catch(() => form.submit());
  });
}

for (const form of document.querySelectorAll("[data-set]")) {
  form.querySelector("[data-update]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

document.addEventListener("click", (event) => {
  // Without the chat these links lead to the help page.
  if (chatIsHere && event.target.closest("[data-chat-open]")) event.preventDefault();
});

window.deskbell("on", "ready", () => {
  chatIsHere = true;
});
window.deskbell("on", "addToCart", ({ sku }) => {
  add({ slug: sku, pieces: 1 }).catch(() => say("That did not work. Please try again."));
});
tellChat(JSON.parse(document.body.dataset.cart));
