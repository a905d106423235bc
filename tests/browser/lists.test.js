// The lists: they hold still under the pointer, keep their sort and filters, and say by themselves what is due.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { Crowd } from "./house/crowd.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();
const idOf = (row) => row.locator("xpath=..").getAttribute("id");
const order = (page) => page.locator("#rows li").evaluateAll((rows) => rows.map(({ id }) => id.slice("row-".length)));
const top = (row) => row.evaluate((el) => el.getBoundingClientRect().top);

let crowd;
const chats = [];

async function waitingList(how = "?sort=newest", view = "waiting") {
  const ana = await here.agent("ana");
  await (await ana.signIn()).be("Busy");
  crowd ??= await Crowd.open(here);
  while (chats.length < 8) chats.push(await crowd.come(`number ${chats.length}`));
  await ana.page.mouse.move(0, 0);
  await ana.page.goto(`${here.demo.origin}/console/inbox/${view}${how}`);
  await ana.page.locator("html[data-live=on]").waitFor();
  return ana;
}

test("C6: a row under the pointer stays through fifty reorderings, and a click opens what is shown", async () => {
  const ana = await waitingList("?sort=newest", "all");
  const { page } = ana;
  const row = ana.rows.nth(3);
  const [id, at] = [await idOf(row), await top(row)];
  await row.hover();
  const others = chats.filter((chat) => `row-${chat}` !== id);
  for (let n = 0; n < 50; n++) {
    await crowd.say(others[n % others.length], `again ${n}`);
    assert.equal(await top(page.locator(`#${id}`)), at, `moved at ${n}`);
  }
  // Rows change where they stand.
  await page.locator("#rows .said", { hasText: "again 49" }).waitFor();
  assert.equal(await idOf(ana.rows.nth(3)), id);
  const pill = page.locator("#held");
  await pill.waitFor();
  assert.match(await pill.textContent(), /^\d+ updates?$/);
  await picture(page, "list-held");
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForURL(`**/console/c/${id.slice("row-".length)}**`);
  await picture(page, "list-opened");
  assert.equal(await top(page.locator(`#${id}`)), at, "it stays there when its conversation is opened");
  await page.mouse.move(900, 400);
  await page.locator("textarea:visible").first().focus();
  await pill.waitFor({ state: "hidden" });
  const last = others[49 % others.length];
  assert.equal((await order(page))[0], last, "two seconds after it was left it is in order");
});

test("the button moves what waits at once, and without a pointer nothing waits", async () => {
  const ana = await waitingList();
  const { page } = ana;
  await ana.rows.nth(2).hover();
  const before = await order(page);
  await crowd.say(before.at(-1), "from the end");
  const pill = page.locator("#held");
  await pill.waitFor();
  assert.deepEqual(await order(page), before);
  await pill.click();
  assert.equal((await order(page))[0], before.at(-1));
  await page.mouse.move(0, 0);
  await until("what waited is in place", async () => !(await pill.isVisible()));
  const now = await order(page);
  await crowd.say(now.at(-1), "and another");
  await until("it moves at once", async () => (await order(page))[0] === now.at(-1), { within: 1500 });
  await ana.rows.nth(1).focus();
  await page.keyboard.press("j");
  const held = await order(page);
  await crowd.say(held.at(-1), "while somebody walks");
  await pill.waitFor();
  assert.deepEqual(await order(page), held, "focus by keyboard holds it too");
});

