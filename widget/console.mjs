// Builds what the browser gets of the agents' console: style sheets, and scripts. What every page runs is one file, each
// module that is imported later another; the scripts of single pages stand alone. Into the folder given, or for budget.mjs
// into memory.

import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";

const assets = fileURLToPath(new URL("../assets/", import.meta.url));
const alone = [
  ...["console/preview.js", "console/search.js", "console/tv.js"],
  ...["tokens.css", "console.css", "search.css", "wall.css", "reports.css"],
];

const options = {
  absWorkingDir: assets,
  outdir: "out",
  outbase: ".",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
};

/** Name to text, and what each script imports at once. */
export async function buildConsole() {
  const built = await Promise.all([
    bundle({
      ...options,
      entryPoints: ["console/console.js"],
      chunkNames: "console/[name]-[hash]",
      splitting: true,
      // Whatever comes later imports all of it, so that it is cut into no pieces, which would be compressed apart.
      inject: ["console/console.js"],
    }),
    bundle({ ...options, entryPoints: alone }),
  ]);
  const nameOf = (path) => relative(join(assets, "out"), join(assets, path));
  const outputs = built.flatMap(({ outputFiles }) => outputFiles);
  const files = Object.fromEntries(outputs.map(({ path, text }) => [relative(join(assets, "out"), path), text]));
  const told = built.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  const imports = told.map(([path, { imports }]) => [
    nameOf(path),
    imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => nameOf(path)),
  ]);
  return { files, imports: Object.fromEntries(imports) };
}
