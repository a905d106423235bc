// The widget's own modules against a server written from the contract, with everything going wrong in every order: what
// was sent is stored once and in order, what is shown is what the server has, and nothing waits for ever.
//   DESKBELL_MODEL_RUNS=5000   more schedules than the usual number
//   DESKBELL_MODEL_SEED=…      the same schedules again, as a failure prints it

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { play, schedules } from "./model/schedule.js";
import { World } from "./model/world.js";

const runs = Number(process.env.DESKBELL_MODEL_RUNS ?? 2000);
const seed = Number(process.env.DESKBELL_MODEL_SEED ?? Date.now() % 2 ** 31);

/** Says the shortest schedule that fails, and how to see it again. */
async function holds(property, how) {
  const { failed, counterexample, errorInstance, seed, numRuns } = await fc.check(property, how);
  if (!failed) return;
  const schedule = counterexample[0].map((happened) => happened.join(" ")).join(", ");
  const again = `DESKBELL_MODEL_SEED=${seed} DESKBELL_MODEL_RUNS=${numRuns}`;
  throw new Error(`${errorInstance.message}\n  after: ${schedule}\n  chance ${counterexample[1]}; again with ${again}`);
}

test("whatever happens on the way, a message is stored once, in order, and shown as it is", async () => {
  const property = fc.asyncProperty(schedules, fc.integer(), play);
  await holds(property, { numRuns: runs, seed });
});
test("the delay before a new try is random(0, min(30 s, 0.5 s · 2ⁿ)), and less after a goodbye or a minute of health", async () => {
  const ending = fc.oneof(
    fc.tuple(fc.constant("down")),
    fc.tuple(fc.constantFrom("cut 1006", "cut 4008", "cut 1013"), fc.constantFrom(0, 20_000, 59_000, 61_000, 200_000)),
    fc.tuple(fc.constant("bye"), fc.constantFrom(0, 700, 12_000)),
  );
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const property = fc.asyncProperty(fc.array(ending, { minLength: 1, maxLength: 20 }), chance, async (endings, r) => {
    const world = new World(0);
    world.random = () => r;
    const { link } = world.open("a").line;
    let n = 0;
    for (const [how, ms] of endings) {
      const ended = world.ended.length;
      let limit = null;
      if (how === "down") {
        world.server.isUp = false;
        await world.clock.until(() => world.ended.length > ended, 1000);
        world.server.isUp = true;
      } else {
        assert.ok(await world.clock.until(() => link.state === "up", 1000), "it is up again");
        await world.clock.advance(how === "bye" ? 0 : ms);
        if (how === "bye") {
          world.sayBye(ms);
          await world.clock.until(() => link.state === "down", 1000);
          [n, limit] = [0, ms];
        } else {
          if (ms > 60_000) n = 0;
          world.cut(Number(how.slice(4)));
        }
      }
      if (limit === null) {
        limit = Math.min(30_000, 500 * 2 ** n);
        n += 1;
      }
      const asked = world.asked.length;
      assert.ok(await world.clock.until(() => world.asked.length > asked, 31_000), "it never gives up");
      const delay = world.asked.at(-1) - world.ended.at(-1);
      assert.ok(Math.abs(delay - r * limit) < 0.01, `after ${how} it waited ${delay} ms, not ${r} of ${limit} ms`);
    }
    world.end();
  });
  await holds(property, { numRuns: Math.ceil(runs / 10), seed });
});

/** A tab with a chat, up and quiet. */
async function chat(first = {}) {
  const world = new World(7);
  const page = world.open("a");
  page.press("good first", first);
  await world.clock.advance(1000);
  assert.deepEqual(world.server.messages, ["good first"]);
  return { world, page, ...page.line };
}

const asked = async (world, ms) => {
  const { now } = world.clock;
  const before = world.asked.length;
  return (await world.clock.until(() => world.asked.length > before, ms)) ? world.asked.at(-1) - now : null;
};

test("a page that wakes, or has heard nothing for half a minute, asks whether its line is alive", async () => {
  const { world, page } = await chat();
  page.show(false);
  page.show(true);
  assert.equal(await asked(world, 29_000), null, "a line that answers is kept");
  page.show(false);
  world.deafen();
  assert.equal(await asked(world, 3_600_000), null, "nobody looks");
  page.show(true);
  assert.equal(await asked(world, 60_000), 10_000, "no answer for ten seconds after waking");
  await world.clock.advance(1000);
  world.deafen();
  const quiet = await asked(world, 60_000);
  assert.ok(quiet > 38_000 && quiet <= 40_000, `half a minute of silence and ten seconds without an answer: ${quiet}`);
});