test("C7: sort and filter survive a reload and a new sign-in, and new rows obey them", async () => {
  const ana = await waitingList("?sort=own");
  const { page } = ana;
  await page.getByText("Sort and filter").click();
  await page.getByLabel("Sort by").selectOption("newest");
  await page.getByLabel("Unread only").check();
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.waitForURL(/sort=newest.*unread=1/);
  assert.deepEqual(await page.locator(".chips a bdi").allTextContents(), ["Newest message first", "Unread only"]);
  await picture(page, "list-filtered");
  await page.reload();
  assert.equal(await page.locator(".chips a").count(), 2);
  const again = await here.agent("ana");
  await again.signIn();
  await again.page.locator(".tabs a", { hasText: "Waiting" }).click();
  await again.page.waitForURL(/sort=newest&unread=1/);
  await again.page.locator("html[data-live=on]").waitFor();
  const late = await crowd.come("I came late");
  chats.push(late);
  await until("the new one is first", async () => (await order(again.page))[0] === late);
  await again.page.locator(".chips a", { hasText: "Unread" }).click();
  await until("one is left", async () => (await again.page.locator(".chips a").count()) === 1);
  await again.page.goto(`${here.demo.origin}/console/inbox/mine?unread=1`);
  await again.page.getByText("No conversation fits these filters").waitFor();
  await again.page.getByRole("link", { name: "Clear the filters" }).click();
  await again.page.waitForURL("**/console/inbox/mine?sort=own");
  await again.page.getByText("No chats with you").waitFor();
});

test("C7: ages tick and what is due says so by itself at both thresholds, with no network", async () => {
  const root = await (await here.agent("hugo")).signIn();
  await root.page.goto(`${here.demo.origin}/admin/routing`);
  const target = root.page.getByRole("group", { name: "Normal" }).getByLabel("First answer");
  await target.fill("10 min");
  await root.page.getByRole("button", { name: "Save" }).click();
  await root.page.getByText("Saved.").waitFor();
  const ana = await waitingList("?sort=newest");
  const chat = await crowd.come("When will it come?", "Tim Tick");
  chats.push(chat);
  const { page } = ana;
  await page.locator(`#row-${chat}`).waitFor();
  await page.clock.install({ time: Date.now() });
  await page.reload();
  await page.locator("html[data-live=on]").waitFor({ state: "attached" });
  const [chip, age] = [page.locator(`#row-${chat} .chip[data-warn]`), page.locator(`#row-${chat} > a > time`)];
  const shown = async () => [await chip.getAttribute("class"), await chip.locator("span").textContent()];
  const mark = () => chip.evaluate((el) => getComputedStyle(el, "::before").content);
  assert.deepEqual(await shown(), ["chip ok", "First answer due"]);
  const [young, first] = [await age.textContent(), await mark()];
  await picture(page, "line");
  await page.context().setOffline(true);
  await page.locator("html:not([data-live=on])").waitFor({ state: "attached" });
  await page.clock.runFor(5 * 60_000);
  await until("half of it has passed", async () => (await shown()).join() === "chip warn,First answer due soon,");
  const second = await mark();
  assert.notEqual(await age.textContent(), young);
  await page.clock.runFor(5 * 60_000);
  await until("it is late", async () => (await shown()).join() === "chip bad,First answer late since");
  assert.equal(new Set([first, second, await mark()]).size, 3, "not by colour alone");
  await page.context().close();
  await root.page.goto(`${here.demo.origin}/admin/routing`);
  await target.fill("");
  await root.page.getByRole("button", { name: "Save" }).click();
  await root.page.getByText("Saved.").waitFor();
});

