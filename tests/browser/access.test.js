// Every page of staff, looked at by axe: wide and on a phone, light and dark. The widget's states have a test of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axeLightAndDark, RULES } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";

const here = scene();
const wide = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
let looked = 0;

async function look(page, what, found) {
  const seen = (scheme) => {
    looked += 1;
    return picture(page, `access-${what.replaceAll(/\W+/g, "-")}-${scheme}`);
  };
  for (const fault of await axeLightAndDark(page, {}, seen)) found.set(fault, [...(found.get(fault) ?? []), what]);
}

async function staff(desk, admin, how, found) {
  await desk.page.context().clearCookies();
  await desk.page.goto(`${here.demo.origin}/console/login`);
  await look(desk.page, `sign in ${how}`, found);
  await desk.signIn();
  const paths = [
    "inbox/mine",
    "inbox/waiting",
    "inbox/all",
    "inbox/closed",
    "inbox/snoozed",
    "tickets",
    "customers",
    "visitors",
    "rooms",
    "rooms/mentions",
    "team",
    "me",
    "nowhere",
  ];
  for (const path of paths) {
    await desk.page.goto(`${here.demo.origin}/console/${path}`);
    await look(desk.page, `console ${path} ${how}`, found);
  }
  await admin.signIn();
  const reports = ["overview", "volume", "response", "agents", "csat", "queue"];
  for (const path of ["start", "start/try", ...reports.map((kind) => `reports/${kind}?compare=1`)]) {
    await admin.page.goto(`${here.demo.origin}/console/${path}`);
    await look(admin.page, `console ${path} ${how}`, found);
  }
  for (const path of ["letters", "tags", "blocklist", "roles", "audit", "webhooks", "privacy", "sites"]) {
    await admin.page.goto(`${here.demo.origin}/admin/${path}`);
    await look(admin.page, `admin ${path} ${how}`, found);
  }
  await admin.page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await admin.page.getByLabel("Origins").waitFor();
  await look(admin.page, `admin site ${how}`, found);
  await owner(admin.page, how, found);
}

async function owner(page, how, found) {
  await page.getByRole("link", { name: "Routing" }).click();
  await page.getByLabel("What rule 1 looks at").selectOption({ label: "Cart is worth at least" });
  await page.getByLabel("An offer rings for").fill("a while");
  await page.getByRole("group", { name: "VIP" }).getByLabel("First answer").fill("soon");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#offer_s-problem").waitFor();
  await look(page, `admin routing ${how}`, found);
  await page.getByRole("link", { name: "Teams" }).click();
  await page.getByRole("heading", { name: "Add a team" }).waitFor();
  await look(page, `admin teams ${how}`, found);
  await page.locator("main").getByRole("link", { name: "Products" }).click();
  await page.getByLabel("Chats at once").waitFor();
  await look(page, `admin team ${how}`, found);
  await page.goto(`${here.demo.origin}/admin/people`);
  await look(page, `admin people ${how}`, found);
  await page.getByRole("link", { name: "Ana Lindqvist" }).click();
  await page.getByLabel("Languages they answer in").waitFor();
  await look(page, `admin person ${how}`, found);
}

async function conversation(desk, name, how, found) {
  await look(desk.page, `console conversation ${how}`, found);
  await desk.writeNote(`Note about ${name}`);
  await desk.page.getByText("Internal note", { exact: true }).first().click();
  await look(desk.page, `console note ${how}`, found);
  await desk.page.locator("summary", { hasText: "Transfer" }).click();
  await look(desk.page, `console transfer ${how}`, found);
  await desk.page.keyboard.press("Escape");
  await desk.page.locator("summary", { hasText: "Block" }).click();
  await look(desk.page, `console block ${how}`, found);
  await kept(desk, how, found);
  for (const menu of ["Priority", "Snooze"]) {
    await desk.page.locator("summary", { hasText: menu }).click();
    await look(desk.page, `console ${menu} ${how}`, found);
    await desk.page.keyboard.press("Escape");
  }
  await desk.page.getByLabel("More").click();
  await look(desk.page, `console more ${how}`, found);
  await desk.page.getByLabel("Shopper's e-mail").fill("axel@customer.example");
  await desk.page.getByRole("button", { name: "Make a ticket" }).click();
  await desk.page.getByText("Answer on ticket").click();
  await desk.page.waitForURL("**/console/tickets/*");
  await look(desk.page, `console ticket ${how}`, found);
}

/** Words that a form without script sent after the session had ended. */
async function kept({ page, person, conversation: id }, how, found) {
  const at = page.url();
  await page.goto(`${here.demo.origin}/console/me`);
  await page.context().clearCookies();
  await page.evaluate((action) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    form.append(Object.assign(document.createElement("textarea"), { name: "body", value: "Wait a moment" }));
    document.body.append(form);
    form.submit();
  }, `/console/c/${id}/note`);
  await page.getByText("What you wrote was not sent").waitFor();
  await look(page, `console kept ${how}`, found);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Send now" }).waitFor();
  await look(page, `console to be sent ${how}`, found);
  await page.goto(at);
}

