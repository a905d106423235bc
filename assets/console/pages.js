// Moving between the inbox and conversations without losing the list, its place and what is being typed.
import { morph, parse } from "./html.js";

/** Pages that take each other's place, and what their addresses begin with. */
const KIN = { inbox: "desk", thread: "desk", rooms: "rooms", room: "rooms" };
const HOME = { desk: /^\/console\/(inbox|c)\//, rooms: /^\/console\/rooms/ };
const main = (page) => page.querySelector("main[data-page]");

const BREATH = 60;
const PATIENCE = 20000;

let loading = null;
/** Somebody on their way to a page. */
let visit = null;
let isStale = false;
let isRefreshing = false;

/** Whether this address is of the same kin as the page. */
function isSoft(url) {
  return url.origin === location.origin && HOME[KIN[main(document)?.dataset.page]]?.test(url.pathname);
}

function put(page) {
  const [old, fresh] = [main(document), main(page)];
  const isOther = old.querySelector(".thread")?.id !== fresh.querySelector(".thread")?.id;
  document.dispatchEvent(new CustomEvent("desk:put", { detail: page }));
  document.dispatchEvent(new CustomEvent("desk:before"));
  morph(old, fresh);
  morph(document.querySelector(".available"), page.querySelector(".available"));
  document.dispatchEvent(new CustomEvent("desk:after"));
  document.title = page.title;
  document.dispatchEvent(new CustomEvent("desk:arrive", { detail: { isOther } }));
}

/** Shows a page of the inbox in place; any other page is gone to. */
export function load(to, { push = true } = {}) {
  const shown = show(to, push);
  if (push) visit = shown;
  return shown;
}

async function show(to, push) {
  const url = new URL(to, location.href);
  const from = main(document)?.dataset.page;
  const fits = (page) => page === from || (KIN[page] && KIN[page] === KIN[from]);
  if (url.href !== location.href && !isSoft(url)) return location.assign(url);
  document.dispatchEvent(new CustomEvent("desk:before-load"));
  loading?.abort();
  loading = new AbortController();
  const slow = setTimeout(() => main(document).setAttribute("aria-busy", "true"), 300);
  try {
    const signal = AbortSignal.any([loading.signal, AbortSignal.timeout(PATIENCE)]);
    const answer = await fetch(url, { headers: { accept: "text/html" }, signal });
    const page = parse(await answer.text());
    if (!fits(main(page)?.dataset.page)) return location.assign(url);
    if (push && url.href !== location.href) history.pushState({}, "", answer.url);
    put(page);
  } catch (problem) {
    if (problem.name !== "AbortError" && push) location.assign(url);
  } finally {
    clearTimeout(slow);
    main(document)?.removeAttribute("aria-busy");
  }
}

/**
 * Asks for this page again; several requests at once are one. However many come, each answer is shown before the next is asked
 * for, and whoever is on their way elsewhere gets there.
 */
export async function refresh() {
  isStale = true;
  if (isRefreshing) return;
  isRefreshing = true;
  try {
    while (isStale) {
      await new Promise((done) => setTimeout(done, BREATH));
      await visit;
      isStale = false;
      await load(location.href, { push: false });
    }
  } finally {
    isRefreshing = false;
  }
}

function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (
    !link ||
    event.defaultPrevented ||
    event.button ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  // A place on a page is the browser's to find.
  if (link.target || link.hash || !isSoft(link)) return;
  event.preventDefault();
  load(link.href);
}

export function start() {
  document.addEventListener("click", follow);
  document.addEventListener("desk:refresh", refresh);
  document.addEventListener("desk:gone", () => load("/console/inbox/mine"));
  addEventListener("popstate", () => load(location.href, { push: false }));
}
