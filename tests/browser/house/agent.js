// An agent in the console, with or without script.

export class Agent {
  constructor(page, demo, name) {
    Object.assign(this, { page, demo, person: demo.person(name) });
    this.entries = page.locator(".log .entry .text");
    this.notes = page.locator(".log .entry.note .text");
    this.typing = page.locator(".thread .typing");
    this.reply = page.locator(".write.reply textarea");
    this.note = page.locator(".write.note textarea");
    this.pill = page.locator("#my-status > summary");
    this.rows = page.locator("#rows a.row");
    this.state = page.locator(".thread .head .state");
  }

  async signIn() {
    await this.page.goto(this.demo.known.console_url);
    await this.page.getByLabel("E-mail").fill(this.person.email);
    await this.page.getByLabel("Password").fill(this.person.password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await this.page.waitForURL("**/console/inbox/**");
    return this;
  }

  /** Chooses a status by its word. */
  async be(word, reason = "") {
    await this.pill.click();
    const menu = this.page.locator("#status-form");
    if (reason) await menu.getByLabel("Reason").fill(reason);
    if (word === "Offline") {
      await menu.locator(".ends > summary").click();
      await menu.getByRole("button", { name: "Go offline" }).click();
    } else await menu.getByRole("button", { name: new RegExp(`^${word}`) }).click();
    await this.page.locator(`#my-status > summary.st-${word.toLowerCase()}`).waitFor();
    return this;
  }

  async beAvailable() {
    const isSo = await this.page.locator("#my-status > summary.st-available").count();
    return isSo ? this : this.be("Available");
  }

  row(text) {
    return this.rows.filter({ hasText: text });
  }

  async openChat(text) {
    // The list holds still under a pointer: it is left, so that what came gets its row.
    await this.page.mouse.move(0, 0);
    await this.row(text).first().click();
    await this.page.waitForURL("**/console/c/**");
    return this;
  }

  get conversation() {
    return new URL(this.page.url()).pathname.split("/").at(-1);
  }

  entry(body) {
    return this.entries.filter({ hasText: body });
  }

  /** What the server has; before that it stands in the log as being sent. */
  stored(body) {
    return this.page.locator(".log .entry[data-k] .text").filter({ hasText: body });
  }

  async say(body) {
    await this.reply.fill(body);
    await this.page.getByRole("button", { name: "Send reply" }).click();
    await this.stored(body).waitFor();
  }

  async writeNote(body) {
    await this.page.getByText("Internal note", { exact: true }).first().click();
    await this.note.fill(body);
    await this.page.getByRole("button", { name: "Add note" }).click();
    await this.page.locator(".log .entry.note[data-k] .text").filter({ hasText: body }).waitFor();
    await this.page.getByText("Reply", { exact: true }).first().click();
  }

  async close() {
    await this.page.locator(".actions").getByRole("button", { name: "Close" }).click();
  }
}
