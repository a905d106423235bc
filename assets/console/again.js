// Signing in again over the page: whoever is signed out goes on where they were, with all that they typed.
import { parse } from "./html.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const LOGIN = "/console/login";
const PATIENCE = 20000;

let dialog = null;
let live = null;

const asks = (init) =>
  fetch(LOGIN, {
    ...init,
    headers: { accept: "text/html", "accept-language": document.documentElement.lang },
    signal: AbortSignal.timeout(PATIENCE),
  });

/** Closed before it goes, so that the focus is where it was. */
function close() {
  const shown = dialog;
  dialog = null;
  shown?.close();
  shown?.remove();
}

/** The form of the sign-in page, under names that the page below does not use. */
function put(page) {
  const form = page.querySelector(".sign-in form");
  for (const el of form.querySelectorAll("[id]")) el.id = `again-${el.id}`;
  for (const el of form.querySelectorAll("label")) el.htmlFor = `again-${el.htmlFor}`;
  form.querySelector("[aria-describedby]")?.setAttribute("aria-describedby", "again-problem");
  const { email, next, password } = form.elements;
  email.value ||= document.querySelector(".top .who > span").textContent;
  next.value = "/console/me";
  const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: say("script-cancel") });
  cancel.className = "quiet wide";
  cancel.addEventListener("click", close);
  form.append(cancel);
  form.addEventListener("submit", send);
  dialog.replaceChildren(Object.assign(document.createElement("h2"), { textContent: say("script-signed-out") }), form);
  password.focus();
}

function complain(form) {
  const line = form.querySelector(".problem") ?? Object.assign(document.createElement("p"), { className: "problem" });
  line.setAttribute("role", "alert");
  line.textContent = say("script-unreachable");
  form.prepend(line);
}

async function send(event) {
  event.preventDefault();
  event.stopPropagation();
  const form = event.target;
  const button = form.querySelector(".primary");
  button.disabled = true;
  try {
    const answer = await asks({ method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = parse(await answer.text());
    if (!dialog) return;
    if (page.querySelector(".sign-in form")) put(page);
    else if (page.body.dataset.me) arrive(page);
    else complain(form);
  } catch {
    complain(form);
  } finally {
    button.disabled = false;
  }
}

/** The same person goes on here; another one gets a page of their own. */
function arrive(page) {
  if (page.body.dataset.me !== document.body.dataset.me) return location.assign(location.pathname + location.search);
  close();
  live
    .comeBack()
    .then(() => document.dispatchEvent(new CustomEvent("desk:refresh")))
    .catch(() => toast(say("script-unreachable")));
}

/** `isAsked`: by them; what is offered tears nobody out of a word that they have begun meanwhile. */
export async function ask(connection, isAsked = true) {
  if (dialog) return;
  live = connection;
  dialog = document.createElement("dialog");
  dialog.className = "signing-in";
  dialog.setAttribute("aria-label", say("script-sign-in-again"));
  dialog.addEventListener("close", close);
  try {
    const page = parse(await (await asks()).text());
    if (!dialog) return;
    if (!page.querySelector(".sign-in form")) {
      // Signed in meanwhile, in another tab. The page of somebody else stays as it is until they go on.
      close();
      if (page.body.dataset.me === document.body.dataset.me) arrive(page);
      return;
    }
    if (!isAsked && document.activeElement.matches("input, textarea")) return close();
    document.body.append(dialog);
    dialog.showModal();
    put(page);
  } catch {
    close();
    toast(say("script-unreachable"));
  }
}

document.addEventListener("desk:live", ({ detail }) => detail === "on" && close());
