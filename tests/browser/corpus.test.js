// Texts that would like to run, through every field that staff see: whoever may write there writes each of them, and every
// page that shows it is looked at. None runs, none is refused by a policy because none gets so far, and each is read as it
// was written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADDRESSES, ofChat, ofCustomer, order, reports, vouched } from "./house/corpus.js";
import { Crowd } from "./house/crowd.js";
import { HOSTILE, watchFor, wrong } from "./house/hostile.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { Till } from "./house/till.js";
import { until } from "./house/until.js";

const SECRET = "a-secret-of-both-sides";
let till;
const here = scene({
  async prepare() {
    till = await Till.open(SECRET);
    const quick = ["--limit", "agent_burst=1000", "--limit", "agent_per_s=1000"];
    here.demo.run("site", "set", here.demo.known.site_key, ...quick);
  },
  tidy: () => till?.close(),
});

let boss;
let crowd;
let site;
let chats;
let customers;
let oddities;
/** Field → the numbers of the texts that were read in it, each whole. */
const read = new Map();
/** What each watched browser tells. */
const watched = [];
let pages = 0;

async function atWork(name) {
  const agent = await here.agent(name);
  watched.push(await watchFor(agent.page.context()));
  return agent.signIn();
}

/** Posts a form as a page of the console would. */
async function post(path, fields, { page } = boss) {
  const headers = { accept: "application/json", origin: here.demo.origin };
  const form = new URLSearchParams(fields).toString();
  headers["content-type"] = "application/x-www-form-urlencoded";
  const send = () => page.request.post(`${here.demo.origin}${path}`, { headers, data: form, maxRedirects: 0 });
  let answer = await send();
  // Fifty at once may be asked to come again.
  for (let n = 0; n < 5 && answer.status() === 503; n += 1) {
    await new Promise((done) => setTimeout(done, 2000));
    answer = await send();
  }
  assert.ok(answer.status() < 400, `${path} ${form}: ${answer.status()} ${(await answer.text()).slice(0, 200)}`);
}

/** The name of a question has a hundred bytes at most. */
const question = (text) => (Buffer.byteLength(text) > 100 ? "a question" : text);

const each = (write) => Promise.all(HOSTILE.map((text, n) => write(text, n)));

/** Several windows look at the pages of all of them, or of every so many. */
async function lookAtEach(look, every = 1) {
  const left = [...HOSTILE.entries()].filter(([n]) => n % every === 0);
  const windows = Array.from({ length: 3 }, async () => {
    const page = await boss.page.context().newPage();
    for (let next = left.shift(); next; next = left.shift()) await look({ page }, next[1], next[0]);
    await page.close();
  });
  await Promise.all(windows);
}

async function looksRight(page, what) {
  pages += 1;
  assert.deepEqual(await wrong(page), [], what);
}

/** A page of the console as it is, with its own policy. */
async function open(path, { page } = boss) {
  const answer = await page.goto(`${here.demo.origin}${path}`);
  const policy = answer.headers()["content-security-policy"];
  const scripts = /script-src ([^;]*)/.exec(policy)[1];
  assert.ok(!/unsafe|\*/.test(scripts) && /require-trusted-types-for 'script'/.test(policy), policy);
  await looksRight(page, path);
}

/** Breaks and blanks are shown as one blank. */
const plain = (text) => text.replace(/\s+/g, " ").trim();

/** What stands in each of these elements, or is typed in it. */
async function texts({ page }, selector) {
  const shown = (all) => all.map((el) => (el.matches("input, textarea") ? el.value : el.textContent));
  return (await page.locator(selector).evaluateAll(shown)).map(plain);
}

function saw(field, n, shown, whole) {
  assert.ok(shown.includes(plain(whole)), `${field}: ${whole} in ${JSON.stringify(shown)}`);
  if (!read.has(field)) read.set(field, new Set());
  read.get(field).add(n);
}

async function sawAll(agent, n, places) {
  for (const [field, [selector, whole]] of Object.entries(places)) saw(field, n, await texts(agent, selector), whole);
}

/** All pages of a list, from its first to its last. */
async function leaf(path, selector) {
  const shown = [];
  for (let next = path; next; ) {
    await open(next);
    shown.push(...(await texts(boss, selector)));
    next = await boss.page.evaluate(
      () =>
        [...document.querySelectorAll("main a")].find((link) => /^(Older|Further)/.test(link.textContent))?.href ?? "",
    );
    next = next.replace(here.demo.origin, "");
  }
  return shown;
}

