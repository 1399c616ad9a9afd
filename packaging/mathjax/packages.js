// The TeX packages that are offered. Left out on purpose: require and autoload (load code), html and action (links,
// ids, tooltips), unicode (raw characters and font names), setoptions (lifts the limits), noerrors and noundefined
// (hide faults), physics (redefines \div and others).
import "mathjax-full/js/input/tex/base/BaseConfiguration.js";
import "mathjax-full/js/input/tex/ams/AmsConfiguration.js";
import "mathjax-full/js/input/tex/amscd/AmsCdConfiguration.js";
import "mathjax-full/js/input/tex/bbox/BboxConfiguration.js";
import "mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js";
import "mathjax-full/js/input/tex/braket/BraketConfiguration.js";
import "mathjax-full/js/input/tex/bussproofs/BussproofsConfiguration.js";
import "mathjax-full/js/input/tex/cancel/CancelConfiguration.js";
import "mathjax-full/js/input/tex/cases/CasesConfiguration.js";
import "mathjax-full/js/input/tex/centernot/CenternotConfiguration.js";
import "mathjax-full/js/input/tex/color/ColorConfiguration.js";
import "mathjax-full/js/input/tex/colortbl/ColortblConfiguration.js";
import "mathjax-full/js/input/tex/configmacros/ConfigMacrosConfiguration.js";
import "mathjax-full/js/input/tex/empheq/EmpheqConfiguration.js";
import "mathjax-full/js/input/tex/enclose/EncloseConfiguration.js";
import "mathjax-full/js/input/tex/extpfeil/ExtpfeilConfiguration.js";
import "mathjax-full/js/input/tex/gensymb/GensymbConfiguration.js";
import "mathjax-full/js/input/tex/mathtools/MathtoolsConfiguration.js";
import "mathjax-full/js/input/tex/mhchem/MhchemConfiguration.js";
import "mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js";
import "mathjax-full/js/input/tex/textcomp/TextcompConfiguration.js";
import "mathjax-full/js/input/tex/textmacros/TextMacrosConfiguration.js";
import "mathjax-full/js/input/tex/upgreek/UpgreekConfiguration.js";
import "mathjax-full/js/input/tex/verb/VerbConfiguration.js";

export const packages = [
  "base", "ams", "amscd", "bbox", "boldsymbol", "braket", "bussproofs", "cancel", "cases", "centernot", "color",
  "colortbl", "configmacros", "empheq", "enclose", "extpfeil", "gensymb", "mathtools", "mhchem", "newcommand",
  "textcomp", "textmacros", "upgreek", "verb",
];

// Commands of common LaTeX packages that MathJax lacks.
export const macros = {
  bm: ["\\boldsymbol{#1}", 1],
  mathbbm: ["\\mathbb{#1}", 1],
  mathds: ["\\mathbb{#1}", 1],
  nicefrac: ["{}^{#1}\\!/_{#2}", 2],
  hdots: "\\dots",
  oiint: "\\mathop{\\unicodeoiint}\\nolimits",
  unicodeoiint: "∯",
  iddots: "⋰",
};
