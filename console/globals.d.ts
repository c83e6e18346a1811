/** Set by `tools/build.mjs`: whether the page reloads itself when it was built again. */
declare const RELOADS: boolean;
