import { join } from 'node:path';

/** Where things of one host lie. Everything is below `root`; nothing outside of it is ever written. */
export type HostPaths = {
  root: string;
  projects: string;
  host: string;
  metaKey: string;
  edge: string;
  edgeSocket: string;
};

/** Where things of one project lie. */
export type ProjectPaths = {
  home: string;
  /** the name of `home` while it is being deleted */
  removing: string;
  compose: string;
  environment: string;
  /** `EdgeProject` */
  edge: string;
  /** `Applied` */
  applied: string;
  /** `Ledger` */
  ledger: string;
  /** what others had changed, kept */
  drift: string;
};

export function hostPaths(root: string): HostPaths {
  const [host, edge] = [join(root, 'host'), join(root, 'edge')];
  return {
    root,
    projects: join(root, 'projects'),
    host,
    metaKey: join(host, 'meta.key'),
    edge,
    edgeSocket: join(edge, 'admin.sock'),
  };
}

/** The paths of one project, whether anything is there or not. */
export function projectPaths(host: HostPaths, ref: string): ProjectPaths {
  const home = join(host.projects, ref);
  return { ...stackPaths(home), removing: `${home}.removing`, edge: join(home, 'edge.json') };
}

/** What a project's directory and the one of the host's own containers have in common. */
export function stackPaths(home: string): Omit<ProjectPaths, 'removing' | 'edge'> {
  return {
    home,
    compose: join(home, 'compose.yaml'),
    environment: join(home, '.env'),
    applied: join(home, 'applied.json'),
    ledger: join(home, 'files.json'),
    drift: join(home, 'drift'),
  };
}

/** The project a name in the projects directory belongs to; null for anything that is not ours. */
export function refOfEntry(name: string): string | null {
  return /^([a-z]{20})(?:\.removing)?$/.exec(name)?.[1] ?? null;
}