test("whoever watches sees what runs and what is refused", async () => {
  const context = await here.context(here.desks);
  const told = await watchFor(context);
  const page = await context.newPage();
  const body = "<img src=x onerror=top.ran=1><a href='javascript:alert(1)'>x</a>";
  const headers = { "content-security-policy": "script-src 'self'", "content-type": "text/html" };
  await page.route("**/open", (route) => route.fulfill({ contentType: "text/html", body }));
  await page.route("**/shut", (route) => route.fulfill({ headers, body }));
  await page.goto(`${here.demo.origin}/open`);
  await until("it ran", () => told.executions.length === 1);
  assert.equal(new Set(await wrong(page)).size, 2);
  await page.goto(`${here.demo.origin}/shut`);
  await until("it was refused", () => told.reports.length > 0);
  assert.equal(told.executions.length, 1);
  context.faults.length = 0;
});

test("shoppers bring them, a shop signs them, staff write them", async () => {
  boss = await atWork("hugo");
  const { page } = boss;
  await open("/admin/sites");
  [site] = /[0-9a-f-]{36}/.exec(await page.locator("main a[href^='/admin/sites/']").first().getAttribute("href"));
  await open(`/admin/sites/${site}`);
  await page.locator("[name=typing_preview]").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await open(`/admin/sites/${site}/orders`);
  await page.getByRole("radio", { name: /Another system/ }).check();
  await page.getByRole("textbox", { name: /^Address/ }).fill(`${till.origin}/orders`);
  await page.getByLabel(/^Secret/).fill(SECRET);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();

  crowd = await Crowd.open(here);
  const titled = (text) => ({
    url: `https://shop.example/?a=${encodeURIComponent(text)}`,
    title: text,
    referrer: text,
  });
  chats = await each((text, n) => {
    const answers = { name: text, email: `n${n}@mean.example`, [question(text)]: "asked", "an answer": text };
    return crowd.bring({ body: text, at: titled(text), answers, reports: reports(text), files: [`${text}.txt`] });
  });
  customers = await each((text, n) =>
    crowd.bring({ body: text, at: titled(text), identity: vouched(here.demo.known, n, text) }),
  );
  oddities = await Promise.all(ADDRESSES.map((email) => crowd.bring({ body: "Hello", answers: { email } })));
  const id = () => crypto.randomUUID();
  const cut = (text, n, most) => `${n}${text.replaceAll(/[\s/]/g, "")}`.slice(0, most);
  await each((text, n) => post(`/console/c/${chats[n].conversation}/note`, { body: text }));
  await each((text, n) => post(`/admin/tags/${site}`, { name: cut(text, n, 40), color: "1" }));
  await each((text, n) => post(`/admin/sites/${site}/teams`, { name: `${n} ${text}` }));
  await each((text, n) =>
    post(`/console/canned/${id()}?site=${site}`, { shortcut: cut(text, n, 40), scope: "site", language: "en", text }),
  );
  await each((text, n) => {
    const name = `${n} ${text}`.slice(0, 60);
    return post(`/console/macros/${id()}`, { site, name, scope: "site", note: text, finish: "close" });
  });
  await open("/admin/people");
  const team = await page.locator("select[name=team] option:not([value=''])").first().getAttribute("value");
  for (const [n, text] of HOSTILE.entries())
    await post("/admin/people", { name: `${n} ${text}`, email: `colleague${n}@mean.example`, role: "agent", team });
  await page.getByRole("link", { name: "Grace Moreau" }).click();
  await page.locator("#name").fill(`Grace ${HOSTILE[1]}`);
  await page.locator("#name").press("Enter");
  await page.getByText("Saved.").waitFor();
});

test("the page of a chat shows what its shopper and their browser say", async () => {
  await lookAtEach(async (tab, text, n) => {
    await open(`/console/c/${chats[n].conversation}?view=all`, tab);
    await sawAll(tab, n, ofChat(text));
    const asked = await texts(tab, ".log .facts dt");
    if (question(text) === text) saw("question before the chat", n, asked, text);
    saw("file's name, made plain", n, await texts(tab, ".log .file bdi"), chats[n].files[0]);
  });
});

test("an address is a text, whatever is in it", async () => {
  for (const [n, email] of ADDRESSES.entries()) {
    await open(`/console/c/${oddities[n].conversation}?view=all`);
    saw("e-mail", n, await texts(boss, "#card-who dd"), email);
    await open(`/console/customers?q=${encodeURIComponent(email)}`);
  }
});

