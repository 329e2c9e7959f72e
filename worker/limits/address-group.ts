const longest = 64;

/**
 * What is counted as one address: an IPv4 address as it is, an IPv6 address by its first 64 bits, which is what one
 * customer gets. Anything else as it is, cut.
 */
export function addressGroup(address: string): string {
  const text = address
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  if (!/^[0-9a-f:.]+$/.test(text) || !text.includes(':')) return text.slice(0, longest);
  const mapped = /^(?:0{0,4}:){0,5}:?ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  if (mapped?.[1] !== undefined) return mapped[1];
  const groups = groupsOf(text);
  if (groups === null) return text.slice(0, longest);
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** The eight groups of an IPv6 address; null: it is none. */
function groupsOf(text: string): string[] | null {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return null;
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // an IPv4 address at the end stands for two groups
  const isMixed = (after.at(-1) ?? before.at(-1) ?? '').includes('.');
  const missing = 8 - before.length - after.length - (isMixed ? 1 : 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...before, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...after];
  return groups.slice(0, 4).every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? groups : null;
}
