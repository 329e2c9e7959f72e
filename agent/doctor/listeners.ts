import { readFile } from 'node:fs/promises';
import { nullWhenAbsent } from '../absence.ts';

/** A port somebody listens on. `address`: IPv4 as text, `*` for all addresses, `::…` for one of IPv6. */
export type Listener = { address: string; port: number };

/** Everybody who listens for TCP on this machine, as the kernel lists them; null where it does not. */
export async function listeners(): Promise<Listener[] | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => nullWhenAbsent(readFile(path, 'utf8'))),
  );
  return tables[0] === null ? null : tables.flatMap((table) => parseListeners(table ?? ''));
}

/** Reads `/proc/net/tcp` or `/proc/net/tcp6`. */
export function parseListeners(table: string): Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, address = '', portHex = ''] =
      /^\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+\S+\s+0A\s/.exec(line) ?? [];
    return portHex === '' ? [] : [{ address: addressOf(address), port: Number.parseInt(portHex, 16) }];
  });
}

/** Whether a listener is in the way of one that is to be opened. */
export function isInTheWay(listener: Listener, wanted: Listener): boolean {
  if (listener.port !== wanted.port) return false;
  const everywhere = ['*', '0.0.0.0', '::'];
  if (everywhere.includes(listener.address) || everywhere.includes(wanted.address)) return true;
  const sixes = [listener, wanted].filter(({ address }) => address.includes(':')).length;
  return sixes === 2 || (sixes === 0 && listener.address === wanted.address);
}

/** Words of four bytes in the machine's own order, which is little-endian wherever this runs. */
function addressOf(hex: string): string {
  if (/^0+$/.test(hex)) return '*';
  const v4 = hex.length === 8 ? hex : /^0{16}FFFF0000([0-9A-F]{8})$/.exec(hex)?.[1];
  if (v4 === undefined) return `::${hex.slice(24)}`;
  return (v4.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}
