// What runs inside QuickJS: TeX in, MathML and SVG out, as JSON strings.
//
// globalThis.typeset(latex, display, want) -> '{"ok": "<...>"}' or '{"error": "...", "position": 12 or null}'.
// want is "mathml" or "svg". Answers go through JSON.stringify because the Python binding of quickjs-ng cannot
// read a concatenated ("rope") string.
import "./polyfills.js";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import { NoTags, TagsFactory } from "mathjax-full/js/input/tex/Tags.js";
import { SVG } from "mathjax-full/js/output/svg.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import { SerializedMmlVisitor } from "mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js";
import { STATE } from "mathjax-full/js/core/MathItem.js";
import { packages, macros } from "./packages.js";
import { disarm, layInline } from "./tree.js";
import { finish } from "./output.js";

const EM = 16; // px
const EX = 8; // px
const CONTAINER = 80 * EM; // px
// The macro budget and buffer bound \def loops; the buffer must exceed the longest input that Python lets through.
const MAX_MACROS = 1000;
const MAX_BUFFER = 64 * 1024;

class Visitor extends SerializedMmlVisitor {
  // data-mjx-* only means something to MathJax.
  getDataAttributes() {
    return {};
  }
}

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const visitor = new Visitor();
const output = new SVG({ fontCache: "none", internalSpeechTitles: false });

// A new TeX parser for each formula: definitions (\def, \definecolor, \newtagform) must not reach the next one.
function convert(latex, display, want) {
  let failure = null;
  const tex = new TeX({
    packages,
    macros,
    maxMacros: MAX_MACROS,
    maxBuffer: MAX_BUFFER,
    tags: "none",
    formatError(jax, error) {
      failure = { error: error.message.replace(/\n[^]*/, ""), position: position(jax.parseOptions, latex) };
      return jax.formatError(error);
    },
  });
  // -5.5: after the sub- and superscripts are cleaned (-6), before attributes are inherited (-5).
  tex.postFilters.add(({ data }) => disarm(data.root), -5.5);
  if (want === "svg") tex.postFilters.add(({ data }) => layInline(data.root), -5.4);
  const html = mathjax.document("", { InputJax: tex, OutputJax: output });
  const mathml = want === "mathml";
  const end = mathml ? STATE.CONVERT : STATE.LAST;
  const node = html.convert(latex, { display, end, em: EM, ex: EX, containerWidth: CONTAINER });
  // mathtools registers a class for each parser under a new name and never lets go of it, nor of the parser: 100 kB.
  TagsFactory.add(tex.parseOptions.options.tags, NoTags);
  if (failure) return failure;
  if (mathml) return { ok: visitor.visitTree(node) };
  const svg = adaptor.firstChild(node);
  finish(svg, adaptor);
  return { ok: adaptor.serializeXML(svg) };
}

// Offset in the source where the outermost parser stood. Macros replace text that was already read, so what is left
// to read is the end of the source unless the fault is inside a macro's own text.
function position(options, latex) {
  const parser = options.parsers[options.parsers.length - 1];
  if (!parser) return null;
  const rest = parser.string.slice(parser.i);
  return latex.endsWith(rest) ? latex.length - rest.length : null;
}

globalThis.typeset = (latex, display, want) => JSON.stringify(convert(latex, display, want));
