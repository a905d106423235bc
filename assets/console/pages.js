// Moving between the inbox and conversations without losing the list, its place and what is being typed.
import { morph, parse } from "./html.js";
import { clear, toast } from "./toasts.js";
import { say } from "./words.js";

/** Pages that take each other's place, and what their addresses begin with. */
const KIN = { inbox: "desk", thread: "desk", rooms: "rooms", room: "rooms" };
const HOME = { desk: /^\/console\/(inbox|c)\//, rooms: /^\/console\/rooms/ };
const main = (page) => page.querySelector("main[data-page]");

const BREATH = 60;
/** A page that could not be had is asked for again, or when somebody wants it to be. */
const AGAIN = 5000;
const PATIENCE = 20000;

let loading = null;
let retry = 0;
/** The page that somebody was told they cannot have. */
let lost = null;
/** Somebody on their way to a page. */
let visit = null;
let isStale = false;
let refreshing = null;

/** Whether this address is of the same kin as the page. */
function isSoft(url) {
  return url.origin === location.origin && HOME[KIN[main(document)?.dataset.page]]?.test(url.pathname);
}

function put(page) {
  const [old, fresh] = [main(document), main(page)];
  const isOther = old.querySelector(".thread")?.id !== fresh.querySelector(".thread")?.id;
  document.dispatchEvent(new CustomEvent("desk:put", { detail: page }));
  document.dispatchEvent(new CustomEvent("desk:before"));
  const wrote = document.activeElement?.matches("textarea");
  morph(old, fresh);
  morph(document.querySelector(".available"), page.querySelector(".available"));
  document.dispatchEvent(new CustomEvent("desk:after"));
  document.title = page.title;
  const isLost = wrote && document.activeElement === document.body;
  document.dispatchEvent(new CustomEvent("desk:arrive", { detail: { isOther, isLost } }));
}

/** Gives what says whether somebody is still where they were. */
export function here() {
  const [at, on] = [location.href, visit];
  return () => at === location.href && on === visit;
}

/** Shows a page of the inbox in place; any other page is gone to. `tells`: somebody waits for it, and hears if it cannot be had. */
export function load(to, { push = true, tells = push } = {}) {
  const shown = show(new URL(to, location.href), push, tells);
  if (push) visit = shown;
  return shown;
}

const isBusy = (status) => status > 499 || status === 408 || status === 429;

/** A page as it came, and from where; nothing where another one is wanted by now. */
async function ask(url, tells) {
  loading?.abort();
  loading = new AbortController();
  const slow = setTimeout(() => main(document).setAttribute("aria-busy", "true"), 300);
  try {
    const signal = AbortSignal.any([loading.signal, AbortSignal.timeout(PATIENCE)]);
    const answer = await fetch(url, { headers: { accept: "text/html" }, signal });
    if (isBusy(answer.status)) throw new Error(answer.status);
    return [parse(await answer.text()), answer.url];
  } catch (problem) {
    if (problem.name === "AbortError") return [];
    if (tells) {
      lost = url.href;
      toast(say("script-failed"), say("script-try-again"), () => load(url), "page");
    }
    // What was to be brought up to date is asked for again.
    clearTimeout(retry);
    retry = setTimeout(refresh, AGAIN * (1 + Math.random()));
    return [];
  } finally {
    clearTimeout(slow);
    main(document).removeAttribute("aria-busy");
  }
}

async function show(url, push, tells) {
  const from = main(document)?.dataset.page;
  const fits = (page) => page === from || (KIN[page] && KIN[page] === KIN[from]);
  if (!from) return push && location.assign(url);
  if (url.href !== location.href && !isSoft(url)) return location.assign(url);
  document.dispatchEvent(new CustomEvent("desk:before-load"));
  const [page, at] = await ask(url, tells);
  if (!page) return;
  if (page.querySelector(".sign-in form")) {
    document.dispatchEvent(new CustomEvent("desk:live", { detail: "auth" }));
    return document.dispatchEvent(new CustomEvent("desk:signed-out", { detail: tells }));
  }
  // Another person who signed in meanwhile gets a page of their own.
  const isTheirs = page.body.dataset.me === document.body.dataset.me;
  if (!isTheirs || !fits(main(page)?.dataset.page)) return location.assign(url);
  if (push && url.href !== location.href) history.pushState({}, "", at);
  if (push || url.href === lost) clear("page");
  put(page);
}

/**
 * Asks for this page again; several requests at once are one. However many come, each answer is shown before the next is asked
 * for, and whoever is on their way elsewhere gets there.
 */
export function refresh() {
  isStale = true;
  refreshing ??= again().finally(() => (refreshing = null));
  return refreshing;
}

async function again() {
  while (isStale) {
    await new Promise((done) => setTimeout(done, BREATH));
    let on;
    do await (on = visit);
    while (on !== visit);
    isStale = false;
    await load(location.href, { push: false });
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

/** A conversation that is not theirs to see any more; what was being written there is not lost with it. */
async function gone() {
  const fields = [...document.querySelectorAll(".composer .write textarea")];
  const text = fields.map(({ value }) => value).filter(Boolean).join("\n");
  const inbox = new URL("/console/inbox/mine", location.href);
  if (text) sessionStorage.setItem(left(), JSON.stringify([...texts(), text]));
  await load(inbox);
  tellLeft();
}

const left = () => `gone:${document.body.dataset.me}`;
const texts = () => JSON.parse(sessionStorage.getItem(left()) ?? "[]");
const tellLeft = () => texts().length && import("./gone.js").then(({ tell }) => tell({ toast, say }, left(), texts));

export function start() {
  document.addEventListener("click", follow);
  document.addEventListener("desk:refresh", refresh);
  document.addEventListener("desk:gone", gone);
  tellLeft();
  addEventListener("popstate", () => load(location.href, { push: false, tells: true }));
}
