// What most tests begin with: a demo, a browser for shoppers, another one for staff.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Agent } from "./agent.js";
import { openBrowser, openContext } from "./browser.js";
import { Demo } from "./demo.js";
import { Shopper } from "./shopper.js";

/** `prepare` runs once when the house is open, `tidy` before it closes; `isWhole`: in Chromium with all that it can. */
export function scene({ prepare, tidy, isWhole } = {}) {
  const here = { contexts: [] };
  let browsers = [];

  before(async () => {
    here.demo = await Demo.start();
    here.demo.hurry();
    browsers = await Promise.all([openBrowser({ isWhole }), openBrowser({ isWhole })]);
    [here.shops, here.desks] = browsers;
    await prepare?.(here);
  });

  after(async () => {
    await tidy?.(here);
    await Promise.allSettled(browsers.map((browser) => browser.close()));
    await here.demo?.stop();
  });

  here.context = async (browser, options) => {
    const opened = await openContext(browser, options);
    here.contexts.push(opened);
    return opened;
  };

  here.shopper = async (options) => new Shopper(await (await here.context(here.shops, options)).newPage());
  here.agent = async (name, options) =>
    new Agent(await (await here.context(here.desks, options)).newPage(), here.demo, name);

  /** An agent at work, with a chat just begun by a shopper. */
  here.chat = async (name, { agent = "ana", body = "Hello?", shopper: how, desk: where } = {}) => {
    const desk = await here.agent(agent, where);
    await (await desk.signIn()).beAvailable();
    const shopper = await here.shopper(how);
    await (await shopper.visit(here.demo.known.shop_url)).open();
    await shopper.begin(body, { name });
    await desk.openChat(name);
    await desk.entry(body).waitFor();
    return { shopper, desk };
  };

  return here;
}

/** To be called last: nothing may have gone wrong unseen. */
export function nothingWentWrong(here) {
  test("no page reported an error, a dialog or a refused script", () => {
    assert.deepEqual(
      here.contexts.flatMap(({ faults }) => faults),
      [],
    );
    assert.ok(!/panicked/.test(here.demo.log), here.demo.log);
  });
}
