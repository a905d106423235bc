// Cards of the side panel: what the page did not wait for is loaded when it comes into sight; each card tries again by itself,
// and whether it is folded is remembered.
import { morph, parse } from "./html.js";

const PATIENCE = 20000;
const JSON_WANTED = { accept: "application/json" };

const isBusy = (body) => body.ariaBusy === "true";

/** Says so, and leaves the link or the button to try again with. */
function fail(body) {
  body.ariaBusy = null;
  for (const link of body.querySelectorAll("[data-auto]")) delete link.dataset.auto;
  if (body.querySelector(".problem")) return;
  const line = Object.assign(document.createElement("p"), { className: "problem", role: "alert" });
  line.textContent = body.closest(".context").dataset.lost;
  body.prepend(line);
}

async function load(body, url) {
  if (isBusy(body)) return;
  body.ariaBusy = "true";
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    // Whoever is signed out is led to another page.
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const fresh = parse(await answer.text()).body.firstElementChild;
    body.ariaBusy = null;
    if (!fresh.firstElementChild) body.closest(".card").remove();
    else if (body.isConnected) morph(body, fresh);
  } catch {
    fail(body);
  }
}

/** Asks the shop again, and shows what it said then. */
async function ask(form) {
  const body = form.closest(".body");
  if (isBusy(body)) return;
  body.ariaBusy = "true";
  try {
    const [signal, sent] = [AbortSignal.timeout(PATIENCE), new URLSearchParams(new FormData(form))];
    const answer = await fetch(form.action, { method: "POST", headers: JSON_WANTED, body: sent, signal });
    if (!answer.ok) throw new Error(answer.status);
    body.ariaBusy = null;
    await load(body, `${form.action.replace(/orders$/, "card/orders")}?view=${form.elements.view.value}`);
  } catch {
    fail(body);
  }
}

async function fold(card) {
  const isFolded = !card.open;
  if (card.dataset.folded === String(isFolded)) return;
  card.dataset.folded = isFolded;
  const body = new URLSearchParams({ card: card.dataset.name, folded: isFolded ? "1" : "0" });
  const { fold } = card.closest(".context").dataset;
  await fetch(fold, { method: "POST", headers: JSON_WANTED, body, keepalive: true }).catch(() => {});
}

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    sight.unobserve(target);
    // It may have been drawn anew since it was seen.
    const body = target.closest(".body");
    if (body && "auto" in target.dataset) load(body, target.dataset.load);
  }
});

/** What is folded is not in sight. */
export function look() {
  for (const link of document.querySelectorAll(".context [data-auto]")) {
    sight.unobserve(link);
    sight.observe(link);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".context [data-load]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  load(link.closest(".body"), link.dataset.load);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".context [data-ask]")) return;
  event.preventDefault();
  ask(event.target);
});
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.(".context details.card")) return;
    fold(target);
    look();
  },
  true,
);
