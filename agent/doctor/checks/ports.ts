import { realpath } from 'node:fs/promises';
import { nullWhenAbsent } from '../../absence.ts';
import { metaPort } from '../../host-ports.ts';
import { isLocked } from '../../lock.ts';
import { portHolder } from '../../port-holder.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { labels } from '../../stack/labels.ts';
import { type Check, type CheckContext, failed, ok, type Subject, type Verdict, warning } from '../check.ts';
import { runningContainer } from '../engine-info.ts';
import { isInTheWay, type Listener, listeners } from '../listeners.ts';

/** The ports of the edge and the Postgres front door are free, or this host's own. */
export const portsCheck: Check = {
  name: 'ports',
  async run(context) {
    const found = await listeners();
    if (found === null) return warning('not looked at: this system does not list its listeners', 'See `ss -lnt`.');
    const { subject } = context;
    const [agentRuns, edgeId] = await Promise.all([runsAgent(subject.dataDir), runningEdge(context)]);
    const crowded = edgeId === null ? null : await strangersPort(subject.settings.edge, edgeId);
    if (crowded !== null) return edgePortTaken(crowded);
    return portsVerdict(subject, found, { agentRuns, edgeRuns: edgeId !== null });
  },
};

/** `own`: which parts of this very host run already and so hold their ports. */
export function portsVerdict(
  { settings, portRange }: Pick<Subject, 'settings' | 'portRange'>,
  found: readonly Listener[],
  own: { agentRuns: boolean; edgeRuns: boolean },
): Verdict {
  const { frontDoor } = settings;
  const taken = (wanted: Listener) => found.some((listener) => isInTheWay(listener, wanted));
  const edge = own.edgeRuns ? undefined : edgeListeners(settings.edge).find(taken);
  if (edge !== undefined) return edgePortTaken(edge.port);
  if (!own.agentRuns && taken(frontDoor)) {
    const detail = `Port ${frontDoor.port}, which the Postgres front door needs, is taken`;
    return settings.runtime === 'embedded' ? warning(detail, nextPort) : failed(detail, frontDoorAdvice);
  }
  const meta = { address: '127.0.0.1', port: metaPort(portRange) };
  if (settings.runtime === 'compose' && !own.edgeRuns && taken(meta)) {
    return failed(`Port ${meta.port}, which postgres-meta of this host needs, is taken`, metaAdvice);
  }
  const strangers = own.edgeRuns || own.agentRuns ? [] : found.filter(({ port }) => isWithin(port, portRange));
  if (strangers.length > 0) {
    const ports = [...new Set(strangers.map(({ port }) => port))].sort((left, right) => left - right);
    return warning(
      `Others listen on ports of the host's range: ${ports.slice(0, 5).join(', ')}`,
      'End them, or give the host another range (--port-range): a project on such a port does not start.',
    );
  }
  const shown = [...edgeListeners(settings.edge), frontDoor].map(({ port }) => port).join(', ');
  return ok(own.agentRuns || own.edgeRuns ? `${shown}: free, or this host's own` : `${shown}: free`);
}

function edgeListeners(edge: Subject['settings']['edge']): Listener[] {
  if (edge.kind === 'ports') return [];
  const ports = edge.httpPort === null ? [edge.port] : [edge.port, edge.httpPort];
  return ports.map((port) => ({ address: '*', port }));
}

const nextPort = 'The next free port is taken instead; the Supabase CLI knows no other than 5432.';
const frontDoorAdvice =
  'End what listens there (`ss -lntp`), or choose another with --front-door ADDRESS:PORT; the Supabase CLI knows no port but 5432.';

const metaAdvice =
  'End what listens there (`ss -lntp`), or join with another --port-range: its last ten ports are for the host itself.';

function edgePortTaken(port: number): Verdict {
  return failed(
    `Port ${port}, which the edge needs, is taken`,
    `End what listens on ${port} (\`ss -lntp\`), or choose others: --https-port, --http-port, or --edge ports (later: settings.json).`,
  );
}

/** The port of a running edge that somebody else holds; a process that is out of sight counts as the edge. */
async function strangersPort(edge: Subject['settings']['edge'], edgeId: string): Promise<number | null> {
  for (const { port } of edgeListeners(edge)) {
    const holder = await portHolder(port);
    if (holder !== null && holder !== 'unseen' && !holder.cgroup.includes(edgeId)) return port;
  }
  return null;
}

function isWithin(port: number, { first, last }: Subject['portRange']): boolean {
  return port >= first && port <= last;
}

async function runsAgent(dataDir: string): Promise<boolean> {
  const path = await nullWhenAbsent(realpath(dataDir));
  return path !== null && isLocked(path);
}

/** An engine that does not answer is told of by its own check. */
async function runningEdge(context: CheckContext): Promise<string | null> {
  const { hostId, settings } = context.subject;
  if (hostId === null || settings.runtime !== 'compose') return null;
  try {
    return await runningContainer(context, [`${labels.host}=${hostId}`, `${labels.service}=edge`]);
  } catch (error) {
    if (error instanceof RuntimeFailure) return null;
    throw error;
  }
}