test("a page is back as soon as the network is, and tries on when its tickets are refused, seen by nobody", async () => {
  const { world, page, link } = await chat();
  page.show(false);
  world.setOnline(false);
  assert.equal(link.state, "down");
  await world.clock.advance(600_000);
  const { length } = world.asked;
  world.setOnline(true);
  assert.equal(world.asked.length, length + 1);
  await world.clock.advance(1000);
  world.server.doubts = 5;
  world.cut();
  assert.ok(await world.clock.until(() => link.state === "up", 60_000));
});

test("of the tabs that nobody looks at one is connected for all, and when it is gone another one is", async () => {
  const { world, page: first } = await chat();
  const second = world.open("b");
  const up = () => world.pages.filter(({ line }) => line.link.state === "up").map(({ tab }) => tab);
  await world.clock.advance(1000);
  assert.deepEqual(up(), ["a", "b"], "both are looked at");
  second.show(false);
  await world.clock.advance(1000);
  assert.deepEqual(up(), ["a"]);
  world.server.say("for the badge");
  await world.clock.advance(1000);
  assert.equal(second.line.record.events.at(-1).body, "for the badge");
  first.press("and the answer");
  await world.clock.advance(1000);
  assert.equal(second.line.record.events.at(-1).body, "and the answer");
  first.show(false);
  await world.clock.advance(600_000);
  assert.deepEqual(up(), ["a"], "the one that was looked at last");
  second.press("written in the dark");
  await world.clock.advance(1000);
  assert.equal(world.server.messages.at(-1), "written in the dark");
  await world.clock.advance(1000);
  assert.equal(up().length, 1);
  world.page(up()[0]).leave(false);
  assert.deepEqual(up(), []);
  await world.clock.advance(30_000);
  assert.equal(up().length, 1);
  const third = world.open("c");
  await world.clock.advance(1000);
  assert.deepEqual(up(), ["c"], "it is looked at");
  assert.equal(third.line.record.events.length, world.server.log.length);
});

test("what is read in a tab that rested is told as soon as that tab is connected", async () => {
  const { world, page: first } = await chat();
  const second = world.open("b");
  await world.clock.advance(1000);
  second.show(false);
  await world.clock.advance(1000);
  first.show(false);
  await world.clock.advance(1000);
  assert.deepEqual([first.line.link.state, second.line.link.state], ["up", "off"]);
  world.server.say("for whoever comes back");
  await world.clock.advance(1000);
  assert.equal(second.line.record.events.at(-1).body, "for whoever comes back");
  assert.equal(world.server.reads.size, 0, "nobody has looked");
  second.show(true);
  await world.clock.advance(1000);
  assert.equal(world.server.reads.get(world.server.open), world.server.log.length);
});

test("what is read on a line that is dead is told on the next one", async () => {
  const { world, page } = await chat();
  page.show(false);
  world.server.say("for whoever comes back");
  await world.clock.advance(1000);
  world.deafen();
  page.show(true);
  await world.clock.advance(9000);
  assert.equal(world.server.reads.size, 0);
  await world.clock.advance(2000);
  assert.equal(world.server.reads.get(world.server.open), world.server.log.length);
});

test("a goodbye before the welcome leaves nothing behind that would end the next connection", async () => {
  const { world, link } = await chat();
  world.server.farewells = 1;
  world.cut();
  assert.ok(await world.clock.until(() => link.state === "up", 5000));
  assert.equal(await asked(world, 600_000), null);
});

test("a hole is asked for after two seconds, however much comes after it", async () => {
  const { world, record } = await chat();
  world.server.mishaps.push("never");
  world.server.say("into the hole");
  for (let n = 0; n < 4; n += 1) {
    world.server.say(`after it ${n}`);
    await world.clock.advance(900);
  }
  assert.deepEqual(
    record.events.slice(-5).map(({ body }) => body),
    ["into the hole", "after it 0", "after it 1", "after it 2", "after it 3"],
  );
});

test("the last event of all is missed by whoever looks for half a minute at most", async () => {
  const { world, record } = await chat();
  world.server.mishaps.push("never");
  world.server.say("nothing comes after it");
  await world.clock.advance(32_000);
  assert.equal(record.events.at(-1).body, "nothing comes after it");
});

/** A chat whose database was put back, seen by nobody, at the moment its page is told so. */
async function putBack() {
  const { world, page, record } = await chat();
  for (let n = 0; n < 3; n += 1) world.server.say(`before ${n}`);
  await world.clock.advance(1000);
  page.show(false);
  world.server.readMs = 900;
  world.restore(2);
  assert.ok(await world.clock.until(() => record.paused, 5000));
  return { world, record, isSame: () => assert.deepEqual(record.events, world.server.log) };
}

test("what comes while history is loaded after a reset is not lost", async () => {
  const { world, isSame } = await putBack();
  world.server.say("meanwhile");
  await world.clock.advance(5000);
  isSame();
});

test("a page of history that comes after its connection has gone changes nothing", async () => {
  const { world, record, isSame } = await putBack();
  await world.clock.advance(60);
  world.server.readMs = 5;
  world.cut();
  assert.ok(await world.clock.until(() => record.epoch === world.server.epoch, 800));
  world.server.say("newer");
  await world.clock.advance(5000);
  isSame();
});

