import { type ComposeService, cappedLog } from '../compose-service.ts';
import { healthcheck } from '../healthcheck.ts';

/** Where the edge's admin socket lies in its container; on the host it is `edge/admin.sock` in the data directory. */
const adminSocket = '/edge/admin.sock';

/** What Caddy starts with when it has never been given a configuration: no listener but its admin socket. */
export const edgeStartConfig = `${JSON.stringify({ admin: { listen: `unix/${adminSocket}|0600` } }, null, 2)}\n`;

/**
 * The edge: Caddy in the host's network, so that clients keep their addresses and ports come and go without making the
 * container anew. It resumes the configuration it had.
 */
export function edge(options: { image: string; hasStartInterval: boolean }): ComposeService {
  return {
    image: options.image,
    command: ['caddy', 'run', '--resume', '--config', '/etc/supafleet/caddy.json'],
    environment: { XDG_DATA_HOME: '/edge/data', XDG_CONFIG_HOME: '/edge/config', HOME: '/edge' },
    volumes: [
      { type: 'bind', source: '../edge', target: '/edge', bind: { create_host_path: false, selinux: 'z' } },
      {
        type: 'bind',
        source: './caddy.json',
        target: '/etc/supafleet/caddy.json',
        read_only: true,
        bind: { create_host_path: false, selinux: 'z' },
      },
    ],
    tmpfs: ['/tmp'],
    network_mode: 'host',
    healthcheck: healthcheck(['CMD', 'test', '-S', adminSocket], {
      hasStartInterval: options.hasStartInterval,
      isAwaited: true,
    }),
    mem_limit: '1024m',
    pids_limit: 4096,
    read_only: true,
    cap_drop: ['ALL'],
    cap_add: ['NET_BIND_SERVICE'],
    security_opt: ['no-new-privileges:true'],
    // requests that are under way may end
    stop_grace_period: '30s',
    restart: 'unless-stopped',
    logging: cappedLog,
    labels: {},
  };
}
