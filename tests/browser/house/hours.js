// The shop's opening hours, set the way a merchant sets them.

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** `hours` is day → times; every other day is closed. No day at all means always open. */
export async function openAt(here, zone, hours) {
  const admin = await here.agent("hugo");
  const { page } = await admin.signIn();
  await page.goto(`${here.demo.origin}/admin/sites`);
  await page.locator("main").getByRole("link", { name: "Larkmoor" }).click();
  await page.getByLabel("Time zone").fill(zone);
  for (const day of DAYS) await page.getByLabel(day, { exact: true }).fill(hours[day] ?? "");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.close();
}

/** The day after tomorrow in that zone: the shop is closed now, wherever now is. */
export function laterDay(zone) {
  const then = new Date(Date.now() + 2 * 86_400_000);
  return new Intl.DateTimeFormat("en", { weekday: "long", timeZone: zone }).format(then);
}
