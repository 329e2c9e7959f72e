import type { Clock, Log } from '../../../deps.ts';
import { filters, type LabelFilter } from './engine.ts';
import { openAnswer } from './request.ts';
import { engineEvent } from './wire.ts';

/** What happened to a container that carries the labels asked for. */
export type ContainerEvent = { action: string; id: string | null; labels: Record<string, string> };

export type EventStream = {
  /** whether the engine tells of changes just now: else nothing may be taken for unchanged */
  isOpen(): boolean;
  close(): Promise<void>;
};

type EventOptions = {
  socketPath: string;
  labels: LabelFilter;
  /** the stream was opened anew, so anything may have happened before */
  onOpen(): void;
  onEvent(event: ContainerEvent): void;
};

const actions = ['create', 'start', 'die', 'destroy', 'oom', 'pause', 'unpause', 'rename', 'update', 'health_status'];
const openWithinMs = 8_000;
const longestPauseMs = 10_000;

/**
 * Follows the engine's events until it is closed; a stream that breaks off or does not open is opened again after a
 * pause. Health checks run commands all the time: those events are not asked for.
 */
export function followEvents(options: EventOptions, deps: { clock: Clock; log: Log }): EventStream {
  const closing = new AbortController();
  let open = false;
  const path = `/events?filters=${filters(options.labels, { type: ['container'], event: actions })}`;

  async function followOnce(): Promise<void> {
    const opening = AbortSignal.timeout(openWithinMs);
    const tooLate = new AbortController();
    const expire = () => tooLate.abort();
    opening.addEventListener('abort', expire, { once: true });
    const signal = AbortSignal.any([closing.signal, tooLate.signal]);
    const response = await openAnswer({ socketPath: options.socketPath, method: 'GET', path }, signal);
    opening.removeEventListener('abort', expire);
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`the engine refused the event stream (${response.statusCode})`);
    }
    open = true;
    options.onOpen();
    response.setEncoding('utf8');
    let rest = '';
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) tell(line);
    }
  }

  function tell(line: string): void {
    if (line.trim() !== '') options.onEvent(parseEvent(line));
  }

  async function follow(): Promise<void> {
    let pauseMs = 250;
    while (!closing.signal.aborted) {
      const wasOpen = await followOnce().then(
        () => true,
        (error: unknown) => {
          const was = open;
          if (!closing.signal.aborted)
            deps.log.warn("the Docker engine's events broke off", {
              reason: error instanceof Error ? error.message : String(error),
            });
          return was;
        },
      );
      open = false;
      pauseMs = wasOpen ? 250 : Math.min(longestPauseMs, pauseMs * 2);
      await deps.clock.sleep(pauseMs, closing.signal);
    }
  }

  const ended = follow();
  return {
    isOpen: () => open,
    async close() {
      closing.abort();
      await ended;
    },
  };
}

/** An event in a form that is not known still tells that something happened. */
function parseEvent(line: string): ContainerEvent {
  try {
    const { Action, Actor } = engineEvent.parse(JSON.parse(line));
    return { action: Action, id: Actor?.ID ?? null, labels: Actor?.Attributes ?? {} };
  } catch {
    return { action: 'unknown', id: null, labels: {} };
  }
}
