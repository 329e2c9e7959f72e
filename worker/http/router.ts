import { OpenAPIHono } from '@hono/zod-openapi';
import type { core } from 'zod';
import { AppError } from '../errors.ts';
import type { AppEnv } from './variables.ts';
import { malformedPath } from './well-formed.ts';

/**
 * Every router is made here: what a schema refuses is one kind of error with the field's name in its message. So is text
 * that Unicode does not have, but where `isTextKeptAsJson`, which holds any.
 */
export function createRouter({ isTextKeptAsJson = false } = {}): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error.issues);
      if (result.target === 'json' && !isTextKeptAsJson) requireWellFormed(result.data);
    },
  });
}

/** Refuses text that Unicode does not have, before any of it is used. Errors: `invalid_input`. */
export function requireWellFormed(input: unknown): void {
  const path = malformedPath(input);
  if (path === null) return;
  throw new AppError('invalid_input', `${path === '' ? '' : `${path}: `}must be valid Unicode text`);
}

/** The refusal of an input, naming each field that is wrong. */
export function invalidInput(issues: readonly core.$ZodIssue[]): AppError {
  const messages = issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return new AppError('invalid_input', messages.join('; '));
}