test("fifty messages written without a server survive reloads, and the first brings its answers along", async () => {
  const world = new World(3);
  world.crash();
  world.open("a");
  const texts = Array.from({ length: 50 }, (_, n) => `good ${n}`);
  const { outbox } = world.page("a").line;
  for (const [n, text] of texts.entries()) {
    assert.equal(outbox.isFull, false);
    world.page("a").press(text, n === 0 ? { intake: { name: "Mo" }, team: "t1" } : {});
  }
  assert.equal(outbox.isFull, true, "no more is taken on than is kept");
  const cids = outbox.items.map(({ frame }) => frame.cid);
  for (const politely of [true, false]) {
    await world.clock.advance(5000);
    world.page("a").leave(politely);
    world.open("a");
  }
  world.start();
  await world.clock.advance(60_000);
  const [opened, ...messages] = world.server.log;
  assert.deepEqual([opened.intake, opened.team], [{ name: "Mo" }, "t1"]);
  assert.deepEqual(
    messages.map(({ body }) => body),
    texts,
  );
  assert.deepEqual(
    messages.map(({ cid }) => cid),
    cids,
  );
  assert.deepEqual(
    Object.keys(world.kept).filter((key) => key.startsWith("q.")),
    [],
  );
});

test("what nobody took for a day is given up, visibly, and can be sent again", async () => {
  const { world, page, outbox } = await chat();
  world.crash();
  page.press("good but late");
  await world.clock.advance(23 * 3_600_000);
  assert.equal(outbox.items[0].failed, undefined);
  await world.clock.advance(2 * 3_600_000);
  page.press("good after it");
  assert.equal(outbox.items[0].failed, undefined, "the server may have it: nobody has asked yet");
  world.start();
  await world.clock.advance(60_000);
  assert.equal(outbox.items[0].failed, "too_late");
  assert.deepEqual(world.server.messages, ["good first", "good after it"]);
  page.run(() => outbox.retry(outbox.items[0]));
  await world.clock.advance(1000);
  assert.deepEqual(world.server.messages, ["good first", "good after it", "good but late"]);
});

test("what the server refused for good goes under a new name when it is tried again", async () => {
  const { world, page, outbox } = await chat();
  page.press("bad");
  await world.clock.advance(1000);
  assert.equal(outbox.items[0].failed, "too_long");
  page.run(() => outbox.retry(outbox.items[0]));
  await world.clock.advance(1000);
  assert.equal(world.server.sent.get("bad").size, 2);
});

/** A chat with a message that is stored, and whose page has not been told so for a day when its line comes back. */
async function untold(talks) {
  const { world, page, outbox, record } = await chat();
  world.cut();
  assert.ok(await world.clock.until(() => record.epoch === world.server.epoch, 5000), "it can resume");
  world.server.fates.push("crash after");
  page.press("good but untold");
  await world.clock.advance(1000);
  world.server.talkOn(talks);
  await world.clock.advance(25 * 3_600_000);
  world.restore(0);
  const failed = [];
  outbox.on("change", () => failed.push(...outbox.items.filter((item) => item.failed)));
  assert.ok(await world.clock.until(() => record.epoch === world.server.epoch, 60_000));
  assert.equal(world.server.resets, 1);
  return { world, page, outbox, failed };
}

test("what was stored a day ago, though nobody said so, is never shown as refused, even after a reset", async () => {
  const { outbox, failed } = await untold(0);
  assert.deepEqual([outbox.items, failed], [[], []]);
});

test("what was stored a day ago and is far up in the log is not stored again by a new try", async () => {
  const { world, page, outbox } = await untold(60);
  assert.equal(outbox.items[0].failed, "too_late");
  page.run(() => outbox.retry(outbox.items[0]));
  await world.clock.advance(1000);
  assert.deepEqual(outbox.items, []);
  assert.equal(world.server.messages.filter((body) => body === "good but untold").length, 1);
});

test("what was stored a day ago and is far up in the log is found there by who looks", async () => {
  const { world, page, outbox } = await untold(60);
  page.run(() => page.line.chat.older());
  await world.clock.advance(1000);
  assert.deepEqual(outbox.items, []);
});

test("what was given up stays given up, and in its place, after a reload", async () => {
  const { world, page, outbox } = await chat();
  world.crash();
  page.press("good one");
  page.press("good two");
  await world.clock.advance(25 * 3_600_000);
  world.start();
  await world.clock.advance(60_000);
  world.crash();
  page.run(() => outbox.retry(outbox.items[0]));
  page.leave(false);
  const again = world.open("a").line.outbox;
  const seen = again.items.map(({ frame, failed }) => [frame.body, failed]);
  assert.deepEqual(seen, [
    ["good two", "too_late"],
    ["good one", undefined],
  ]);
});
