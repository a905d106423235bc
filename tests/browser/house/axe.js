// What axe finds wrong on a page.

import { AxeBuilder } from "@axe-core/playwright";
import { still } from "./browser.js";

/** WCAG 2.2 AA, and what is held to be good practice. */
export const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

/** What another colour scheme may break. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** In words, one for each place. `within`: only in there; `framed`: in frames of other origins as well; `rules`: these alone. */
export async function axe(page, { within, framed = false, rules } = {}) {
  await page.waitForLoadState();
  await still(page);
  const look = new AxeBuilder({ page }).setLegacyMode(!framed);
  if (rules) look.withRules(rules);
  else look.withTags(RULES);
  if (within) look.include(within);
  const { violations } = await look.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} at ${target.flat().join(" ")}: ${failureSummary.split("\n")[1]?.trim()}`,
    ),
  );
}

/** Light, by all rules; then the same page in the dark, by those of colour. `seen` is called in each. */
export async function axeLightAndDark(page, how, seen) {
  const found = [];
  for (const [colorScheme, rules] of [["light"], ["dark", COLOURS]]) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await axe(page, { ...how, rules })).map((fault) => `${colorScheme}: ${fault}`));
    await seen(colorScheme);
  }
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}
