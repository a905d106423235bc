// What axe finds wrong on a page.

import { AxeBuilder } from "@axe-core/playwright";
import { still } from "./browser.js";

/** WCAG 2.2 AA, and what is held to be good practice. */
export const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

/** In words, one for each place. `within`: only in there; `framed`: in frames of other origins as well. */
export async function axe(page, { within, framed = false } = {}) {
  await page.waitForLoadState();
  await still(page);
  const look = new AxeBuilder({ page }).withTags(RULES).setLegacyMode(!framed);
  if (within) look.include(within);
  const { violations } = await look.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} at ${target.flat().join(" ")}: ${failureSummary.split("\n")[1]?.trim()}`,
    ),
  );
}
