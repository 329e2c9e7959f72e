/** When a container may start, seen from another one it needs. */
type Condition = 'service_started' | 'service_healthy';

/** A mount in Compose's long form: no string of ours is ever split at a colon. */
export type ComposeMount =
  | { type: 'volume'; source: string; target: string; read_only?: true }
  | {
      type: 'bind';
      source: string;
      target: string;
      read_only?: true;
      bind: { create_host_path: false; selinux?: 'z' };
    };

export type ComposeHealthcheck = {
  test: string[];
  interval: string;
  timeout: string;
  retries: number;
  start_period: string;
  start_interval?: string;
};

/** A service of a compose file, with no more than the members this product uses. Strings may hold `${NAME}`. */
export type ComposeService = {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: ComposeMount[];
  tmpfs?: string[];
  networks?: Record<string, { ipv4_address: string; aliases?: string[] }>;
  network_mode?: 'host';
  extra_hosts?: string[];
  depends_on?: Record<string, { condition: Condition }>;
  healthcheck?: ComposeHealthcheck;
  init?: true;
  mem_limit: string;
  shm_size?: string;
  cpu_period?: number;
  cpu_quota?: number;
  pids_limit: number;
  ulimits?: { nofile: { soft: number; hard: number } };
  read_only?: true;
  cap_drop: string[];
  cap_add?: string[];
  security_opt: string[];
  stop_grace_period?: string;
  restart: 'unless-stopped';
  logging: { driver: 'json-file'; options: { 'max-size': string; 'max-file': string } };
  labels: Record<string, string>;
};

/** A whole compose file. */
export type ComposeFile = {
  name: string;
  services: Record<string, ComposeService>;
  networks?: Record<string, ComposeNetwork>;
  volumes?: Record<string, { name: string; labels: Record<string, string> }>;
};

export type ComposeNetwork = {
  name: string;
  driver: 'bridge';
  ipam: { config: { subnet: string; ip_range: string; gateway: string }[] };
  labels: Record<string, string>;
};

/** A text from outside as Compose takes it literally: it would read `$` as the start of a variable. */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** What a container writes is kept up to 30 MB. */
export const cappedLog: ComposeService['logging'] = {
  driver: 'json-file',
  options: { 'max-size': '10m', 'max-file': '3' },
};
