// Waits for a condition, never for a time.

export async function until(what, holds, { within = 10_000, every = 25 } = {}) {
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
