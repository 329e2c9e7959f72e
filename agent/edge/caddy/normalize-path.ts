import { jsonAnswer } from './answers.ts';
import { type CaddyRoute, valueFits } from './caddy-config.ts';

const target = '{http.request.orig_uri}';

/** The scheme and host that a request line may carry before its path. */
const origin = '(?i:https?://[^/?#]*)?';

/**
 * `normalizeTarget` in Caddy's words: refuses targets that cannot be read safely, and brings the others to the one form
 * that is matched and sent on. Most requests have that form already and pay two looks at it.
 */
export const normalizePath: readonly CaddyRoute[] = [
  {
    match: [
      { not: [valueFits(target, `^${origin}/`)] },
      valueFits(target, '#'),
      valueFits(target, `^${origin}[^?]*(?:\\\\|%(?:00|2[Ff]|5[Cc]))`),
    ],
    handle: [jsonAnswer(400, { message: 'The path of this request cannot be read safely.' })],
    terminal: true,
  },
  {
    match: [valueFits(target, `^${origin}[^?]*(?:%|//|/\\.)`)],
    handle: [
      { handler: 'rewrite', path_regexp: [...plainUnreserved(), ...upperCaseEscapes(), directoryMark()] },
      // Taking off a prefix tidies the path first; this one is refused above, so nothing else happens.
      { handler: 'rewrite', strip_path_prefix: '/%00' },
    ],
  },
];

type Replacement = { find: string; replace: string };

/** `%41` is `A`: one spelling for what needs no escape. */
function plainUnreserved(): Replacement[] {
  const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
  return [...unreserved].map((character) => ({
    find: `(?i)%${character.charCodeAt(0).toString(16)}`,
    replace: character,
  }));
}

/** The escapes that stay are written in upper case. */
function upperCaseEscapes(): Replacement[] {
  return [...'abcdef'].flatMap((digit) => [
    { find: `%${digit}`, replace: `%${digit.toUpperCase()}` },
    { find: `%([0-9A-Fa-f])${digit}`, replace: `%$\\{1\\}${digit.toUpperCase()}` },
  ]);
}

/** A path that ends in a dot segment names a directory. */
function directoryMark(): Replacement {
  return { find: '(/\\.\\.?)$', replace: '$1/' };
}
