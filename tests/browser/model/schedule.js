// What can happen, what must be true afterwards, and how everything is made to work again in between.

import assert from "node:assert/strict";
import fc from "fast-check";
import { World } from "./world.js";

const tab = fc.constantFrom("a", "b");
const one = (word, ...values) => fc.tuple(fc.constant(word), ...values);
const words = fc.constantFrom;

/** What can happen, by how often it does. */
const happening = fc.oneof(
  { weight: 1, arbitrary: one("press", tab, fc.constant(true)) },
  { weight: 8, arbitrary: one("write", tab) },
  { weight: 4, arbitrary: one("say") },
  { weight: 9, arbitrary: one("wait", words(1, 15, 60, 400, 1500, 4000)) },
  { weight: 3, arbitrary: one("wait", words(12_000, 35_000, 70_000)) },
  {
    weight: 4,
    arbitrary: one("fate", words("busy", "crash before", "crash after", "unknown but lost", "unknown but kept", "cut")),
  },
  { weight: 6, arbitrary: one("mishap", words("lost", "late", "never", "twice")) },
  { weight: 4, arbitrary: one("cut", words(1006, 4001, 4008, 1012, 1013)) },
  { weight: 2, arbitrary: one("bye") },
  { weight: 2, arbitrary: one("crash") },
  { weight: 4, arbitrary: one("start") },
  { weight: 2, arbitrary: one("restore", words(1, 2, 3, 5)) },
  { weight: 2, arbitrary: one("relapse", words(1, 2, 3, 6), words(1, 4, 6, 8)) },
  { weight: 2, arbitrary: one("online", fc.boolean()) },
  { weight: 2, arbitrary: one("deafen") },
  { weight: 2, arbitrary: one("sockets", fc.boolean()) },
  { weight: 1, arbitrary: one("hole", fc.boolean()) },
  { weight: 3, arbitrary: one("show", tab, fc.boolean()) },
  { weight: 3, arbitrary: one("reload", tab, fc.boolean()) },
  { weight: 2, arbitrary: one("open") },
  { weight: 1, arbitrary: one("shut") },
  { weight: 1, arbitrary: one("end") },
  { weight: 1, arbitrary: one("slow", words(20, 400, 1500)) },
  { weight: 1, arbitrary: one("commits", words(5, 300, 3000)) },
  { weight: 2, arbitrary: one("reads", words(5, 900, 7000)) },
  { weight: 1, arbitrary: one("farewell", words(1, 2)) },
  { weight: 1, arbitrary: one("doubt", words(1, 2, 3)) },
  { weight: 1, arbitrary: one("sleep", words(3_600_000, 90_000_000)) },
);

const deeds = {
  press: (world, name, isBad) => world.page(name) && world.press(name, isBad),
  write: (world, name) => world.page(name) && world.press(name, false),
  say: ({ server }) => server.say(`agent ${server.log.length}`),
  wait: ({ clock }, ms) => clock.advance(ms),
  // The server does not sleep: what was on its way to it is done by then.
  async sleep({ clock }, ms) {
    await clock.advance(8000);
    clock.leap(ms);
  },
  fate: ({ server }, fate) => server.fates.push(fate),
  mishap: ({ server }, mishap) => server.mishaps.push(mishap),
  cut: (world, code) => world.cut(code),
  farewell: ({ server }, times) => Object.assign(server, { farewells: times }),
  doubt: ({ server }, times) => Object.assign(server, { doubts: times }),
  bye: (world) => world.sayBye(),
  crash: (world) => world.crash(),
  start: (world) => world.start(),
  restore: (world, lost) => world.restore(lost),
  // With a hole just before it, slow reads after it, and an agent who talks on: rare, and where holes hide.
  async relapse(world, lost, talks) {
    const { server, clock } = world;
    server.readMs = 900;
    server.mishaps = ["never"];
    for (let n = 0; n < 3; n += 1) deeds.say(world);
    await clock.advance(60);
    world.restore(lost);
    server.mishaps = [];
    for (let n = 0; n < talks; n += 1) {
      await clock.advance(300);
      deeds.say(world);
    }
  },
  sockets: (world, on) => Object.assign(world, { allowsSockets: on }),
  online: (world, on) => world.setOnline(on),
  deafen: (world) => world.deafen(),
  hole: (world, on) => world.setBlackHole(on),
  show: (world, name, on) => world.page(name)?.show(on),
  reload(world, name, politely) {
    if (!world.page(name)) return;
    world.page(name).leave(politely);
    world.open(name);
  },
  open: (world) => world.page("b") ?? world.open("b"),
  shut: (world) => world.page("b")?.leave(true),
  end: ({ server }) => server.end(),
  slow: (world, ms) => Object.assign(world, { latency: ms }),
  commits: ({ server }, ms) => Object.assign(server, { commitMs: ms }),
  reads: ({ server }, ms) => Object.assign(server, { readMs: ms }),
};

/**
 * Everything works again, and whoever left comes back to the shop. Where a page may have missed something without a
 * trace, somebody must look at it: only what is looked at asks whether it is up to date.
 */
