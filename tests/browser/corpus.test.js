// Texts that would like to run, through every field that staff see: whoever may write there writes each of them, and every
// page that shows it is looked at. None runs, none is refused by a policy because none gets so far, and each is read as it
// was written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd } from "./house/crowd.js";
import { HOSTILE, watchFor, wrong } from "./house/hostile.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { until } from "./house/until.js";

const here = scene();

let crowd;
/** Posts a form as the page of the console would. */
const post = (page, path, fields) =>
  page.evaluate(
    async ([to, pairs]) => {
      const body = new URLSearchParams(pairs);
      const { status } = await fetch(to, {
        method: "POST",
        headers: { accept: "application/json" },
        body,
        redirect: "manual",
      });
      return status;
    },
    [path, fields],
  );

const chats = [];
let boss;

async function looksRight(page, what) {
  assert.deepEqual(await wrong(page), [], what);
}

test("shoppers bring them: in names, questions and pages; staff in notes, tags, teams, replies, macros and names", async () => {
  boss = await here.agent("hugo");
  await watchFor(boss.page.context());
  await boss.signIn();
  const { page } = boss;
  crowd = await Crowd.open(here);
  for (const text of HOSTILE) {
    const titled = { url: `${here.demo.origin}/?q=${encodeURIComponent(text)}`, title: text, referrer: text };
    chats.push(await crowd.come(text, text.slice(0, 100), titled));
  }
  const link = await (await page.request.get(`${here.demo.origin}/admin/sites`)).text();
  const site = /\/admin\/sites\/([0-9a-f-]{36})/.exec(link)[1];
  const id = () => crypto.randomUUID();
  const taken = { note: 0, tag: 0, team: 0, reply: 0, macro: 0 };
  for (const [n, text] of HOSTILE.entries()) {
    const word = `${n}${text.replaceAll(/[\s/]/g, "")}`.slice(0, 40);
    const ok = (status) => Number(status < 400);
    taken.note += ok(await post(page, `/console/c/${chats[n]}/note`, [["body", text]]));
    taken.tag += ok(
      await post(page, `/admin/tags/${site}`, [
        ["name", `${n}${text}`.slice(0, 40)],
        ["color", "1"],
      ]),
    );
    taken.team += ok(await post(page, `/admin/sites/${site}/teams`, [["name", `${n} ${text}`.slice(0, 60)]]));
    const reply = [
      ["shortcut", word],
      ["scope", "site"],
      ["language", "en"],
      ["text", text],
    ];
    taken.reply += ok(await post(page, `/console/canned/${id()}?site=${site}`, reply));
    const macro = [
      ["site", site],
      ["name", `${n} ${text}`.slice(0, 60)],
      ["scope", "site"],
      ["note", text],
      ["finish", "close"],
    ];
    taken.macro += ok(await post(page, `/console/macros/${id()}`, macro));
  }
  for (const [field, count] of Object.entries(taken)) assert.ok(count > HOSTILE.length / 2, `${field}: ${count}`);
  const tags = await (await page.request.get(`${here.demo.origin}/console/c/${chats[0]}`)).text();
  for (const tag of [...tags.matchAll(/<option value="([0-9a-f-]{36})">/g)].slice(0, 10))
    await post(page, `/console/c/${chats[0]}/tag`, [["tag", tag[1]]]);
  await page.goto(`${here.demo.origin}/admin/people`);
  await page.getByRole("link", { name: "Grace Moreau" }).click();
  await page.locator("#name").fill(`Grace ${HOSTILE[1]}`);
  await page.locator("#name").press("Enter");
  await page.getByText("Saved.").waitFor();
  const ben = await here.agent("ben");
  await (await ben.signIn()).be("Away", HOSTILE[2].slice(0, 60));
});

test("every page that shows them shows them, with script", async () => {
  const { page } = boss;
  for (const [n, text] of HOSTILE.entries()) {
    await page.goto(`${here.demo.origin}/console/c/${chats[n]}?view=all`);
    await page.locator(".log .entry .text").first().waitFor();
    const shown = await page.locator(".log .entry .text").allTextContents();
    assert.equal(
      shown.filter((one) => one === text).length,
      2,
      `message and note: ${text} in ${JSON.stringify(shown)}`,
    );
    assert.equal(await page.locator(".thread .title bdi").first().textContent(), text.slice(0, 100).trim());
    await looksRight(page, text);
  }
  const pages = [
    "inbox/all",
    "inbox/waiting",
    "inbox/closed",
    "canned",
    "macros",
    "team",
    "wall",
    "tickets",
    "search",
    "me",
  ];
  for (const one of pages) {
    await page.goto(`${here.demo.origin}/console/${one}`);
    await looksRight(page, one);
  }
  for (const text of HOSTILE) {
    await page.goto(`${here.demo.origin}/console/search?q=${encodeURIComponent(text)}`);
    assert.equal(await page.locator("input[type=search]").last().inputValue(), text);
    await looksRight(page, `search ${text}`);
  }
  for (const one of ["tags", "letters", "sites", "people"]) {
    await page.goto(`${here.demo.origin}/admin/${one}`);
    await looksRight(page, one);
  }
  const addresses = async (pattern) =>
    [...new Set(await page.locator("main a").evaluateAll((all) => all.map(({ pathname }) => pathname)))].filter(
      (path) => pattern.test(path),
    );
  await page.goto(`${here.demo.origin}/admin/sites`);
  const [site] = await addresses(/^\/admin\/sites\/[0-9a-f-]{36}$/);
  for (const more of ["", "/widget", "/routing", "/teams", "/files", "/orders"]) {
    await page.goto(`${here.demo.origin}${site}${more}`);
    await looksRight(page, `site ${more}`);
  }
  for (const list of ["canned", "macros"]) {
    await page.goto(`${here.demo.origin}/console/${list}`);
    for (const path of (await addresses(new RegExp(`^/console/${list}/[0-9a-f-]{36}$`))).slice(0, 60)) {
      await page.goto(`${here.demo.origin}${path}`);
      await looksRight(page, path);
    }
  }
});

test("what comes live, what is picked and what is found is shown as text too", async () => {
  const ana = await here.agent("ana");
  await watchFor(ana.page.context());
  await (await ana.signIn()).beAvailable();
  const { page, reply } = ana;
  await until("a chat is hers", () => ana.rows.count());
  await ana.rows.first().click();
  await page.waitForURL("**/console/c/**");
  await page.locator("html[data-live=on]").waitFor();
  for (const text of HOSTILE) await crowd.say(ana.conversation, text);
  await ana.entry(HOSTILE.at(-1)).last().waitFor();
  await looksRight(page, "live");
  for (const letter of ["<", "s", "a", "o", "1"]) {
    await reply.fill("");
    await reply.pressSequentially(`/${letter}`);
    await page.locator(".canned").waitFor();
    await looksRight(page, `picker ${letter}`);
    await page.keyboard.press("Escape");
  }
  await reply.fill("");
  await page.locator(".modes label", { hasText: "Internal note" }).click();
  await ana.note.pressSequentially("@Gra");
  await page.locator(".canned [role=option]", { hasText: "onerror" }).waitFor();
  await looksRight(page, "mentions");
  await page.keyboard.press("Escape");
  await ana.note.fill("");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  for (const text of ["<", "script", "onerror", "alert"]) {
    await page.locator("dialog input").fill(text);
    await page.locator("dialog [role=option]").first().waitFor();
    await looksRight(page, `palette ${text}`);
  }
});

nothingWentWrong(here);
