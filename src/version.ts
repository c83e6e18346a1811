/** Of this backend, as `package.json` and CHANGELOG.md have it. */
export const VERSION = '0.2.0';
