import { z } from '@hono/zod-openapi';
import type { Project } from '../../projects/find.ts';
import { givenName } from '../../projects/name.ts';
import { listWindow } from './params.ts';

// what Studio's and the Management API's routes of projects and organizations have in common

/** The body that names something, and says nothing else. */
export const nameBody = {
  required: true,
  content: { 'application/json': { schema: z.object({ name: givenName }) } },
} as const;

/** The query of a list that clients expect whole. */
export const wholeList = listWindow(1000);

/** What is left to say of a project that was renamed or removed. */
export const shortProjectWire = z.object({ id: z.number(), ref: z.string(), name: z.string() });

/** A project in short. */
export function shortProject({ id, ref, name }: Project): z.infer<typeof shortProjectWire> {
  return { id, ref, name };
}
