// Times in the reader's zone and language: clocks on messages, ages on rows, and how long somebody waits.
import { say } from "./words.js";

const { lang, dataset } = document.documentElement;
const format = (options) => new Intl.DateTimeFormat(lang, { timeZone: dataset.zone || undefined, ...options });
const clock = format({ hour: "numeric", minute: "2-digit" });
const day = format({ day: "numeric", month: "short" });
const date = format({ dateStyle: "short" });
const full = format({ dateStyle: "full", timeStyle: "medium" });
const unit = (name) => new Intl.NumberFormat(lang, { style: "unit", unit: name, unitDisplay: "narrow" });
const minutes = unit("minute");
const hours = unit("hour");

function isToday(at) {
  return date.format(at) === date.format(new Date());
}

function age(at, waits) {
  const s = Math.max(0, Math.floor((Date.now() - at) / 1000));
  if (waits && s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  if (s < 60) return say("script-now");
  if (s < 3600) return minutes.format(Math.floor(s / 60));
  if (s < 43200) return hours.format(Math.floor(s / 3600));
  return isToday(at) ? clock.format(at) : day.format(at);
}

function show(time) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const isClock = "clock" in time.dataset;
  const text = isClock
    ? isToday(at)
      ? clock.format(at)
      : `${day.format(at)}, ${clock.format(at)}`
    : age(at, "wait" in time.dataset);
  if (time.textContent !== text) time.textContent = text;
  if (!time.title) time.title = full.format(at);
}

export function localise(root) {
  root.querySelectorAll("time[datetime]").forEach(show);
}

/** Ages move on by themselves: waits each second, the others twice a minute. */
export function tick() {
  localise(document);
  setInterval(() => document.querySelectorAll("time[data-wait]").forEach(show), 1000);
  setInterval(() => document.querySelectorAll("time[data-age]").forEach(show), 30000);
}
