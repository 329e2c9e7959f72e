import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Contract, contractMissing, loadContract } from '../support/contract.ts';
import { createPerson } from '../support/people.ts';
import { createSeededApp, type Seeded } from '../support/seeded.ts';

const recorded = z.object({
  pages: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        query: z.record(z.string(), z.string()).optional(),
        headers: z.record(z.string(), z.string()).optional(),
        body: z.unknown().optional(),
      }),
    ),
  ),
});
type Asked = z.infer<typeof recorded>['pages'][string][string];

/** Says so when the answer has to be a refusal: what Studio asks and nothing here can answer yet. */
const refusals = new Set([404, 409, 501]);

/** What the recording had to leave out of bodies, by the name of the member. */
const leftOut: Record<string, unknown> = {
  email: 'nobody@example.com',
  password: 'correct horse battery',
  refresh_token: 'none that anybody has',
};

describe.skipIf(contractMissing !== null)(
  `the pages of a recorded tour through Studio ${contractMissing ?? ''}`,
  () => {
    let seeded: Seeded;
    let contract: Contract;

    beforeAll(async () => {
      contract = loadContract();
      seeded = await createSeededApp();
    });

    const pages =
      contractMissing === null
        ? Object.entries(recorded.parse(JSON.parse(loadContract().read('studio-trace.json'))).pages)
        : [];

    const send = async (operation: string, { query = {}, headers = {}, body }: Asked, as: HeadersInit) => {
      const [method = '', path = ''] = operation.split(' ');
      const named = (text: string) =>
        text
          .replaceAll('{ref}', seeded.ref)
          .replaceAll('{slug}', seeded.organization.slug)
          .replaceAll('acme', seeded.organization.slug);
      const search = new URLSearchParams(
        Object.entries(query).map(([name, value]) => [name, name === 'ref' ? seeded.ref : named(value)]),
      );
      const { authorization, ...others } = headers;
      const response = await seeded.app.request(`${named(path).replaceAll(/\{\w+\}/g, '1')}?${search}`, {
        method,
        headers: { ...others, ...(authorization !== undefined && as) },
        ...(body !== undefined && {
          body: named(JSON.stringify(body, (name, value) => whole(name, value, seeded.clock.now()))),
        }),
      });
      return { method, path, response, text: await response.text(), isSignedIn: authorization !== undefined };
    };

    test.each(pages)('%s: each question has a conforming answer or a refusal that says why', async (_, asked) => {
      for (const [operation, request] of Object.entries(asked)) {
        if (!operation.startsWith('GET ') || operation.startsWith('GET /auth/')) continue;
        const { method, path, response, text, isSignedIn } = await send(operation, request, seeded.owner.headers);
        if (response.ok) {
          contract.expectConforms(method, path, response.status, JSON.parse(text));
        } else {
          const signedOut = response.status === 401 && !isSignedIn;
          expect(signedOut || refusals.has(response.status), `${operation}: ${response.status} ${text}`).toBe(true);
          expect(JSON.parse(text)).toMatchObject({ message: expect.not.stringMatching(/^Route not found/) });
        }
      }
    });

    const outside = pages
      .map(([page, asked]) => [page, Object.entries(asked).filter(([operation]) => isOutside(operation))] as const)
      .filter(([, asked]) => asked.length > 0);

    test.each(outside)('%s: everything asked outside of a project is answered', async (_, asked) => {
      const somebody = await createPerson(seeded);
      for (const [operation, request] of asked) {
        const isNew = operation === 'POST /auth/v1/logout';
        const as = isNew ? somebody.headers : seeded.owner.headers;
        const { method, path, response, text, isSignedIn } = await send(operation, request, as);
        const said = `${operation}: ${response.status} ${text}`;
        if (path.startsWith('/auth/')) {
          // the recording has nobody's credentials
          const expected = path.endsWith('/token') ? [400] : [200, 204];
          expect(expected, said).toContain(response.status);
          continue;
        }
        const isRefused = isRefusedTruthfully(operation) || (response.status === 401 && !isSignedIn);
        expect(response.ok || isRefused, said).toBe(true);
        if (response.ok && method !== 'HEAD') {
          contract.expectConforms(method, path, response.status, text === '' ? undefined : JSON.parse(text));
        }
      }
    });
  },
);

/** Of accounts and organizations. */
function isOutside(operation: string): boolean {
  return !/\{ref\}|pg-meta|\/projects\/\{/.test(operation);
}

/** What there is none of says so with a 404, in words that Studio knows or shows. */
function isRefusedTruthfully(operation: string): boolean {
  return [
    'GET /platform/organizations/{slug}/sso',
    'GET /platform/organizations/{slug}/customer',
    'GET /platform/integrations/github/authorization',
  ].includes(operation);
}

function whole(name: string, value: unknown, now: number): unknown {
  // the recorded day passes
  if (name === 'expires_at') return new Date(now + 7 * 24 * 3600 * 1000).toISOString();
  return value === '…' && name in leftOut ? leftOut[name] : value;
}
