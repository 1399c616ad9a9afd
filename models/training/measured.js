// What KaTeX drew in each cell, in CSS pixels: characters, lines, and the paths of stretchy signs, each with the place in
// the source of what drew it (class atN, put there by the patched katex.js). Read by browsed.py.
function measured(cell) {
  const items = {chars: [], rules: [], paths: []};
  const box = (r, clip) => clip
    ? [Math.max(r.left, clip[0]), Math.max(r.top, clip[1]), Math.min(r.right, clip[2]), Math.min(r.bottom, clip[3])]
    : [r.left, r.top, r.right, r.bottom];
  function walk(node, at, clip) {
    if (node.nodeType === 3) return letters(node, at);
    if (node.nodeType !== 1) return;
    for (const name of node.classList) if (/^at\d+$/.test(name)) at = +name.slice(2);
    if (node.tagName.toLowerCase() === "svg") return drawn(node, at, clip);
    const style = getComputedStyle(node), rect = node.getBoundingClientRect();
    if (style.overflow !== "visible" || style.overflowX !== "visible") clip = box(rect, clip);
    lines(style, rect, at, clip);
    for (const child of node.childNodes) walk(child, at, clip);
  }
  function letters(node, at) {
    const style = getComputedStyle(node.parentElement), range = document.createRange();
    if (/^rgba.*, 0\)$/.test(style.color)) return;  // phantoms
    let start = 0;
    for (const char of node.data) {
      range.setStart(node, start);
      range.setEnd(node, start += char.length);
      const rect = range.getBoundingClientRect();
      items.chars.push([at, char, style.fontFamily, +style.fontWeight >= 600, style.fontStyle === "italic",
                        parseFloat(style.fontSize), rect.left, rect.top]);
    }
  }
  function lines(style, rect, at, clip) {
    const [t, r, b, l] = ["Top", "Right", "Bottom", "Left"].map(
      side => style[`border${side}Style`] === "solid" ? parseFloat(style[`border${side}Width`]) : 0);
    const {left, top, right, bottom} = rect;
    if (t) items.rules.push([at, ...box({left, top, right, bottom: top + t}, clip)]);
    if (b) items.rules.push([at, ...box({left, top: bottom - b, right, bottom}, clip)]);
    if (l) items.rules.push([at, ...box({left, top, right: left + l, bottom}, clip)]);
    if (r) items.rules.push([at, ...box({left: right - r, top, right, bottom}, clip)]);
  }
  function drawn(svg, at, clip) {
    const rect = svg.getBoundingClientRect(), view = svg.getAttribute("viewBox");
    for (const shape of svg.children) items.paths.push({
      at, rect: [rect.left, rect.top, rect.right, rect.bottom], clip: box(rect, clip), view,
      ratio: svg.getAttribute("preserveAspectRatio"), path: shape.getAttribute("d"),
      line: shape.tagName === "line" ? ["x1", "y1", "x2", "y2"].map(n => shape[n].baseVal.value) : null,
      stroke: shape.tagName === "line" ? parseFloat(getComputedStyle(shape).strokeWidth) : 0});
  }
  const root = cell.querySelector(".katex-html");
  if (!root) return null;
  walk(root, -1, null);
  return items;
}
