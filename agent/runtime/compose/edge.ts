import type { Log } from '../../deps.ts';
import { createEdgeAdmin, ListenerRefused } from '../../edge/caddy/edge-admin.ts';
import type { EdgeProject } from '../../edge/caddy/edge-project.ts';
import { renderEdge } from '../../edge/caddy/render-edge.ts';
import type { AgentSettings } from '../../settings.ts';
import { namesIn } from '../file-tree.ts';
import { copyCertificate } from './edge-certificate.ts';
import { readEdgeFile } from './edge-file.ts';
import { withFiles } from './file-failure.ts';
import { type HostPaths, projectPaths, refOfEntry } from './paths.ts';
import { createTurns } from './turns.ts';

/** The configuration of the host's edge. */
export type Edge = {
  /**
   * Gives the edge what the projects' files say now; calls made meanwhile share the next turn. A project whose listener
   * cannot be opened is left out, and `refusal` tells why; anything else that is refused rejects. A listener of all that
   * cannot be opened is a refusal of each.
   */
  load(signal: AbortSignal): Promise<void>;
  /** why the edge does not serve a project; null: it does, or need not */
  refusal(ref: string): string | null;
};

type EdgeDeps = { log: Log };
type EdgeParts = { paths: HostPaths; settings: AgentSettings; projectHost: string; closing: AbortSignal };

export function createEdge({ paths, settings, projectHost, closing }: EdgeParts, deps: EdgeDeps): Edge {
  const admin = createEdgeAdmin({ socketPath: paths.edgeSocket });
  const { edge } = settings;
  let refusals = new Map<string, string>();
  let refusalOfAll: string | null = null;

  async function loadAll(): Promise<void> {
    const projects = await withFiles("Reading the projects' routes", () => readProjects(paths));
    const certificateFiles = await copyCertificate(paths, edge);
    const options = { edge, projectHost, adminSocket: '/edge/admin.sock', storage: '/edge/data' };
    const refused = new Map<string, string>();
    for (;;) {
      const served = projects.filter(({ ref }) => !refused.has(ref));
      try {
        await admin.load(renderEdge(served, certificateFiles ? { ...options, certificateFiles } : options), closing);
        break;
      } catch (error) {
        // one project's address must not keep the others from being served
        if (!(error instanceof ListenerRefused)) throw error;
        const { ref, message: reason } = error;
        if (ref === null) refusalOfAll = reason;
        // left out already, it cannot be what was refused now
        if (ref === null || refused.has(ref)) throw error;
        if (refusals.get(ref) !== reason) deps.log.warn('the edge cannot serve a project', { ref, reason });
        refused.set(ref, reason);
      }
    }
    refusals = refused;
    refusalOfAll = null;
  }

  const inTurn = createTurns(loadAll);
  return { load: inTurn, refusal: (ref) => refusals.get(ref) ?? refusalOfAll };
}

async function readProjects(paths: HostPaths): Promise<EdgeProject[]> {
  const refs = (await namesIn(paths.projects)).filter((name) => refOfEntry(name) === name);
  const found: EdgeProject[] = [];
  for (const ref of refs) {
    const project = await readEdgeFile(projectPaths(paths, ref).edge);
    if (project?.ref === ref) found.push(project);
  }
  return found;
}