test("the page of a customer's chat shows what the shop says of them", async () => {
  till.orders = ({ subject }) => [order(subject)];
  await lookAtEach(async (tab, text, n) => {
    await open(`/console/c/${customers[n].conversation}?view=all`, tab);
    await tab.page.locator("#card-orders").scrollIntoViewIfNeeded();
    await tab.page.locator("#card-orders .lines").waitFor();
    await sawAll(tab, n, ofCustomer(text));
    await looksRight(tab.page, `orders of ${text}`);
  });
});

test("lists show them, those of whom and of what there is", async () => {
  const numbered = (text, n) => `${n} ${text}`;
  const same = (text) => text;
  for (const [field, path, selector, whole] of [
    ["shopper's name in a list", "/console/inbox/all", "#rows .name bdi", same],
    ["visitor's name", "/console/visitors", ".visitor .who bdi", same],
    ["customer's name", "/console/customers", "main bdi", same],
    ["ready reply", "/console/canned", ".tickets .subject", same],
    ["team's name", `/admin/sites/${site}/teams`, ".tickets .subject", numbered],
    ["colleague's name", "/admin/people", ".tickets .subject", numbered],
    ["room's name", "/console/rooms", "#rooms .name bdi", numbered],
    ["subject of the audit", "/admin/audit", ".audit .name bdi", numbered],
  ]) {
    const shown = await leaf(path, selector);
    for (const [n, text] of HOSTILE.entries()) saw(field, n, shown, whole(text, n));
  }
  for (const one of [
    "inbox/mine",
    "inbox/waiting",
    "inbox/snoozed",
    "macros",
    "team",
    "wall",
    "wall?tv=1",
    "me",
    "keys",
  ])
    await open(`/console/${one}`);
  for (const one of ["overview", "volume", "response", "agents", "csat", "queue"])
    await open(`/console/reports/${one}`);
  for (const one of ["tags", "letters", "sites", "people", "roles", "blocklist", "webhooks", "privacy"])
    await open(`/admin/${one}`);
  for (const more of ["", "/widget", "/routing", "/files", "/orders", "/privacy", "/check"])
    await open(`/admin/sites/${site}${more}`);
});

test("what comes live, what is picked and what is found is shown as text too", async () => {
  const ana = await atWork("ana");
  const { page, reply } = ana;
  await ana.beAvailable();
  await until("a chat is hers", () => ana.rows.count());
  await ana.rows.first().click();
  await page.waitForURL("**/console/c/**");
  await page.locator("html[data-live=on]").waitFor();
  const { conversation } = ana;
  for (const text of HOSTILE) await crowd.say(conversation, text);
  await ana.entry(HOSTILE.at(-1)).last().waitFor();
  const said = await texts(ana, ".log .entry .text");
  for (const [n, text] of HOSTILE.entries()) {
    saw("message, live", n, said, text);
    await crowd.tell(conversation, { type: "typing", conversation, on: true, preview: text });
    await until("it is typed", async () => (await texts(ana, ".typing .preview span"))[0] === plain(text));
    saw("what is being typed", n, await texts(ana, ".typing .preview span"), text);
    await crowd.tell(conversation, { type: "context", page: { url: `https://shop.example/${n}`, title: text } });
    await until("it is the newest page", async () => (await texts(ana, "#card-trail li"))[0] === plain(text));
    saw("page title, live", n, await texts(ana, "#card-trail li"), text);
  }
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
  for (const [n, text] of HOSTILE.entries()) {
    // A hundred letters are looked for at most.
    const wanted = `Search everything for “${text.trim().slice(0, 100)}”`;
    await page.locator("dialog input").fill(text);
    await until("it is offered", async () => (await texts(ana, "#found-all"))[0] === plain(wanted));
    saw("what is looked for in the palette", n, await texts(ana, "#found-all"), wanted);
    await looksRight(page, `palette ${text}`);
  }
  await page.keyboard.press("Escape");
  await open("/console/rooms", ana);
  await page.locator("#rooms .row", { hasText: "Lobby" }).first().click();
  await page.waitForURL(/rooms\/[0-9a-f-]{36}/);
  await page.locator("html[data-live=on]").waitFor();
  const room = new URL(page.url()).pathname;
  for (const text of HOSTILE) await post(`${room}/say`, { body: text });
  await ana.entry(HOSTILE.at(-1)).last().waitFor();
  const talked = await texts(ana, ".log .entry .text");
  for (const [n, text] of HOSTILE.entries()) saw("what is said in a room", n, talked, text);
  await looksRight(page, "room, live");
  await open(room, ana);
  await open("/console/team", ana);
  await open("/console/me");
  await boss.page.locator("html[data-live=on]").waitFor();
  for (const [n, text] of HOSTILE.entries()) {
    await post("/console/status", { status: "away", reason: text });
    await until("it is shown", async () => (await texts(boss, "#my-status .why"))[0] === plain(text));
    saw("why somebody is away", n, await texts(boss, "#my-status .why"), text);
  }
  await ana.be("Offline");
});

