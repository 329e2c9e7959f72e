import type { Mail } from '../../worker/deps.ts';
import type { TestApp } from './app.ts';

/** The last mail to that address. */
export function lastMail(test: TestApp, to: string): Mail {
  const mail = test.sent.filter((sent) => sent.to === to).at(-1);
  if (mail === undefined) throw new Error(`no mail went to ${to}, but to ${test.sent.map((sent) => sent.to).join()}`);
  return mail;
}

/** The link of a mail, as it is in its text. */
export function linkIn({ text }: Mail): URL {
  return new URL(/https?:\S+\/auth\/v1\/verify\S+/.exec(text)?.[0] ?? 'no:link');
}

/** The six digits of a mail. */
export function codeIn({ text }: Mail): string {
  return /^Code: (\d{6})$/m.exec(text)?.[1] ?? 'no code';
}

/** Opens a link; where the browser is sent, with what stands behind the `#`. */
export async function follow(test: TestApp, link: URL, method = 'GET') {
  const response = await test.app.request(link.href, { method });
  const location = new URL(response.headers.get('location') ?? 'no:where');
  const fragment = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  return { status: response.status, location, fragment };
}
