import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Contract, contractMissing, loadContract } from '../support/contract.ts';
import { createSeededApp, type Seeded } from '../support/seeded.ts';

const recorded = z.object({
  pages: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        query: z.record(z.string(), z.string()).optional(),
        headers: z.record(z.string(), z.string()).optional(),
      }),
    ),
  ),
});

/** Says so when the answer has to be a refusal: what Studio asks and nothing here can answer yet. */
const refusals = new Set([404, 409, 501]);

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

    test.each(pages)('%s: each question has a conforming answer or a refusal that says why', async (_, asked) => {
      for (const [operation, { query = {}, headers = {} }] of Object.entries(asked)) {
        const [method = '', path = ''] = operation.split(' ');
        if (method !== 'GET' || path.startsWith('/auth/')) continue;
        const named = (text: string) =>
          text
            .replaceAll('{ref}', seeded.ref)
            .replaceAll('{slug}', seeded.organization.slug)
            .replaceAll('acme', seeded.organization.slug);
        const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, named(value)]));
        const { authorization, ...others } = headers;
        const response = await seeded.app.request(`${named(path).replaceAll(/\{\w+\}/g, '1')}?${search}`, {
          headers: { ...others, ...(authorization !== undefined && seeded.owner.headers) },
        });
        const body = await response.text();
        if (response.ok) {
          contract.expectConforms(method, path, response.status, JSON.parse(body));
        } else {
          const signedOut = response.status === 401 && authorization === undefined;
          expect(signedOut || refusals.has(response.status), `${operation}: ${response.status} ${body}`).toBe(true);
          expect(JSON.parse(body)).toMatchObject({ message: expect.not.stringMatching(/^Route not found/) });
        }
      }
    });
  },
);
