// The panel's requests to its own origin. A refusal keeps its status, its fields and how long to wait.

export class Refused extends Error {
  constructor(status, error, retryMs) {
    super(error?.message ?? String(status));
    this.status = status;
    this.code = error?.code;
    this.fields = error?.fields;
    this.retryMs = retryMs;
  }
}

export async function request(path, { token, body, signal } = {}) {
  const headers = body ? { "content-type": "application/json" } : {};
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, {
    method: body && "POST",
    headers,
    body: body && JSON.stringify(body),
    signal,
    credentials: "omit",
  });
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  throw new Refused(answer.status, data.error, Number(answer.headers.get("retry-after")) * 1000 || 0);
}