async function heal(world, isLookedAt) {
  world.setBlackHole(false);
  Object.assign(world, { latency: 20, isCalm: true });
  Object.assign(world.server, { commitMs: 5, readMs: 5, doubts: 0, farewells: 0, fates: [], mishaps: [] });
  world.start();
  world.setOnline(true);
  if (!world.page("b") && world.pressed.some(({ tab }) => tab === "b")) world.open("b");
  await world.clock.advance(1000);
  if (isLookedAt) for (const page of world.pages) page.show(true);
  await world.clock.advance(300_000);
  world.retry();
  await world.clock.advance(10_000);
}

const cidsOf = ({ sent }, body) => [...(sent.get(body) ?? [])].map((text) => JSON.parse(text).cid);
const bodies = (items) => items.map(({ frame }) => frame.body);

const isNeeded = ({ line: { record, reading } }) => reading.isOpen || record.isOpen;

/** Whoever is looked at is connected, and of the others one at most: only then, and only if nobody is looked at. */
function checkSeats({ pages }) {
  const up = pages.filter(({ line }) => line.link.state === "up");
  const seen = pages.filter(({ isHidden }) => !isHidden);
  const wanted = pages.some(isNeeded) ? Math.max(seen.length, 1) : 0;
  assert.equal(up.length, wanted, `${up.length} of ${pages.length} tabs are connected, ${seen.length} are looked at`);
  for (const page of seen) assert.ok(up.includes(page), `tab ${page.tab} is looked at and not connected`);
}

function check(world) {
  const { server, pressed, pages, lost, tolds, givenUp } = world;
  const stored = server.messages;
  // What an older copy of the database has lost after it was confirmed: nobody can be blamed, and it may come again.
  const isExcused = (body) => lost.has(body) && [body, ...cidsOf(server, body)].some((told) => tolds.has(told));
  for (const { body, isBad } of pressed) {
    const times = stored.filter((one) => one === body).length;
    const sent = [...(server.sent.get(body) ?? [])];
    assert.ok(sent.length <= 1, `${body} was sent as ${sent.join(" and as ")}`);
    if (isBad) assert.equal(times, 0, `${body} was refused and is stored`);
    else if (!isExcused(body)) assert.equal(times, 1, `${body} is stored ${times} times`);
  }
  for (const name of ["a", "b"]) {
    const inTime = pressed.filter(({ tab, body }) => tab === name && !givenUp.has(body)).map(({ body }) => body);
    const mine = (body) => inTime.includes(body) && !isExcused(body);
    const inOrder = pressed.map(({ body }) => body).filter((body) => mine(body) && stored.includes(body));
    assert.deepEqual(stored.filter(mine), inOrder, `what tab ${name} sent is out of order`);
  }
  if (server.epoch === "epoch-1") assert.equal(server.resets, 0, "a page asked for what the server cannot resume");
  for (const page of pages) {
    const { outbox, record } = page.line;
    const waiting = outbox.items.filter(({ failed }) => !failed);
    assert.deepEqual(bodies(waiting), [], `tab ${page.tab} still says "sending"`);
    const refused = pressed.filter((one) => one.isBad && one.tab === page.tab).map(({ body }) => body);
    const shown = bodies(outbox.items);
    for (const body of refused) assert.ok(shown.includes(body), `${body} was refused and is not shown`);
    assert.ok(
      shown.every((body) => body.startsWith("bad")),
      `${shown} is shown as failed`,
    );
    if (!page.line.seat.rests) checkRecord(page, record, server);
  }
}

function checkRecord({ tab: name }, record, { conversations, open }) {
  if (open) assert.equal(record.id, open, `tab ${name} does not show the open chat`);
  if (!record.id) return;
  const log = conversations.get(record.id) ?? [];
  const told = log.slice(record.earlier ? -record.events.length : 0);
  const line = ({ seq, id, body }) => `${seq} ${id} ${body}`;
  assert.deepEqual(record.events.map(line), told.map(line), `tab ${name} shows another log than the server has`);
}

/** What is looked at is read, and the agent knows it. */
function checkReads({ server: { open, conversations, reads, epoch } }) {
  if (!open || epoch !== "epoch-1") return;
  const last = conversations.get(open).findLast(({ kind, by }) => kind === "message" && by.role === "agent");
  if (last) assert.ok(reads.get(open) >= last.seq, `${last.body} is read, and the agent sees ${reads.get(open)}`);
}

const NOTES = 30;
const leavesNoTrace = ([word, what]) => word === "deafen" || word === "hole" || what === "never";

/** Plays a schedule, lets everything heal, and checks what came of it. */
export async function play(schedule, chance) {
  const world = new World(chance);
  world.open("a");
  for (const [word, ...values] of schedule) await deeds[word](world, ...values);
  await heal(world, schedule.some(leavesNoTrace));
  try {
    checkSeats(world);
    check(world);
    world.page("a").show(true);
    await world.clock.advance(60_000);
    checkReads(world);
    for (const page of world.pages) page.show(true);
    await world.clock.advance(60_000);
    check(world);
  } catch (error) {
    error.message += `\n  ${world.notes.slice(-NOTES).join("\n  ")}`;
    throw error;
  }
  world.end();
}

export const schedules = fc.array(happening, { minLength: 5, maxLength: 45, size: "max" });
