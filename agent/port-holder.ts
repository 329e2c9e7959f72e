import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { nullWhenAbsent } from './absence.ts';

/** A process that listens on a port. `cgroup`: where the kernel counts it, by which a container is known. */
export type PortHolder = { pid: number; program: string; cgroup: string };

/**
 * Who listens for TCP on a port of the loopback interface; null: nobody. `unseen`: a process that is out of sight, of
 * another user or outside of the agent's own container.
 */
export async function portHolder(port: number): Promise<PortHolder | 'unseen' | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => nullWhenAbsent(readFile(path, 'utf8'))),
  );
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table ?? '', port)));
  if (sockets.size === 0) return null;
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const holder = await holderIn(name, sockets);
    if (holder !== null) return holder;
  }
  return 'unseen';
}

/** The inodes of the sockets that listen on a port, at an address which includes loopback; of `/proc/net/tcp` or `tcp6`. */
export function listeningSockets(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', portHex] = local.split(':');
    const isLoopback = /^(0+|0100007F|0{16}FFFF00000100007F)$/.test(address);
    return state === '0A' && portHex === wanted && isLoopback ? [inode] : [];
  });
}

async function holderIn(pid: string, sockets: ReadonlySet<string>): Promise<PortHolder | null> {
  try {
    for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
      const target = await nullWhenAbsent(readlink(`/proc/${pid}/fd/${descriptor}`));
      const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1];
      if (inode === undefined || !sockets.has(inode)) continue;
      const [program, cgroup] = await Promise.all([
        readlink(`/proc/${pid}/exe`),
        readFile(`/proc/${pid}/cgroup`, 'utf8'),
      ]);
      return { pid: Number(pid), program: basename(program), cgroup };
    }
  } catch (error) {
    // it ended meanwhile, or is none of our business
    if (!(error instanceof Error && 'code' in error && isOutOfSight(error.code))) throw error;
  }
  return null;
}

function isOutOfSight(code: unknown): boolean {
  return code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM';
}
