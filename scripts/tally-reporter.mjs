/** A vitest reporter that writes the counts, and the names and reasons of what was skipped, to the file named by $SOTTO_TALLY. */
import { writeFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Tally */

/** @param {import("vitest/node").TestCase} test */
function describeSkip(test) {
  const result = test.result();
  const note = result.state === "skipped" && result.note ? `: ${result.note}` : "";
  return `[${test.project.name}] ${test.module.relativeModuleId} > ${test.fullName}${note}`;
}

export default class TallyReporter {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state);
    // A file or suite that breaks outside its tests, and an error outside every file, are failures too.
    const broken = modules.flatMap((module) => [module, ...module.children.allSuites()]).filter((part) => part.errors().length > 0);
    /** @type {Tally} */
    const tally = {
      passed: inState("passed").length,
      failed: inState("failed").length + inState("pending").length + broken.length + unhandledErrors.length,
      skipped: inState("skipped").map(describeSkip),
    };
    writeFileSync(String(process.env["SOTTO_TALLY"]), JSON.stringify(tally));
  }
}
