// A shopper in Debian's own Firefox, driven over WebDriver BiDi: what the browser offers by itself, nothing patched.

import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { until } from "./until.js";

const known = ["/usr/bin/firefox-esr", "/usr/bin/firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];
const executablePath = process.env.FIREFOX ?? known.find((path) => existsSync(path));

export async function openFirefox() {
  if (!executablePath) throw new Error("no Firefox here: run bin/setup test, or set FIREFOX");
  return puppeteer.launch({ browser: "firefox", executablePath, headless: true });
}

export class FirefoxShopper {
  faults = [];

  static async enter(browser, url) {
    const shopper = new FirefoxShopper();
    shopper.page = await browser.newPage();
    await shopper.page.setViewport({ width: 1280, height: 860 });
    shopper.page.on("pageerror", ({ message }) => shopper.faults.push(`uncaught: ${message}`));
    shopper.page.on("console", (message) => message.type() === "error" && shopper.faults.push(message.text()));
    await shopper.page.goto(url);
    return shopper;
  }

  async open() {
    await (await this.page.waitForSelector("deskbell-chat >>> button.l", { visible: true })).click();
    await this.panel("#panel");
  }

  frame() {
    return until("the panel's frame", () => this.page.frames().find((one) => one.url().includes("/w/panel")));
  }

  /** What the selector finds in the panel, when it is in sight. */
  async panel(selector) {
    return (await this.frame()).waitForSelector(selector, { visible: true, timeout: 10_000 });
  }

  async begin(name, body) {
    await (await this.panel("#sheet form input")).type(name);
    await (await this.panel("#sheet form textarea")).type(body);
    await (await this.panel("#sheet form button.primary")).click();
    await this.hears(body);
  }

  async texts() {
    return (await this.frame()).$$eval("#list .bubble", (bubbles) => bubbles.map((one) => one.textContent));
  }

  hears(body) {
    return until(`“${body}” in the panel`, async () => (await this.texts().catch(() => [])).includes(body));
  }

  async write(body) {
    const composer = await this.panel("#text");
    await composer.type(body);
    await composer.press("Enter");
  }

  /** Picks a file and waits for it to have arrived. */
  async attach(path) {
    const frame = await this.frame();
    await (await frame.$("#files")).uploadFile(path);
    await until("the file has arrived", () =>
      frame.$$eval("#tray progress", (bars) => bars.length === 1 && bars[0].hidden),
    );
  }

  async states() {
    return (await this.frame()).$$eval("#list .state", (states) => states.map((one) => one.textContent));
  }
}
