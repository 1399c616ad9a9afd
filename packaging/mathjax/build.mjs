// Bundles MathJax 3 for QuickJS: `npm install && npm run build` writes resources/mathjax/.
// No lock file: the three packages are pinned to exact versions and none of them needs another one in the bundle.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "..", "resources", "mathjax");

const banner = `/*! MathJax 3.2.2 and mhchemParser 4.2.1, Apache License 2.0; see NOTICE beside this file. */`;

const result = await build({
  entryPoints: [join(here, "entry.js")],
  outfile: join(target, "mathjax.js"),
  bundle: true,
  minify: true,
  // QuickJS reads everything up to ES2020; names are kept out of it to save space.
  target: "es2020",
  format: "iife",
  platform: "neutral",
  mainFields: ["module", "main"],
  legalComments: "none",
  banner: { js: banner },
  metafile: true,
});

const packages = new Set();
for (const path of Object.keys(result.metafile.inputs)) {
  const found = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}
const known = ["mathjax-full", "mhchemparser"];
const unexpected = [...packages].filter((name) => !known.includes(name));
if (unexpected.length) throw new Error(`packages without a notice in the bundle: ${unexpected.join(", ")}`);

const bytes = readFileSync(join(target, "mathjax.js"));
const license = readFileSync(join(here, "node_modules", "mathjax-full", "LICENSE"));
writeFileSync(join(target, "LICENSE"), license);
console.log(`${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex")}`);
