// The panel's requests to its own origin. A refusal keeps its status, its fields and how long to wait.

// Where a path of the server's is: the shop's own proxy may have put all of it into a folder.
export const at = (path) => new URL(path.replace(/^\//, "../"), location.href);

export async function request(path, { token, body, signal } = {}) {
  const headers = body ? { "content-type": "application/json" } : {};
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(at(path), {
    method: body && "POST",
    headers,
    body: body && JSON.stringify(body),
    signal,
  });
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  const { status } = answer;
  const retryMs = answer.headers.get("retry-after") * 1000;
  throw Object.assign(new Error(status), data.error, { status, retryMs });
}
