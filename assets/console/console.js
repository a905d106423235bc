// Each behaviour is a file of its own; without any of them every page still works.
import * as bell from "./bell.js";
import * as cards from "./cards.js";
import { Composer } from "./composer.js";
import * as forms from "./forms.js";
import * as keys from "./keys.js";
import * as list from "./list.js";
import { Live } from "./live.js";
import * as log from "./log.js";
import * as pages from "./pages.js";
import { tick } from "./time.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const live = new Live();
let off = 0;

/** Who signs out here is on their way to another page by then. */
const SIGN_IN_AFTER = 500;
const signIn = (isAsked) => import("./again.js").then((late) => late.ask(live, isAsked));

/** Over the page, unless somebody is in the middle of a word: then when they have sent it, or press the link. */
function offerSignIn() {
  const isOut = document.documentElement.dataset.live === "auth";
  if (isOut && !document.activeElement.matches("input, textarea")) signIn(false).catch(() => {});
}

/** Says that the connection is gone, once it has been for a while. */
function status(state) {
  const line = document.querySelector(".live");
  if (state === "off" || state === "connecting") {
    off ||= setTimeout(
      () => (line.textContent = say(navigator.onLine ? "script-reconnecting" : "script-offline")),
      3000,
    );
    return;
  }
  off = clearTimeout(off);
  if (state === "on") line.textContent = "";
  if (state === "auth") {
    const link = Object.assign(document.createElement("a"), { textContent: say("script-sign-in-again") });
    link.href = `/console/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      signIn().catch(() => location.assign(link.href));
    });
    line.replaceChildren(`${say("script-signed-out")} `, link);
    setTimeout(offerSignIn, SIGN_IN_AFTER);
  }
}

function version(fresh) {
  if (fresh === document.querySelector("meta[name=ver]").content) return;
  toast(say("script-new-version"), say("script-reload"), () => location.reload(), "version");
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open], details.take-back[open]")) {
    const isOutside = event.type === "click" && !menu.contains(event.target);
    if (!isOutside && event.key !== "Escape") continue;
    menu.open = false;
    if (event.key === "Escape") menu.querySelector("summary").focus();
  }
}

async function copy(event) {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard?.writeText(field.value);
  button.textContent = say("script-copied");
}

document.addEventListener("desk:live", (event) => status(event.detail));
document.addEventListener("desk:signed-out", ({ detail }) => signIn(detail !== false).catch(() => {}));
document.addEventListener("desk:version", (event) => version(event.detail));
document.addEventListener("desk:arrive", () => live.subscribe());
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("click", copy);

// Not part of the first page.
const input = () => import("./input.js").then((late) => late.start(live));
document.addEventListener("keydown", input, { once: true });
document.addEventListener("click", input, { once: true });
document.addEventListener("dragenter", input, { once: true });

const goods = () => {
  if (document.querySelector("[data-goods]:empty")) import("./goods.js").then((late) => late.look());
  cards.look();
};
document.addEventListener("desk:after", goods);
document.addEventListener("desk:arrive", goods);

document.addEventListener("desk:list", (event) => list.take(event.detail));

// What a notification leads to is shown by the tab it chose.
navigator.serviceWorker?.addEventListener("message", ({ data }) => data.open && pages.load(data.open));
if (matchMedia("(display-mode: standalone)").matches) import("./device.js").then((late) => late.register());
if (document.querySelector("[data-page=me]")) import("./me.js").then((late) => late.start());

tick();
goods();
bell.start();
pages.start();
forms.start();
keys.start();
log.start();
new Composer(live).start();
live.start();