test("they stay texts when chats end: in ratings, blocks, tickets, contacts to merge and the report of all of it", async () => {
  await each((_, n) => post(`/console/c/${chats[n].conversation}/ticket`, { email: `n${n}@mean.example` }));
  await each((_, n) => post(`/console/c/${customers[n].conversation}/close`, {}));
  await each((comment, n) => {
    const { conversation } = customers[n];
    return crowd.send(conversation, { type: "rate", score: 1, comment, conversation });
  });
  await each((reason, n) => post(`/console/c/${customers[n].conversation}/block`, { reason, length: "ever" }));
  const blocked = await leaf("/admin/blocklist", ".blocks .why");
  const tickets = await leaf("/console/tickets", ".tickets .from");
  await open("/console/reports/csat");
  assert.ok((await texts(boss, ".hits .who")).filter((one) => HOSTILE.map(plain).includes(one)).length >= 40);
  await leaf("/admin/audit", ".audit .name bdi");
  await leaf("/console/inbox/closed", "#rows .name");
  await lookAtEach(async (tab, text, n) => {
    saw("reason of a block", n, blocked, text);
    saw("ticket's sender", n, tickets, text);
    const [typed, signed] = [chats[n].shopper, customers[n].shopper];
    await open(`/console/customers/${signed}`, tab);
    saw("customer's number", n, await texts(tab, ".facts dd"), text);
    saw("reason of a block beside a customer", n, await texts(tab, ".blocked span"), text);
    await open(`/console/customers/${signed}/merge/${typed}`, tab);
    saw("contact to merge", n, await texts(tab, "[aria-labelledby=h-merged] .name bdi"), text);
    await open(`/admin/privacy/${typed}`, tab);
    saw("whose data it is", n, await texts(tab, "h1 bdi"), text);
    await open(`/console/c/${customers[n].conversation}?view=closed`, tab);
    const lines = await texts(tab, ".log .line p > span");
    saw("comment of a rating", n, lines, `Rated 1 of 5: “${text}”`);
    await open(`/console/search?q=${encodeURIComponent(text)}`, tab);
    saw("what is searched for", n, await texts(tab, "input[type=search]"), text);
  }, 3);
});

test("webhooks and the shop may be called so as well", async () => {
  await open(`/admin/sites/${site}`);
  const form = boss.page.locator("main form", { has: boss.page.locator("[name=origins]") });
  const fields = await form.evaluate((it) => [...new FormData(it)].filter(([name]) => name !== "name"));
  for (const text of HOSTILE) await post(`/admin/sites/${site}`, [...fields, ["name", text]]);
  // So many has a shop at most.
  for (const [n, text] of HOSTILE.slice(0, 20).entries()) {
    const url = `https://hooks.example/${n}/${text.replaceAll(/[\s?#\\]/g, "")}`;
    await post("/admin/webhooks", { id: crypto.randomUUID(), site, url, event: "message" });
  }
  assert.equal((await leaf("/admin/webhooks", ".letters .name bdi")).length, 20);
  const names = await leaf("/admin/audit", ".audit ins");
  for (const [n, text] of HOSTILE.entries()) saw("shop's name", n, names, text);
  const lists = [
    "/admin/sites",
    "/admin/tags",
    "/admin/people",
    "/console/canned",
    "/console/rooms",
    "/console/inbox/all",
  ];
  for (const one of [...lists, "/console/start", "/console/reports/overview"]) await open(one);
});

test("of all of them nothing ran and nothing was refused", () => {
  const told = (kind) => watched.flatMap((one) => one[kind]);
  const [executions, refused] = [told("executions"), told("reports")];
  const whole = [...read].filter(([, seen]) => seen.size >= 40).map(([field]) => field);
  assert.deepEqual(executions, []);
  assert.deepEqual(refused, []);
  assert.ok(HOSTILE.length >= 40 && whole.length >= 20, whole.join());
  const counts = { payloads: HOSTILE.length, fields: whole.length, pages, executions: executions.length };
  const line = Object.entries({ ...counts, reports: refused.length }).map((pair) => pair.join("="));
  process.stdout.write(`P16 ${line.join(" ")}\n`);
});

nothingWentWrong(here);
