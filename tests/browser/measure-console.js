// What the console costs an agent, measured: its first page on a slow network and processor, a message's way to the screen
// while a hundred others do something, and how long the page takes to answer a key or a click with long lists and long logs
// in it. Nothing here fails for being slow; what must hold at any speed is a test.
//
//   npm run measure:console --prefix tests/browser [-- --rounds 5 --rows 300 --messages 5000]

import { Agent } from "./house/agent.js";
import { openBrowser, openContext } from "./house/browser.js";
import { Crowd } from "./house/crowd.js";
import { Demo } from "./house/demo.js";
import { percentile, until } from "./house/until.js";

function given(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
}

const ROUNDS = given("rounds", 5);
const NETWORK = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
const SLOWDOWN = 4;
const ROWS = given("rows", 300);
const MESSAGES = given("messages", 5000);
const PER_S = 200;
const UNDER_LOAD = 100;

const median = (numbers) => percentile(numbers, 0.5);
const show = (numbers) =>
  `p50=${Math.round(median(numbers))} p95=${Math.round(percentile(numbers, 0.95))} max=${Math.round(Math.max(...numbers))} n=${numbers.length}`;

/** Runs in every document before its own scripts. */
function watch() {
  const seen = { lcp: 0, tasks: [], events: [] };
  const observe = (type, fn, more) =>
    new PerformanceObserver((list) => list.getEntries().forEach(fn)).observe({ type, buffered: true, ...more });
  observe("largest-contentful-paint", (entry) => {
    seen.lcp = entry.startTime;
  });
  observe("longtask", ({ duration }) => seen.tasks.push(duration));
  observe("event", ({ name, duration }) => seen.events.push([name, duration]), { durationThreshold: 16 });
  window.seen = seen;
}

const demo = await Demo.start();
demo.hurry();
const browser = await openBrowser({ isWhole: true });
const shops = await openBrowser({ isWhole: true });
const here = { demo, shops, context: openContext };

async function signedIn(name, slow) {
  const context = await openContext(browser);
  await context.addInitScript(watch);
  const agent = new Agent(await context.newPage(), demo, name);
  await agent.signIn();
  if (slow) {
    const devtools = await context.newCDPSession(agent.page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", NETWORK);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  }
  return agent;
}

/** The first page of a browser that has none of it yet. */
async function firstPage() {
  const found = { lcp: [], tbt: [], bytes: [] };
  for (let n = 0; n < ROUNDS; n += 1) {
    const agent = await signedIn("grace", true);
    const devtools = await agent.page.context().newCDPSession(agent.page);
    await devtools.send("Network.enable");
    await devtools.send("Network.clearBrowserCache");
    let bytes = 0;
    devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await agent.page.goto(`${demo.origin}/console/inbox/all`, { waitUntil: "load" });
    await agent.page.waitForTimeout(3000);
    const { lcp, tasks } = await agent.page.evaluate(() => window.seen);
    found.lcp.push(lcp);
    found.tbt.push(tasks.reduce((sum, duration) => sum + Math.max(0, duration - 50), 0));
    found.bytes.push(bytes);
    await agent.page.context().close();
  }
  return found;
}

/** What the browser took from a key or a click to the next picture; less than 16 ms is not told and counts as 16. */
async function interactions(page, act, times) {
  const spans = [];
  for (let n = 0; n < times; n += 1) {
    await page.evaluate(() => {
      window.seen.events.length = 0;
    });
    await act(n);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
    const events = await page.evaluate(() => window.seen.events);
    spans.push(
      Math.max(16, ...events.filter(([name]) => /key|pointer|mouse|click/.test(name)).map(([, duration]) => duration)),
    );
  }
  return spans;
}

// A browser has room for 255 sockets of one profile.
const crowds = [await Crowd.open(here), await Crowd.open(here)];
const [crowd] = crowds;
try {
  const first = await firstPage();
  console.log(`rounds=${ROUNDS} cpu=1/${SLOWDOWN} rtt_ms=${NETWORK.latency} bits_per_s=1600000`);
  console.log(
    `P8 inbox lcp_ms=${Math.round(median(first.lcp))} (1200) tbt_ms=${Math.round(median(first.tbt))} (100) bytes=${median(first.bytes)}`,
  );

  const ana = await signedIn("ana");
  await ana.beAvailable();
  const long = await crowd.come("line 0", "Lena Long");
  await until("it is hers", async () => (await ana.row("Lena Long").count()) > 0);
  await ana.be("Busy");
  for (let n = 1; n < MESSAGES; n += 1) await crowd.say(long, `line ${n}`);
  const others = [];
  for (let n = 1; n < ROWS; n += 1)
    others.push([crowds[n % 2], await crowds[n % 2].come(`question ${n}`, `Visitor ${n}`)]);
  // A list that is sorted is one page.
  await ana.page.goto(`${demo.origin}/console/inbox/all?sort=newest`);
  await until("the rows", async () => (await ana.rows.count()) >= ROWS);
  const rows = await ana.rows.count();
  await ana.page.locator("body").click({ position: { x: 900, y: 600 } });
  const keys = await interactions(ana.page, () => ana.page.keyboard.press("j"), 40);
  console.log(`list of ${rows} rows, key to next picture_ms ${show(keys)} (100)`);
  await ana.openChat("Lena Long");
  await ana.page.locator("html[data-live=on]").waitFor();
  const entries = await ana.entries.count();
  const typed = await interactions(ana.page, (n) => ana.page.keyboard.type("abcdefghij"[n % 10]), 40);
  console.log(
    `conversation of ${MESSAGES} messages, ${entries} in the page, key to next picture_ms ${show(typed)} (100)`,
  );
  await ana.reply.fill("");

  // Under load: others write ${PER_S} times a second, to the list and to this conversation.
  let going = true;
  let said = 0;
  const began = Date.now();
  const load = (async () => {
    while (going) {
      const due = ((Date.now() - began) / 1000) * PER_S;
      while (said < due) {
        const [from, chat] = said % 10 === 0 ? [crowd, long] : others[said % others.length];
        said += 1;
        from.say(chat, `load ${said}`).catch(() => {});
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  })();
  const spans = [];
  for (let n = 0; n < UNDER_LOAD; n += 1) {
    const text = `measured ${n}.`;
    const shown = ana.page.evaluate(
      (wanted) =>
        new Promise((done) => {
          const look = () => {
            const last = [...document.querySelectorAll(".log .entry .text")].slice(-40);
            if (last.some((entry) => entry.textContent === wanted)) requestAnimationFrame(() => done(Date.now()));
            else setTimeout(look, 4);
          };
          look();
        }),
      text,
    );
    const pressed = Date.now();
    await crowd.say(long, text);
    spans.push((await shown) - pressed);
  }
  const typedUnder = await interactions(ana.page, (n) => ana.page.keyboard.type("abcdefghij"[n % 10]), 40);
  going = false;
  await load;
  const perS = Math.round(said / ((Date.now() - began) / 1000));
  console.log(
    `under ${perS} messages a second: message to screen_ms ${show(spans)} (500); key to next picture_ms ${show(typedUnder)} (100)`,
  );
} finally {
  await browser.close();
  await shops.close();
  await demo.stop();
}
