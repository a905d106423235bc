// Real browsers: each one a process of its own, with nothing but this machine to talk to.

import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { PATIENCE } from "./until.js";

const known = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const whole = process.env.CHROMIUM ?? known.find((path) => existsSync(path));
/** The same Chromium without windows: a third faster, and without notifications, the clipboard and pages that come back alive. */
const shell = process.env.CHROMIUM ?? ["/usr/bin/chromium-headless-shell"].find((path) => existsSync(path)) ?? whole;
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const out = fileURLToPath(new URL("../out/", import.meta.url));

/** `isWhole`: as people use it, with all that it can. */
export async function openBrowser({ isWhole = false, ...more } = {}) {
  if (!whole) throw new Error("no Chromium here: run bin/setup test, or set CHROMIUM");
  return chromium.launch({ executablePath: isWhole ? whole : shell, args, headless: true, ...more });
}

/** A context whose pages report what must never happen: uncaught errors, dialogs, refusals of a content policy. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 860 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const faults = [];
  context.on("weberror", (problem) => faults.push(`uncaught: ${problem.error()}`));
  context.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|TrustedHTML|Trusted Type/.test(message.text())) {
      faults.push(`policy: ${message.text()}`);
    }
  });
  context.faults = faults;
  return context;
}

/** For people to look at, where they ask for it: `DESKBELL_PICTURES=1`. */
export async function picture(page, name) {
  if (!process.env.DESKBELL_PICTURES) return;
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: `${out}${name}.png`, animations: "disabled" });
}

/** What moves is at its end, and nothing begins to move: between the two nobody reads. Out of sight it would never end. */
export async function still(page) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  return page.evaluate(() => {
    for (const moving of document.getAnimations())
      if (moving.effect?.getComputedTiming().endTime !== Infinity) moving.finish();
  });
}
