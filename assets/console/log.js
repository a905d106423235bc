// The log of a conversation: stays at its end, or where the reader is; says what was seen; tells what was read.
import { localise } from "./time.js";

/** Within this many pixels of the end, new messages keep the end in sight. */
const NEAR = 80;
/** Above this many entries the page is asked for again, with the newest only. */
const MOST = 300;
/** What could not be told is told again after so many milliseconds. */
const AGAIN = 5000;

const THEIRS = ".from-shopper, .from-colleague";
/** In a room that something was taken back is read as well. */
const READ = `${THEIRS}, [data-page=room] .silent`;

const scroller = () => document.querySelector(".scroll");
const log = () => document.querySelector(".log");
const pill = () => document.querySelector(".new-pill");
// The scroller grows upward: 0 is its end.
const isNear = (box) => box.scrollTop > -NEAR;

let held = null;
let timer = 0;

/** Remembers what the reader looks at. */
function hold() {
  const box = scroller();
  held = null;
  if (!box || isNear(box)) return;
  const top = box.getBoundingClientRect().top;
  const entry = [...box.querySelectorAll(".entry")].find((el) => el.getBoundingClientRect().bottom > top);
  if (entry) held = { entry, top: entry.getBoundingClientRect().top };
}

const isRun = (one, other) =>
  one.dataset.author === other?.dataset.author && one.classList.contains("note") === other.classList.contains("note");

/** Several messages of one author in a row show the author once. */
function markRuns() {
  for (const entry of document.querySelectorAll(".log .entry[data-author]")) {
    entry.classList.toggle("same", isRun(entry, entry.previousElementSibling));
    entry.classList.toggle("more", isRun(entry, entry.nextElementSibling));
  }
}

function settle() {
  const box = scroller();
  if (!box) return;
  markRuns();
  if (held?.entry.isConnected) box.scrollTop += held.entry.getBoundingClientRect().top - held.top;
  else if (isNear(box)) box.scrollTop = 0;
  markSeen();
  read();
  if (log()?.childElementCount > MOST && isNear(box)) document.dispatchEvent(new CustomEvent("desk:refresh"));
}

/** What became of what staff wrote; "Seen" stands at the newest that the shopper has read. */
function markSeen() {
  const { seen, seenAt, got } = log()?.dataset ?? {};
  let last = null;
  for (const entry of document.querySelectorAll(".log .from-staff[data-k]:not(:has(.gone))")) {
    const has = (upto) => Number(entry.dataset.k) <= Number(upto);
    if (has(seen)) last = entry;
    if (has(seen) && seenAt && !("wasSeen" in entry.dataset)) {
      for (const time of entry.querySelectorAll(".seen time, .yes time")) time.dateTime = seenAt;
      localise(entry);
    }
    entry.toggleAttribute("data-was-seen", has(seen));
    entry.toggleAttribute("data-was-got", has(got));
    entry.removeAttribute("data-last-seen");
  }
  last?.setAttribute("data-last-seen", "");
}

/** Tells the server what is in sight, while somebody looks. */
function read() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const list = log();
    const box = scroller();
    if (!list?.dataset.read || !box || document.hidden || !document.hasFocus() || !isNear(box)) return;
    const last = Number([...list.querySelectorAll(READ)].at(-1)?.dataset.k ?? 0);
    if (last <= Number(list.dataset.read)) return;
    list.dataset.read = last;
    const body = new URLSearchParams({ upto: last });
    fetch(new URL("read", document.querySelector(".composer form").action), { method: "POST", headers: { accept: "application/json" }, body })
      .then(({ status }) => (status < 500 && status !== 429) || Promise.reject(status))
      .catch(() => {
        list.dataset.read = 0;
        timer = setTimeout(read, AGAIN);
      });
  }, 250);
}

function arrived(event) {
  const box = scroller();
  const isTheirs = event.detail.matches(THEIRS);
  if (box && !isNear(box) && isTheirs && pill()) pill().hidden = false;
}

function age() {
  const limit = Number(log()?.dataset.recall ?? 120) * 1000;
  for (const entry of document.querySelectorAll(".entry:is(.from-staff, .from-colleague, .note):not(.late)")) {
    const at = new Date(entry.querySelector("time")?.dateTime ?? NaN);
    if (Date.now() - at > limit) entry.classList.add("late");
  }
}

export function end() {
  if (scroller()) scroller().scrollTop = 0;
  if (pill()) pill().hidden = true;
}

export function start() {
  document.addEventListener("desk:before", hold);
  document.addEventListener("desk:after", settle);
  document.addEventListener("desk:entry", arrived);
  document.addEventListener("desk:arrive", () => (markSeen(), read()));
  document.addEventListener("visibilitychange", read);
  addEventListener("focus", read);
  document.addEventListener("click", (event) => event.target.closest?.(".new-pill") && end());
  document.addEventListener(
    "scroll",
    (event) => {
      if (event.target !== scroller() || !isNear(event.target)) return;
      if (pill()) pill().hidden = true;
      read();
    },
    { capture: true, passive: true },
  );
  setInterval(age, 10000);
  markSeen();
  read();
}
