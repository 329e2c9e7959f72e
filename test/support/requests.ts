import type { TestApp } from './app.ts';
import type { Person } from './people.ts';

/** What a request was answered: the status and the body, parsed when it is JSON. */
export type Answer = { status: number; body: unknown; headers: Headers };

/** Sends as that person; `body` goes as JSON. */
export async function send(
  test: TestApp,
  person: Person | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await test.app.request(path, {
    method,
    headers: { ...person?.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}
