// QuickJS is a bare language: no timers, console or URL. MathJax only names these, it never waits for them here.
const silent = () => {};
globalThis.console ??= { log: silent, warn: silent, error: silent, info: silent };
globalThis.setTimeout ??= silent;
globalThis.clearTimeout ??= silent;
