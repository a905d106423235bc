// Waits for a condition, never for a time.

/** How long what is expected may take, unless a test promises less; files that run side by side are given more. */
export const PATIENCE = Number(process.env.DESKBELL_PATIENCE ?? 10_000);

export async function until(what, holds, { within = PATIENCE, every = 25 } = {}) {
  const end = Date.now() + within;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`within ${within} ms it never held: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
