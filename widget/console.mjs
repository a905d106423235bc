// Builds what the browser gets of the agents' console: style sheets, and scripts in which a page's first modules are one
// file and each module that is imported later is another. Into the folder given, or for budget.mjs into memory.

import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";

const assets = fileURLToPath(new URL("../assets/", import.meta.url));
const entries = [
  ...["console/console.js", "console/preview.js", "console/search.js", "console/tv.js"],
  ...["tokens.css", "console.css", "search.css", "wall.css", "reports.css"],
];

/** Name to text, and what each script imports at once. */
export async function buildConsole() {
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: assets,
    entryPoints: entries,
    outdir: "out",
    outbase: ".",
    chunkNames: "console/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const nameOf = (path) => relative(join(assets, "out"), join(assets, path));
  const files = Object.fromEntries(outputFiles.map(({ path, text }) => [relative(join(assets, "out"), path), text]));
  const imports = Object.entries(metafile.outputs).map(([path, { imports }]) => [
    nameOf(path),
    imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => nameOf(path)),
  ]);
  return { files, imports: Object.fromEntries(imports) };
}
