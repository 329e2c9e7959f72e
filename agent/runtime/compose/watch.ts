import type { Clock, Log } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { labels } from '../../stack/labels.ts';
import type { EngineContainer } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import { type ContainerEvent, type EventStream, followEvents } from './engine/events.ts';

/** What the engine showed. */
export type Picture = {
  containers: readonly EngineContainer[];
  /** projects of which a network or a volume is there, whether containers are or not */
  traces: ReadonlySet<string>;
  /** containers whose limits were changed by `docker update`, by id: neither the agent nor Compose ever does */
  updated: ReadonlySet<string>;
  /** why it could not be renewed; null: it is true of now */
  blind: string | null;
};

/** Keeps a picture of this host's containers and asks the engine only when something happened, or after a while. */
export type Watch = {
  /** Never rejects because of the engine: a picture it could not renew says so. `isNew`: not the one of the last call. */
  look(signal: AbortSignal): Promise<{ picture: Picture; isNew: boolean }>;
  /** The next look asks, whatever the events said. */
  expire(): void;
  /** Whether somebody changed the limits of a container by `docker update`. */
  isUpdated(id: string): boolean;
  /** Whether something happened since the last look. */
  isDue(): boolean;
  close(): Promise<void>;
};

type WatchOptions = {
  socketPath: string;
  hostId: string;
  engine: Engine;
  /** a container of this host was started, ended, changed */
  onEvent(): void;
};

/** networks and volumes, and whatever no event told of */
const fullLookEveryMs = 30_000;

export function createWatch(options: WatchOptions, deps: { clock: Clock; log: Log }): Watch {
  const ours = [`${labels.host}=${options.hostId}`];
  let picture: Picture = {
    containers: [],
    traces: new Set(),
    updated: new Set(),
    blind: 'The Docker engine was not asked yet',
  };
  let isDirty = true;
  let lookedAt: number | null = null;
  const updated = new Set<string>();
  const note = () => {
    isDirty = true;
    options.onEvent();
  };
  const hear = ({ action, id }: ContainerEvent) => {
    if (action === 'update' && id !== null) updated.add(id);
    note();
  };
  const events: EventStream = followEvents(
    { socketPath: options.socketPath, labels: ours, onOpen: note, onEvent: hear },
    deps,
  );

  const isFullDue = () => lookedAt === null || deps.clock.now() - lookedAt >= fullLookEveryMs;
  const isDue = () => isDirty || !events.isOpen() || picture.blind !== null || isFullDue();

  async function renew(signal: AbortSignal): Promise<Picture> {
    const isFull = isFullDue() || picture.blind !== null;
    const containers = await options.engine.containers(ours, signal);
    const there = new Set(containers.map(({ id }) => id));
    for (const id of updated) if (!there.has(id)) updated.delete(id);
    const seen = { containers, updated: new Set(updated), blind: null };
    if (!isFull) return { ...seen, traces: picture.traces };
    const [networks, volumes] = await Promise.all([
      options.engine.networks(ours, signal),
      options.engine.volumes(ours, signal),
    ]);
    lookedAt = deps.clock.now();
    const refs = [...networks, ...volumes].map((found) => found.labels[labels.ref]);
    return { ...seen, traces: new Set(refs.filter((ref) => ref !== undefined)) };
  }

  return {
    async look(signal) {
      if (!isDue()) return { picture, isNew: false };
      // what happens while the engine answers is for the next look
      isDirty = false;
      try {
        picture = await renew(signal);
      } catch (error) {
        isDirty = true;
        if (!(error instanceof RuntimeFailure)) throw error;
        if (picture.blind === null) deps.log.error('the Docker engine shows nothing', { reason: error.message });
        picture = { ...picture, blind: error.message };
      }
      return { picture, isNew: true };
    },
    expire() {
      isDirty = true;
      lookedAt = null;
    },
    isUpdated: (id) => updated.has(id),
    isDue,
    close: () => events.close(),
  };
}
