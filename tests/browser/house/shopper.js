// A shopper in a shop's page, through the widget alone.

import { until } from "./until.js";

export class Shopper {
  /** `shop` is where the launcher is: the page, or a frame in it. */
  constructor(page, shop = page, panel = shop.frameLocator("deskbell-chat iframe")) {
    this.page = page;
    this.launcher = shop.locator("deskbell-chat button.l");
    this.panel = panel;
    this.start = this.panel.locator("#desk form");
    this.composer = this.panel.locator("#text");
    this.ended = this.panel.locator("#ended");
    this.bubbles = this.panel.locator("#list .bubble");
    this.mine = this.panel.locator("#list li.mine");
    this.typing = this.panel.locator("#typing");
    this.strip = this.panel.locator("#strip");
  }

  /** The panel's document, for what only its own page can measure. */
  async frame() {
    return until("the panel's frame is there", () => this.page.frames().find((one) => one.url().includes("/w/panel")));
  }

  async visit(url) {
    await this.page.goto(url);
    await this.launcher.waitFor();
    return this;
  }

  async open() {
    await this.launcher.click();
    await this.panel.locator("#panel").waitFor();
    return this;
  }

  /** Fills the questions before the chat and sends the first message. */
  async begin(body, { name = "", email = "", team = "" } = {}) {
    await this.start.waitFor();
    if (name) await this.start.getByLabel("Your name").fill(name);
    if (email) await this.start.getByLabel("E-mail").fill(email);
    if (team) await this.start.getByLabel("What is it about?").selectOption({ label: team });
    await this.start.getByLabel("Message").fill(body);
    await this.start.getByRole("button", { name: "Start chat" }).click();
    await this.mine.filter({ hasText: body }).first().waitFor();
    return this;
  }

  bubble(body) {
    return this.bubbles.filter({ hasText: body });
  }

  async write(body) {
    await this.composer.fill(body);
    await this.composer.press("Enter");
  }

  async isSent(body) {
    const row = this.mine.filter({ hasText: body });
    const state = row.locator(".state", { hasText: /^(Sent|Delivered|Seen)$/ });
    await state.last().waitFor({ state: "attached" });
  }

  texts() {
    return this.bubbles.allTextContents();
  }

  async end() {
    await this.panel.getByRole("button", { name: "End chat" }).first().click();
    await this.panel.locator("#confirm").getByRole("button", { name: "End chat" }).click();
    await this.ended.locator("h2").waitFor();
  }
}
