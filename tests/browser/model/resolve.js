// The widget's second half imports from ./panel.js, which is the first half as it is built; here that is a small file
// of the same names, so that no build is needed.

import { register } from "node:module";

export function registerHooksFor(folder) {
  const from = new URL(folder, import.meta.url).href;
  const instead = new URL("panel.js", import.meta.url).href;
  const source = `export const resolve = (name, context, next) =>
    name === "./panel.js" && context.parentURL?.startsWith(${JSON.stringify(from)})
      ? { url: ${JSON.stringify(instead)}, shortCircuit: true }
      : next(name, context);`;
  register(`data:text/javascript,${encodeURIComponent(source)}`);
}
