import { join } from 'node:path';

/** Where things of one embedded host lie. Everything is below `root`; nothing outside of it is ever written. */
export type HostPaths = {
  root: string;
  binaries: string;
  templates: string;
  projects: string;
  sockets: string;
  logs: string;
};

/** Where things of one project lie. `home` carries the data; the other two exist only half-way through a change. */
export type ProjectPaths = {
  home: string;
  creating: string;
  removing: string;
  data: string;
  config: string;
  functions: string;
  functionsCache: string;
  logs: string;
  stamp: string;
  socket: string;
};

/** `sockets` is apart because a socket's path may have 107 bytes at most, however deep the root lies. */
export function hostPaths(root: string, sockets: string): HostPaths {
  return {
    root,
    sockets,
    binaries: join(root, 'bin'),
    templates: join(root, 'templates'),
    projects: join(root, 'projects'),
    logs: join(root, 'logs'),
  };
}

/** The paths of one project, whether anything is there or not. */
export function projectPaths(host: HostPaths, ref: string): ProjectPaths {
  const home = join(host.projects, ref);
  return {
    home,
    creating: `${home}.creating`,
    removing: `${home}.removing`,
    data: join(home, 'data'),
    config: join(home, 'config'),
    functions: join(home, 'functions'),
    functionsCache: join(home, 'functions-cache'),
    logs: join(home, 'logs'),
    stamp: join(home, 'stack.json'),
    socket: join(host.sockets, ref),
  };
}

/** The project a name in the projects directory belongs to; null for anything that is not ours. */
export function refOfEntry(name: string): string | null {
  return /^([a-z]{20})(?:\.creating|\.removing)?$/.exec(name)?.[1] ?? null;
}
