import { OpenAPIHono } from '@hono/zod-openapi';
import type { core } from 'zod';
import { AppError } from '../errors.ts';
import type { AppEnv } from './variables.ts';

/** Every router is made here: what a schema refuses is one kind of error with the field's name in its message. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error.issues);
    },
  });
}

/** The refusal of an input, naming each field that is wrong. */
export function invalidInput(issues: readonly core.$ZodIssue[]): AppError {
  const messages = issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return new AppError('invalid_input', messages.join('; '));
}
