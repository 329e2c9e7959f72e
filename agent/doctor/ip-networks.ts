/** An IPv4 network as its first and last address. */
type Span = { first: number; last: number };

/** Whether two IPv4 networks in CIDR form have addresses in common; what is no such network overlaps nothing. */
export function overlap(one: string, other: string): boolean {
  const [left, right] = [span(one), span(other)];
  return left !== null && right !== null && left.first <= right.last && right.first <= left.last;
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [large, small] = [span(outer), span(inner)];
  return large !== null && small !== null && large.first <= small.first && small.last <= large.last;
}

/** Reads the destinations of `/proc/net/route`, without the default route. */
export function parseRoutes(table: string): string[] {
  return table.split('\n').flatMap((line) => {
    const [, destination = '', , , , , , mask = ''] = line.trim().split(/\s+/);
    if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask) || mask === '00000000') return [];
    const prefix = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
    return [`${dotted(destination)}/${prefix}`];
  });
}

function span(cidr: string): Span | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(cidr);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(1, 5).map(Number);
  const size = 2 ** (32 - Number(match[5] ?? 32));
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** Four bytes in the machine's own order, which is little-endian wherever this runs. */
function dotted(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}
