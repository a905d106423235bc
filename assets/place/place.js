// Takes whoever tapped the link in a letter to their place in line: the code becomes a token, the token goes where the
// widget keeps its own, and the widget opens.

const { site } = document.documentElement.dataset;
const code = location.pathname.split("/").at(-1);
const prefix = `deskbell.${site}.`;

function show(name) {
  for (const part of document.querySelectorAll("[data-on]")) part.hidden = part.dataset.on !== name;
}

async function exchange() {
  const answer = await fetch("/v1/shopper/place/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ site, code }),
    credentials: "omit",
    signal: AbortSignal.timeout(15_000),
  });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.json();
}

// What another conversation left in this browser, a draft or unsent messages, is not of this one. Whoever has it open
// here already keeps the token they have.
function keep({ token, conversation }) {
  if (localStorage.getItem(`${prefix}live`) === conversation && localStorage.getItem(`${prefix}token`)) return;
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith(prefix))) localStorage.removeItem(key);
  localStorage.setItem(`${prefix}token`, token);
  localStorage.setItem(`${prefix}live`, conversation);
}

async function come() {
  show("opening");
  try {
    const found = await exchange();
    if (!found) {
      show("gone");
      return;
    }
    keep(found);
    await import(`/w/${site}.js`);
    window.deskbell("open");
    show("opened");
  } catch {
    show("failed");
  }
}

document.getElementById("retry").addEventListener("click", come);
come();
