import type { TestProject } from 'vitest/node';
import { type FoundEngine, findEngine } from './find-engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    docker: FoundEngine;
  }
}

/** Looks for an engine once for all Docker tests; where there is none they are skipped, and this says why. */
export default async function setup(project: TestProject): Promise<void> {
  const found = await findEngine(process.env);
  if ('skip' in found) process.stdout.write(`\n· Docker tests are skipped: ${found.skip}\n\n`);
  project.provide('docker', found);
}
