/** For the tests of packages that define forms of their own. */
export { type Form, form, type Refused, testForms } from "./form-suite.ts";
export { changedFrom, generallyRefused, HOSTILE, longerHeads } from "./hostile-bytes.ts";
