import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { z } from 'zod';

type Described = { responses?: Record<string, { content?: Record<string, { schema?: unknown }> }> };
type Document = { paths: Record<string, Record<string, Described>>; components?: Record<string, unknown> };

type PriorityRow = { method: string; path: string };

const usage = z.object({
  operations: z.array(z.object({ method: z.string(), path: z.string(), priority: z.enum(['P0', 'P1', 'P2', 'P3']) })),
});
export type Operation = z.infer<typeof usage>['operations'][number];

export type Contract = {
  /** Fails unless the operation is in the contract and may answer so. */
  expectConforms(method: string, path: string, status: number, body: unknown): void;
  /** Whether the operation is in it: Studio calls one or two that are not. */
  describes(method: string, path: string): boolean;
  /** Rows of a table of platform-priorities.md, by its heading (`P0`, `BOOT set`). */
  priorities(heading: string): PriorityRow[];
  /** Every operation that Studio calls somewhere. */
  operations(): Operation[];
  /** Further facts that lie beside it, as text. */
  read(file: string): string;
};

const folder = join(import.meta.dirname, '../../../shared/contract');

/** Why the contract is not there, or null when it is. */
export const contractMissing = existsSync(join(folder, 'platform.openapi.json'))
  ? null
  : 'skipped: no ../shared/contract beside this clone';

/** Studio's and the CLI's published contract, which lies beside the clone and is no part of it. */
export function loadContract(): Contract {
  const platform = open('platform.openapi.json');
  const v1 = open('v1.openapi.json');
  const compiled = new Map<string, ValidateFunction>();

  return {
    expectConforms(method, path, status, body) {
      const where = `${method} ${path} ${status}`;
      const { document, validator } = path.startsWith('/v1/') ? v1 : platform;
      const operation = document.paths[path]?.[method.toLowerCase()];
      if (operation === undefined) throw new Error(`${method} ${path} is not in the contract`);
      const response = operation.responses?.[status];
      expect(response, `${where}: the contract knows ${Object.keys(operation.responses ?? {})}`).toBeDefined();
      const [media] = Object.keys(response?.content ?? {});
      if (media === undefined || response?.content?.[media]?.schema === undefined) return;
      const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', media, 'schema'];
      const validate = compiled.get(where) ?? compile(validator, document, pointer);
      compiled.set(where, validate);
      const valid = validate(body);
      const faults = validate.errors?.map(({ instancePath, message }) => `${instancePath || '/'} ${message}`) ?? [];
      expect(valid, `${where}: ${faults.slice(0, 10).join('; ')}`).toBe(true);
    },

    describes: (method, path) =>
      (path.startsWith('/v1/') ? v1 : platform).document.paths[path]?.[method.toLowerCase()] !== undefined,

    priorities(heading) {
      const text = readFileSync(join(folder, 'platform-priorities.md'), 'utf8');
      const section = text.split(/^## /m).find((part) => part.startsWith(heading));
      if (section === undefined) throw new Error(`platform-priorities.md has no table called ${heading}`);
      return Array.from(section.matchAll(/^\| (GET|HEAD|POST|PUT|PATCH|DELETE) (\/\S+) \|/gm), ([, method, path]) => ({
        method: method ?? '',
        path: path ?? '',
      }));
    },

    operations: () => usage.parse(JSON.parse(readFileSync(join(folder, 'studio-usage.json'), 'utf8'))).operations,

    read: (file) => readFileSync(join(folder, file), 'utf8'),
  };
}

function open(file: string): { document: Document; validator: Ajv2020 } {
  const document: Document = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const validator = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(validator);
  // OpenAPI's own number formats say nothing that JSON could break
  for (const format of ['int32', 'int64', 'float', 'double', 'binary']) validator.addFormat(format, true);
  validator.addSchema(document, 'contract');
  return { document, validator };
}

function compile(validator: Ajv2020, _document: Document, pointer: string[]): ValidateFunction {
  const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  return validator.compile({ $ref: `contract#/${escaped}` });
}
