// Changes to MathJax's math tree before it is turned into MathML or SVG.

const COLOR = /^(#[0-9a-f]{3,8}|[a-z]{1,40})$/i;
const DECLARATION = /^(border|padding|margin|background-color)[-a-z]*:[-a-z0-9.# ]+$/i;
const COLORS = ["mathcolor", "mathbackground", "color", "background"];
const DROPPED = ["href", "src", "id", "class", "actiontype", "fontfamily"];

// Links, ids and styles can come in through \mmlToken, \enclose and \bbox. Only plain colors, borders and paddings
// stay, so that neither the MathML nor the SVG can refer to anything outside itself.
export function disarm(root) {
  root.walkTree((node) => {
    const attributes = node.attributes;
    if (!attributes) return;
    for (const name of DROPPED) remove(attributes, name);
    for (const name of COLORS) {
      const value = attributes.getExplicit(name);
      if (value !== undefined && !COLOR.test(String(value))) remove(attributes, name);
    }
    const style = attributes.getExplicit("style");
    if (style === undefined) return;
    const kept = String(style).split(";").map((part) => part.trim().replace(/\s*:\s*/, ":"));
    const safe = kept.filter((part) => DECLARATION.test(part)).join("; ");
    if (safe) attributes.set("style", safe);
    else remove(attributes, "style");
  });
}

// MathJax 3 has no call for it; its own TeX code deletes from the same object.
function remove(attributes, name) {
  delete attributes.getAllAttributes()[name];
}

// MathJax lays tagged equations and multline out over 100 % of a page that does not exist here. Tags become one more
// column, 2 em to the right, and tables take their natural width.
export function layInline(root) {
  const tables = [];
  root.walkTree((node) => {
    if (node.isKind("mtable")) tables.push(node);
    // \rule is a space with a black background, which must follow the color of the text on a dark page.
    if (node.isKind("mspace") && node.attributes.getExplicit("mathbackground") === "black") {
      node.attributes.set("mathbackground", "currentColor");
    }
  });
  for (const table of tables) {
    const width = table.attributes.getExplicit("width");
    if (typeof width === "string" && width.endsWith("%")) {
      remove(table.attributes, "width");
      stagger(table);
    }
    if (table.childNodes.some((row) => row.isKind("mlabeledtr"))) tagColumn(table);
  }
}

// The first line of a multline starts 2 em before the widest one, the last one ends 2 em after it.
function stagger(table) {
  if (table.attributes.getExplicit("data-width-includes-label") === undefined || table.childNodes.length < 2) return;
  const cellOf = (row) => row.childNodes[row.isKind("mlabeledtr") ? 1 : 0];
  const space = () => table.factory.create("mspace", { width: "2em" });
  cellOf(table.childNodes[0]).appendChild(space());
  const last = cellOf(table.childNodes[table.childNodes.length - 1]).childNodes[0];
  last.setChildren([space(), ...last.childNodes]);
}

function tagColumn(table) {
  const factory = table.factory;
  const rows = table.childNodes.map((row) => ({
    row,
    label: row.isKind("mlabeledtr") ? row.childNodes[0] : null,
    cells: row.isKind("mlabeledtr") ? row.childNodes.slice(1) : row.childNodes,
  }));
  const columns = Math.max(...rows.map(({ cells }) => cells.length));
  table.setChildren(
    rows.map(({ row, label, cells }) => {
      const padding = Array.from({ length: columns - cells.length }, () => factory.create("mtd"));
      const all = [...cells, ...padding, label ?? factory.create("mtd")];
      const plain = factory.create("mtr", {}, all);
      for (const name of row.attributes.getExplicitNames()) plain.attributes.set(name, row.attributes.get(name));
      return plain;
    }),
  );
  extend(table, "columnalign", columns, "center", "left");
  extend(table, "columnspacing", columns - 1, "1em", "2em");
  if (table.attributes.getExplicit("columnlines")) extend(table, "columnlines", columns - 1, "none", "none");
  if (table.attributes.getExplicit("columnwidth")) extend(table, "columnwidth", columns, "auto", "auto");
}

// Repeats the attribute's last value up to count entries, as MathML does, then adds one for the tags.
function extend(table, name, count, fallback, last) {
  const given = table.attributes.getExplicit(name);
  const values = given ? String(given).trim().split(/\s+/) : [fallback];
  const list = Array.from({ length: count }, (_, i) => values[Math.min(i, values.length - 1)]);
  table.attributes.set(name, [...list, last].join(" "));
}
