import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

const path = '/platform/organizations';

describe('a request body', () => {
  let t: TestApp;
  let person: Person;

  beforeEach(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const post = async (body: BodyInit | ReadableStream, to = path) => {
    const init = {
      method: 'POST',
      headers: { ...person.headers, 'content-type': 'application/json' },
      body,
      duplex: 'half',
    };
    const response = await t.app.request(new Request(`http://supafleet.test${to}`, init as RequestInit));
    return { status: response.status, body: await response.json() };
  };

  const streamed = (pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void>) =>
    new ReadableStream<Uint8Array>({ pull });
  const bytes = (text: string) => new TextEncoder().encode(text);

  test('that is too large is taken to its end, so that its sender reads the refusal', async () => {
    let left = 3 * 1024;
    const body = streamed((controller) => {
      if (left === 0) controller.close();
      else controller.enqueue(new Uint8Array(1024));
      left -= 1;
    });
    expect(await post(body)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    expect(left).toBeLessThan(0);
  });

  test('without an end is refused all the same', async () => {
    const body = streamed((controller) => controller.enqueue(new Uint8Array(1024 * 1024)));
    expect(await post(body)).toMatchObject({ status: 413 });
  });

  test('that comes in pieces is one body, through every door', async () => {
    const pieces = ['{"na', 'me":"in ', 'pieces"}'];
    const inPieces = () => {
      const left = [...pieces];
      return streamed((controller) => {
        const piece = left.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(bytes(piece));
      });
    };
    expect(await post(inPieces())).toMatchObject({ status: 201, body: { name: 'in pieces' } });
    expect(await post(inPieces(), '/trpc/organizations.create')).toMatchObject({
      status: 200,
      body: { result: { data: { name: 'in pieces' } } },
    });
  });

  test("that breaks off is the sender's fault and nothing for the log", async () => {
    const body = streamed((controller) => controller.error(new Error('Network connection lost.')));
    expect(await post(body)).toMatchObject({ status: 400, body: { message: 'The request body broke off' } });
    expect(t.logged).toEqual([]);
  });

  test('that is no UTF-8 is refused, and not kept as something else', async () => {
    const latin1 = Uint8Array.from([...bytes('{"name":"caf'), 0xe9, ...bytes('"}')]);
    expect(await post(latin1)).toMatchObject({ status: 400, body: { message: 'The request body is not UTF-8' } });
  });

  describe('that never ends', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    test('is given up after ten seconds', async () => {
      const body = streamed(async () => {
        vi.advanceTimersByTime(10_000);
        await new Promise<void>(() => undefined);
      });
      expect(await post(body)).toMatchObject({ status: 408, body: { code: 'request_timeout' } });
    });
  });
});
