import { beforeAll, describe, expect, test } from 'vitest';
import type { Ctx } from '../../../worker/deps.ts';
import { perAddress } from '../../../worker/limits/keys.ts';
import {
  attemptsAt,
  challengeLimits,
  codeLimits,
  credentialLimits,
  factorLimits,
  invitationLimits,
  linkLimits,
  mailLimits,
} from '../../../worker/limits/limits-of.ts';
import { defaultLimits } from '../../../worker/limits/policies.ts';
import { requireAllowance } from '../../../worker/limits/require-allowance.ts';
import type { Limit } from '../../../worker/store/rate-limits.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, letters, type Person } from '../../support/people.ts';

describe('what is asked in front of', () => {
  let t: TestApp;
  let one: Person;
  let other: Person;
  beforeAll(async () => {
    t = await createTestApp({ config: { limits: defaultLimits } });
    [one, other] = [await createPerson(t), await createPerson(t)];
  });

  const from = (address: string | null, person = one): Ctx => ({
    deps: t.deps,
    credential: { kind: 'session', id: person.sessionId },
    request: { id: 'test', address, userAgent: null },
  });
  /** How many of so many are let in. */
  const letIn = async (count: number, limitsOf: (index: number) => [Ctx, Limit[]] | Promise<[Ctx, Limit[]]>) => {
    let passed = 0;
    for (let index = 0; index < count; index += 1) {
      const [ctx, limits] = await limitsOf(index);
      const isLetIn = await requireAllowance(ctx, limits).then(
        () => true,
        (error: { code: string }) => error.code !== 'rate_limited',
      );
      if (isLetIn) passed += 1;
    }
    return passed;
  };
  const newEmail = () => `${letters(12)}@example.com`;

  test('mails: three at once to one address of mail, from however many places they are asked for', async () => {
    const email = newEmail();
    expect(await letIn(10, async () => [from(letters(12)), await mailLimits(from(letters(12)), email)])).toBe(3);
    t.clock.advance(60_000);
    expect(await letIn(10, async () => [from(letters(12)), await mailLimits(from(letters(12)), email)])).toBe(1);
  });

  test('mails: twenty at once from one place, to however many', async () => {
    const ctx = from(letters(12));
    expect(await letIn(30, async () => [ctx, await mailLimits(ctx, newEmail())])).toBe(20);
  });

  test('codes: a few guesses from each place, and fewer for all where places are not told apart', async () => {
    const [ctx, email] = [from(letters(12)), newEmail()];
    expect(await letIn(40, async () => [ctx, await codeLimits(ctx, email)])).toBe(10);
    const elsewhere = from(letters(12));
    expect(await letIn(40, async () => [elsewhere, await codeLimits(elsewhere, email)])).toBe(10);
    const nowhere = { ...from(null), deps: { ...t.deps, config: { ...t.deps.config, limits: wideAddress } } };
    expect(await letIn(40, async () => [nowhere, await codeLimits(nowhere, email)])).toBe(30);
  });
  const wideAddress = { ...defaultLimits, 'code.address': { kind: 'rate', burst: 1e6, intervalMs: 1e7 } } as const;

  test('passwords: where places are not told apart, twice as many are free as from one place, and waits stay short', async () => {
    const [nowhere, email] = [from(null), newEmail()];
    const attempts = await attemptsAt(nowhere, email);
    expect(await letIn(70, () => [nowhere, attempts])).toBe(60);
    t.clock.advance(30_000);
    expect(await letIn(2, () => [nowhere, attempts])).toBe(1);
  });

  test('what all clients share whose places are not told apart comes back three times as fast', () => {
    const [shared, own] = [perAddress(from(null), 'sign-in.address'), perAddress(from('192.0.2.1'), 'sign-in.address')];
    expect([shared.policy, own.policy]).toMatchObject([{ intervalMs: 334 }, { intervalMs: 1000 }]);
  });

  test('links: as many as a household opens', async () => {
    const ctx = from(letters(12));
    expect(await letIn(70, () => [ctx, linkLimits(ctx)])).toBe(60);
  });

  test('challenges of second factors: as many as a household needs', async () => {
    const ctx = from(letters(12));
    expect(await letIn(110, () => [ctx, challengeLimits(ctx)])).toBe(100);
  });

  test("second factors: each for itself, and nobody's by another account", async () => {
    const [address, factor] = [letters(12), letters(12)];
    const guess = (person: Person, id: string) => () =>
      [from(address, person), factorLimits(from(address, person), id)] satisfies [Ctx, Limit[]];
    expect(await letIn(15, guess(one, factor))).toBe(10);
    expect(await letIn(15, guess(other, factor))).toBe(10);
    expect(await letIn(5, guess(one, letters(12)))).toBe(5);
  });

  test('changes of a password: ten at once of one account', async () => {
    expect(await letIn(12, () => [from(letters(12)), credentialLimits(from(letters(12)))])).toBe(10);
    expect(await letIn(1, () => [from(letters(12), other), credentialLimits(from(letters(12), other))])).toBe(1);
  });

  test('invitations: fifty at once by one account, and into one organization', async () => {
    const slug = letters(20);
    const by = (person: Person, into: string) => async (): Promise<[Ctx, Limit[]]> => {
      const ctx = from(letters(12), person);
      return [ctx, await invitationLimits(ctx, into, [newEmail(), newEmail()])];
    };
    expect(await letIn(40, by(one, slug))).toBe(40);
    expect(await letIn(20, by(other, slug))).toBe(10);
    expect(await letIn(20, by(one, letters(20)))).toBe(10);
  });
});
