// Reports: without script, on paper, on a phone and from right to left; each drawing says what it shows and stands over the
// same numbers as its CSV.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe } from "./house/axe.js";
import { picture } from "./house/browser.js";
import { nothingWentWrong, scene } from "./house/scene.js";
import { run } from "./house/sql.js";

const here = scene({
  // Four weeks of a shop's life, as its log would have left them.
  prepare: ({ demo }) =>
    run(
      demo.known.database_url,
      `with past as (
        select gen_random_uuid() as id, s.id as site_id, t.id as team_id, a.id as agent_id, n,
          now() - make_interval(hours => n * 7 + (n * n) % 5, mins => (n * 37) % 60) as opened
        from generate_series(1, 95) n, sites s,
          lateral (select id from teams t where t.site_id = s.id order by name offset n % 2 limit 1) t,
          lateral (select m.agent_id as id from team_members m where m.team_id = t.id order by m.agent_id offset n % 3 limit 1) a
        where s.name like 'Larkmoor%'
      ), people as (
        insert into shoppers (site_id, id, name) select site_id, id, 'Visitor ' || n from past
      ), chats as (
        insert into conversations (site_id, id, shopper_id, team_id, state, queued_at, opened_at, last_at, closed_at, assignee_id, answered_at, score)
        select site_id, id, id, team_id, 'closed', opened, opened, opened, opened + make_interval(mins => 3 + n % 40),
          case when n % 6 > 0 then agent_id end, case when n % 6 > 0 then opened + make_interval(secs => 4 + (n * n) % 151) end,
          case when n % 6 > 0 and n % 4 = 0 then 1 + (n * 7) % 5 end
        from past returning site_id, id, assignee_id, opened_at, answered_at, score
      ), waits as (
        insert into decisions (site_id, conversation_id, gen, kind, chosen, candidates, waited_ms, at)
        select site_id, id, 1, 'assigned', assignee_id, '[]', 800 * extract(epoch from answered_at - opened_at), opened_at
        from chats where assignee_id is not null
      ), words as (
        insert into ratings (site_id, conversation_id, agent_id, score, comment, at)
        select site_id, id, assignee_id, score, case when score > 3 then 'Fast, and kind.' else '' end, answered_at from chats where score is not null
      )
      insert into events (site_id, conversation_id, seq, id, kind, author, at)
      select site_id, id, 1, id, 'closed', 'shopper', opened_at from chats`,
    ),
});

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const KINDS = ["overview", "volume", "response", "agents", "csat", "queue"];
const report = (agent, kind, query = "") => agent.page.goto(`${here.demo.origin}/console/reports/${kind}?${query}`);
const cells = (row) => row.locator("th, td").allTextContents();

/** The last line of what a link to CSV gives. */
async function last(page, link) {
  const answer = await page.request.get(new URL(await link.getAttribute("href"), page.url()).href);
  assert.match(answer.headers()["content-type"], /^text\/csv/);
  assert.match(answer.headers()["content-disposition"], /^attachment; filename="deskbell-[a-z]+-[\d-]+\.csv"$/);
  const lines = (await answer.text()).trim().split("\r\n");
  return lines.at(-1).slice(1, -1).split('","');
}

test("without script every report is drawn, says what it shows, and its table, its CSV and the chats agree", async () => {
  const grace = await (
    await here.agent("grace", { javaScriptEnabled: false, viewport: { width: 1440, height: 900 } })
  ).signIn();
  const { page } = grace;
  await page.getByRole("link", { name: "Reports" }).click();
  await page.getByRole("heading", { name: "Reports: Overview" }).waitFor();
  for (const kind of KINDS) {
    await page.getByRole("navigation", { name: "Reports" }).getByRole("link").nth(KINDS.indexOf(kind)).click();
    await page.waitForLoadState();
    for (const sheet of await page.locator(".sheet").all()) {
      const drawing = sheet.getByRole("img");
      assert.match(await drawing.getAttribute("aria-label"), /: .+ overall, highest .+ with .+\.$/, kind);
      assert.ok((await drawing.locator("path, rect").count()) > 0, kind);
      const [label, ...foot] = await cells(sheet.locator("tfoot tr"));
      const [csvLabel, ...csv] = await last(page, sheet.getByRole("link", { name: /^CSV/ }));
      assert.deepEqual([label, foot[0]], [csvLabel, csv[0]], kind);
    }
  }
  await report(grace, "volume", "range=90");
  const opened = Number((await cells(page.locator(".sheet").first().locator("tfoot tr")))[1]);
  assert.ok(opened >= 95, `${opened}`);
  await page.getByLabel("Team").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForLoadState();
  const fewer = Number((await cells(page.locator(".sheet").first().locator("tfoot tr")))[1]);
  assert.ok(fewer > 0 && fewer < opened, `${fewer} of ${opened}`);
  assert.match(page.url(), /team=[0-9a-f-]{36}/, "it can be shared");
  await report(grace, "overview", "from=2001-01-01&to=2001-01-02");
  await page.getByText("Nothing happened on these days. Choose other days or fewer filters.").waitFor();
});

test("on paper there is nothing to press, and all numbers fit on A4", async () => {
  const grace = await (await here.agent("grace", { viewport: { width: 688, height: 1000 } })).signIn();
  const { page } = grace;
  await page.emulateMedia({ media: "print" });
  for (const kind of KINDS) {
    await report(grace, kind, "range=28&compare=1");
    const [has, may] = await page.evaluate(() => [document.scrollingElement.scrollWidth, window.innerWidth]);
    assert.ok(has <= may, `${kind}: ${has} of ${may}`);
    assert.equal(await page.locator("form, .rail, .top").filter({ visible: true }).count(), 0, kind);
    for (const table of await page.locator(".sheet table").all()) {
      const { width, height } = await table.boundingBox();
      assert.ok(height > 0 && width <= may, `${kind}: ${width}`);
    }
    const paper = await page.pdf({ format: "A4" });
    assert.ok(paper.length > 10_000);
  }
});

test("axe finds nothing, and nothing scrolls two ways: wide, phone, dark, from right to left", async () => {
  const ways = [
    ["wide-light", { viewport: { width: 1440, height: 900 } }, "en"],
    ["wide-dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }, "de"],
    ["phone-light", phone, "zh-CN"],
    ["phone-dark", { ...phone, colorScheme: "dark" }, "ar"],
  ];
  for (const [how, options, tongue] of ways) {
    const grace = await (await here.agent("grace", options)).signIn();
    const { page } = grace;
    await page.goto(`${here.demo.origin}/console/me`);
    await page.locator("select[name=locale]").selectOption(tongue);
    await page.locator("select[name=locale]").locator("xpath=ancestor::form").locator("button.primary").click();
    await page.locator(`html[lang="${tongue}"]`).waitFor();
    for (const kind of KINDS) {
      await report(grace, kind, "compare=1");
      assert.deepEqual(await axe(page), [], `${how} ${kind}`);
      const has = await page.evaluate(() => document.scrollingElement.scrollWidth);
      assert.ok(has <= options.viewport.width, `${how} ${kind}: ${has} of ${options.viewport.width}`);
      await picture(page, `report-${kind}-${how}`);
    }
  }
});

nothingWentWrong(here);