const styles = [
  ["wide", wide],
  ["phone", phone],
];

for (const [how, options] of styles) {
  test(`axe finds nothing: ${how}`, async () => {
    const found = new Map();
    const name = `Axel ${how}`;
    const desk = await here.agent("ana", options);
    await (await desk.signIn()).beAvailable();
    const shopper = await here.shopper(options);
    await (await shopper.visit(here.demo.known.shop_url)).open();
    await shopper.begin("A long question about a lamp", { name });
    await desk.openChat(name);
    await desk.say("A short answer");
    await conversation(desk, name, how, found);
    await staff(desk, await here.agent("hugo", options), how, found);
    const lines = [...found].map(([fault, where]) => `${fault} (${where.join(", ")})`);
    assert.equal(lines.length, 0, lines.join("\n"));
  });
}

for (const [how, options] of styles) {
  test(`axe finds nothing on the pages that are seldom seen: ${how}`, async () => {
    const found = new Map();
    const { page } = await (await here.agent("hugo", options)).signIn();
    const see = async (path) => {
      await page.goto(`${here.demo.origin}${path}`);
      await look(page, `${path} ${how}`, found);
    };
    for (const path of ["/console/canned", "/console/macros"]) {
      await see(path);
      await see(`${path}/new`);
    }
    await page.goto(`${here.demo.origin}/console/wall`);
    await see(await page.locator("a[href^='/console/wall/']").first().getAttribute("href"));
    await page.goto(`${here.demo.origin}/admin/widget`);
    const site = new URL(page.url()).pathname.replace(/\/widget$/, "");
    for (const part of ["files", "orders", "check", "privacy"]) await see(`${site}/${part}`);
    await see("/admin/privacy");
    await see("/admin/blocklist");
    await page.goto(`${here.demo.origin}/console/inbox/all`);
    await page.locator(".several summary").click();
    await page.locator(".pick").first().check();
    await page.locator("#bulk-do").selectOption("close");
    await page.getByRole("button", { name: "Do it" }).click();
    await page.locator(".outcomes li").first().waitFor();
    await look(page, `several ${how}`, found);
    const lines = [...found].map(([fault, where]) => `${fault} (${where.join(", ")})`);
    assert.equal(lines.length, 0, lines.join("\n"));
    await page.context().close();
  });
}

/** What is wider than its place and scrolls, tables aside. Runs in the page. */
function beyond() {
  const all = [document.scrollingElement, ...document.querySelectorAll("body *")];
  const scrolls = (el) => el === document.scrollingElement || /auto|scroll/.test(getComputedStyle(el).overflowX);
  const isFree = (el) => el.matches("textarea, pre, nav, [role=region]") || el.querySelector(":scope > table");
  return all
    .filter((el) => el.checkVisibility() && scrolls(el) && !isFree(el) && el.scrollWidth > el.clientWidth + 1)
    .map((el) => `${el.localName}#${el.id}.${el.className} has ${el.scrollWidth} of ${el.clientWidth}`);
}

test("at 320 pixels, which is 200 % on a small screen, nothing scrolls two ways; in forced colours every page can be read", async () => {
  const wide = [];
  for (const [how, options] of [
    ["narrow", { viewport: { width: 320, height: 640 } }],
    ["forced", { forcedColors: "active" }],
  ]) {
    const desk = await (await here.agent("hugo", options)).signIn();
    const { page } = desk;
    await page.goto(`${here.demo.origin}/admin/widget`);
    const site = new URL(page.url()).pathname.replace(/\/widget$/, "");
    await page.goto(`${here.demo.origin}/console/inbox/all`);
    const chat = await desk.rows.first().getAttribute("href");
    const paths = [
      ...[
        "/console/inbox/all",
        "/console/inbox/closed",
        chat,
        `${chat}&panel=context`,
        "/console/tickets",
        "/console/canned",
      ],
      ...[
        "/console/macros",
        "/console/rooms",
        "/console/rooms/mentions",
        "/console/visitors",
        "/console/team",
        "/console/wall",
        "/console/reports/overview",
        "/console/search?q=lamp",
        "/console/me",
        "/console/keys",
      ],
      ...["/admin/letters", "/admin/tags", "/admin/webhooks"],
      ...["/console/customers", "/console/start", "/console/reports/queue", "/console/reports/agents"],
      ...["people", "roles", "audit", "privacy", "blocklist", "sites"].map((page) => `/admin/${page}`),
      ...["", "/routing", "/widget", "/teams"].map((part) => site + part),
    ];
    for (const path of paths) {
      await page.goto(`${here.demo.origin}${path}`);
      wide.push(...(await page.evaluate(beyond)).map((what) => `${how} ${path}: ${what}`));
      await picture(page, `access-${how}-${path.split("?")[0].replaceAll(/\W+/g, "-").slice(0, 40)}`);
    }
    await page.context().close();
  }
  assert.deepEqual(wide, []);
});

test("axe has really looked", () => {
  console.log(`axe looks=${looked} rules=${RULES.join()}`);
  assert.ok(looked >= 200, `${looked}`);
});

nothingWentWrong(here);
