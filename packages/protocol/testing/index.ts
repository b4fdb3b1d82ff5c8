/** For the tests of packages that define forms of their own. */
export { faultOf, type Form, form, type Refused, storedVectors, testForms, toJson } from "./form-suite.ts";
export { changedFrom, generallyRefused, mutated, mutation } from "./hostile-bytes.ts";