test("a conversation is tagged by the key, moved up and put to sleep from its own page", async () => {
  const root = await here.agent("grace");
  await root.signIn();
  await root.page.goto(`${here.demo.origin}/admin/tags`);
  await root.page.getByLabel("Name").last().fill("Fragile");
  await root.page.getByLabel("Colour").last().selectOption("1");
  await root.page.getByRole("button", { name: "Add" }).last().click();
  await root.page.locator(".chip", { hasText: "Fragile" }).waitFor();
  await picture(root.page, "tags");
  const shopper = await here.shopper();
  await (await shopper.visit(here.demo.known.shop_url)).open();
  await shopper.begin("Careful, please", { name: "Tia Tagged" });
  // By hand: whoever is available is given those who wait already.
  const desk = await (await here.agent("ben")).signIn();
  const { page } = desk;
  await page.goto(`${here.demo.origin}/console/inbox/waiting?sort=newest`);
  await desk.openChat("Tia Tagged");
  await page.getByRole("button", { name: "Take chat" }).click();
  await desk.reply.waitFor();
  await page.goto(`${here.demo.origin}/console/c/${desk.conversation}?view=mine`);
  await page.locator(".thread h2").click();
  await page.keyboard.press("l");
  await page.getByLabel("Add a tag").selectOption({ label: "Fragile" });
  await page.getByRole("button", { name: "Add tag" }).click();
  await page.locator(".sorting .chip", { hasText: "Fragile" }).waitFor();
  await page.locator(".log .line", { hasText: "added the tag" }).waitFor();
  await page.locator(`#row-${desk.conversation} .chip`, { hasText: "Fragile" }).waitFor();
  await page.locator("summary", { hasText: "Priority" }).click();
  await page.getByRole("button", { name: "Urgent" }).click();
  await page.locator("summary", { hasText: "Priority: Urgent" }).waitFor();
  await picture(page, "sorting");
  await page.locator("summary", { hasText: "Snooze" }).click();
  await page.getByRole("button", { name: "For one hour" }).click();
  await page.locator("summary", { hasText: "Snoozed until" }).waitFor();
  await until("it left the list", async () => !(await page.locator(`#row-${desk.conversation}`).count()));
  const { conversation } = desk;
  // Under a pointer the list would hold still.
  await page.mouse.move(0, 0);
  await shopper.write("One more thing");
  // While a page is loaded its agent is not here, and the chat would go into line.
  await page.locator(`#row-${conversation}`).waitFor();
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await page.locator(`#row-${conversation}`).waitFor();
  assert.ok(!(await shopper.panel.locator("body").textContent()).match(/snooze|Fragile/i));
});

test("several are closed at once, and what became of each is said", async () => {
  const ben = await (await here.agent("ben")).signIn();
  const { page } = ben;
  await page.goto(`${here.demo.origin}/console/inbox/mine`);
  await ben.beAvailable();
  while (chats.length < 8) chats.push(await crowd.come(`number ${chats.length}`));
  await until("two of those who wait are his", async () => (await ben.rows.count()) >= 2);
  await ben.be("Busy");
  await page.mouse.move(0, 0);
  await page.locator(".several summary").click();
  const ids = (await order(page)).slice(0, 2);
  for (const id of ids) await page.locator(`#row-${id} .pick`).check();
  await page.locator("#bulk-do").selectOption("close");
  await page.locator("#bulk .primary").click();
  await page.locator(".outcomes li").first().waitFor();
  assert.equal(await page.locator(".outcomes li", { hasText: "Done" }).count(), 2);
  await page.goto(`${here.demo.origin}/console/inbox/closed`);
  for (const id of ids) await page.locator(`#row-${id}`).waitFor();
  await page.context().close();
});

for (const colorScheme of ["light", "dark"])
  test(`on a phone everything that sorts can be reached by a thumb and read: ${colorScheme}`, async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme };
    const grace = await here.agent("grace", phone);
    const { page } = await grace.signIn();
    const judge = async (what) => {
      const small = await page.evaluate(() => {
        const all = document.querySelectorAll(
          ":is(.bar, .sorting) :is(a, button, summary, select, input:not([type=hidden])), .pick",
        );
        const sizes = [...all]
          .filter((el) => el.checkVisibility() && el.type !== "checkbox")
          .map((el) => [el.outerHTML, el.getBoundingClientRect()]);
        return sizes.filter(([, { height }]) => height < 44).map(([html]) => html.slice(0, 90));
      });
      assert.deepEqual(small, [], what);
      const beyond = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${what} is ${beyond} px too wide`);
      assert.deepEqual(await axe(page), [], what);
      await picture(page, `${what.replaceAll(" ", "-")}-phone-${colorScheme}`);
    };
    await page.goto(`${here.demo.origin}/console/inbox/waiting?unread=1`);
    await judge("list filtered");
    await page.locator(".bar .menu summary").click();
    await judge("list filters");
    await page.keyboard.press("Escape");
    await page.locator(".several summary").click();
    await page.locator(".pick").first().waitFor();
    await judge("list several");
    await page.goto(`${here.demo.origin}/console/inbox/waiting?sort=own`);
    await grace.rows.first().click();
    await page.waitForURL("**/console/c/**");
    await judge("conversation sorting");
    await page.locator(".sorting summary").first().click();
    await judge("conversation tag");
  });

nothingWentWrong(here);
