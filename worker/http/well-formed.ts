const loneSurrogate = /\p{Surrogate}/u;

/**
 * Where in a parsed JSON value a text (or a name) is none that Unicode has: half of a surrogate pair, which only an escape
 * can bring here and no database takes. The path with dots, `''` for the value itself; null: every text is well-formed.
 */
export function malformedPath(value: unknown): string | null {
  const left: { path: string; item: unknown }[] = [{ path: '', item: value }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, item } = next;
    if (typeof item === 'string' && loneSurrogate.test(item)) return path;
    if (typeof item !== 'object' || item === null) continue;
    for (const [name, inner] of Object.entries(item)) {
      if (loneSurrogate.test(name)) return path;
      left.push({ path: path === '' ? name : `${path}.${name}`, item: inner });
    }
  }
  return null;
}
