// The closing line of .ci/run, made from the test runner's own result files.
import { existsSync, readFileSync } from 'node:fs';

const files = process.argv.slice(2);
const results = files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (count) => results.reduce((total, result) => total + count(result), 0);

const passed = sum((result) => result.numPassedTests);
const skipped = sum((result) => result.numPendingTests + result.numTodoTests);
// a file that does not load or whose preparation fails has no failed test, and a run that broke off leaves no result:
// neither must pass for that
const broken = sum(
  ({ testResults }) =>
    testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
    ).length,
);
const failed = sum((result) => result.numFailedTests) + broken + (files.length - results.length);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
