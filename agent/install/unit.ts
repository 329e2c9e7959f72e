import { RuntimeFailure } from '../runtime-failure.ts';

export const unitName = 'supafleet-agent.service';

export type UnitOptions = {
  /** absolute paths */
  node: string;
  program: string;
  dataDir: string;
  runtime: 'compose' | 'embedded';
  /** what the service has to know of the environment: no secret goes here, everybody can read a unit */
  environment: Record<string, string>;
};

/** An agent lives long and needs little: room for garbage that it never makes would only stay taken. */
const littleMemory = ['--max-semi-space-size=1', '--optimize-for-size'];

/**
 * The systemd unit of an agent. What talks to Docker's socket can become root on its host, so the rest of the hardening
 * only keeps mistakes small. Throws a RuntimeFailure for a path that no unit can name.
 */
export function unit({ node, program, dataDir, runtime, environment }: UnitOptions): string {
  const isCompose = runtime === 'compose';
  return `[Unit]
Description=supafleet agent: runs the Supabase projects of this host
Wants=network-online.target
After=network-online.target${isCompose ? ' docker.service' : ''}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${[node, ...littleMemory, program, 'run', '--data-dir', dataDir].map(word).join(' ')}
${Object.entries(environment)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`)
  .join('')}Environment=MALLOC_ARENA_MAX=1
Restart=always
RestartSec=5
# revoked, not served any more, key in use elsewhere: another start would end the same way
RestartPreventExitStatus=3 4 5
KillMode=mixed
TimeoutStopSec=30
UMask=0022
LimitNOFILE=65536
OOMScoreAdjust=-500

NoNewPrivileges=yes
CapabilityBoundingSet=${(isCompose ? composeCapabilities : embeddedCapabilities).join(' ')}
ProtectSystem=strict
ReadWritePaths=${quoted(dataDir)}${isCompose ? '' : ' -/var/lib/supafleet'}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

/** Files of containers belong to other users; the front door may have a low port. */
const composeCapabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
/** Its databases are processes of another user. */
const embeddedCapabilities = [...composeCapabilities, 'CAP_SETGID', 'CAP_SETUID'];

/** One word of a command line, in which systemd would also replace variables. */
function word(text: string): string {
  return quoted(text).replaceAll('$', '$$$$');
}

function quoted(text: string): string {
  if (/[\p{Cc}]/u.test(text)) throw new RuntimeFailure(`${JSON.stringify(text)} cannot stand in a systemd unit`);
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return /^[\w./:@=+,%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
