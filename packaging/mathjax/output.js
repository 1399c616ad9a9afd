// Makes MathJax's SVG complete in itself: what its style sheet says becomes attributes, what is no drawing goes.

const RULE = "70"; // units of 1/1000 em, from MathJax's output/svg/Wrappers/mtable.js
const PAINT = /^(#[0-9a-f]{3,8}|[a-z]{1,40})$/i;

export function finish(svg, adaptor) {
  const align = adaptor.getAttribute(svg, "style"); // vertical-align: the depth below the baseline
  clean(svg, adaptor);
  if (align) adaptor.setAttribute(svg, "style", align);
  adaptor.removeAttribute(svg, "focusable");
}

function clean(node, adaptor) {
  for (const { name, value } of [...adaptor.allAttributes(node)]) {
    const paint = name === "fill" || name === "stroke";
    if (name === "style" || name === "class" || name === "id" || name === "href" || (paint && !PAINT.test(value))) {
      if (name === "class") dashes(node, value, adaptor);
      adaptor.removeAttribute(node, name);
    }
  }
  if (adaptor.getAttribute(node, "data-line") || adaptor.getAttribute(node, "data-frame")) {
    if (!adaptor.getAttribute(node, "stroke-width")) adaptor.setAttribute(node, "stroke-width", RULE);
    adaptor.setAttribute(node, "fill", "none");
  }
  for (const child of adaptor.childNodes(node)) {
    if (adaptor.kind(child) !== "#text") clean(child, adaptor);
  }
}

function dashes(node, names, adaptor) {
  if (names.includes("mjx-dashed")) adaptor.setAttribute(node, "stroke-dasharray", "140");
  if (names.includes("mjx-dotted")) {
    adaptor.setAttribute(node, "stroke-dasharray", "0,140");
    adaptor.setAttribute(node, "stroke-linecap", "round");
  }
}
