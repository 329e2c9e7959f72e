/** A request target taken apart: the path as every later step sees it, and the query without its question mark. */
export type NormalTarget = { path: string; query: string };

/**
 * Brings a request target to the one form that is matched, checked and sent on, so that no spelling of a path can mean
 * one thing here and another to the service. Null when it has no safe reading: no leading slash, an encoded slash,
 * backslash or NUL, a broken escape, a control character or a fragment.
 */
export function normalizeTarget(target: string): NormalTarget | null {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '');
  if (hasForeignCharacter(local) || local.includes('#')) return null;
  const questionMark = local.indexOf('?');
  const rawPath = questionMark === -1 ? local : local.slice(0, questionMark);
  const query = questionMark === -1 ? '' : local.slice(questionMark + 1);
  if (!rawPath.startsWith('/') || rawPath.includes('\\')) return null;

  const segments: string[] = [];
  for (const raw of rawPath.split('/')) {
    const segment = canonicalSegment(raw);
    if (segment === null) return null;
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const isDirectory = segments.length > 0 && /(?:\/|\/(?:\.|%2e){1,2})$/i.test(rawPath);
  return { path: `/${segments.join('/')}${isDirectory ? '/' : ''}`, query: encodeHighCharacters(query) };
}

/** Unreserved characters are written plainly and other escapes in upper case; null for an escape we refuse. */
function canonicalSegment(raw: string): string | null {
  let refused = false;
  const decoded = raw.replace(/%(.{0,2})/g, (_, hex: string) => {
    if (!/^[0-9a-f]{2}$/i.test(hex)) refused = true;
    const code = Number.parseInt(hex, 16);
    if (code === 0x00 || code === 0x2f || code === 0x5c) refused = true;
    const character = String.fromCharCode(code);
    return /[A-Za-z0-9._~-]/.test(character) ? character : `%${hex.toUpperCase()}`;
  });
  return refused ? null : encodeHighCharacters(decoded);
}

/** Node hands bytes over as Latin-1; a request line on the wire is ASCII. */
function encodeHighCharacters(text: string): string {
  return text.replace(/[\u0080-\u00ff]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hasForeignCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f || code > 0xff) return true;
  }
  return false;
}
