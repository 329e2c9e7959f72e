/**
 * What went wrong, for people, from what Docker Compose wrote to its standard error: one sentence or two, of at most 500
 * characters, with no user or password of an address in it. `images` are those of the stack, by service.
 */
export function composeReason(errors: string, images: Readonly<Record<string, string>> = {}): string {
  const lines = errors
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !noise.test(line))
    .map(clean);
  const last = lines.findLast((line) => telling.test(line)) ?? lines.at(-1);
  if (last === undefined) return 'Docker Compose failed and did not say why';
  for (const { pattern, say } of known) {
    // the line that tells most is not always the last one
    const match = pattern.exec(last) ?? lines.map((line) => pattern.exec(line)).find((found) => found !== null);
    if (match) return say(match, last, imageIn(lines, images)).slice(0, 500);
  }
  return `Docker Compose failed: ${withoutPrefix(last)}`.slice(0, 500);
}

type Known = { pattern: RegExp; say(match: RegExpExecArray, line: string, image: string | undefined): string };

const known: Known[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    say: () => "The host's disk is full: free some space in Docker's data directory",
  },
  {
    pattern: /cannot connect to the docker daemon|is the docker daemon running|error during connect/i,
    say: () => 'The Docker engine does not answer',
  },
  {
    pattern: /permission denied while trying to connect/i,
    say: () => 'The Docker engine does not let the agent in',
  },
  {
    pattern: /(?:docker: '?compose'? is not a docker command|unknown (?:shorthand )?flag|unknown docker command)/i,
    say: () => 'Docker Compose v2 is not installed on this host, or too old (2.20 or newer is needed)',
  },
  {
    pattern: /pool overlaps with other one on this address space|overlaps with (?:an )?existing/i,
    say: (_match, line) =>
      `The project's network overlaps with another one of this machine; give the agent another address pool (settings.json, addressPool; ${withoutPrefix(line)})`,
  },
  {
    pattern:
      /bind for ([^\s]+) failed: port is already allocated|listen tcp4? ([^\s:]+:\d+): bind: address already in use/i,
    say: (match) => `Something else listens at ${match[1] ?? match[2]} already`,
  },
  {
    pattern: /pull access denied for ([^\s,]+)/i,
    say: (match) => cannotPull(match[1], 'there is no such image, or the registry wants a login'),
  },
  {
    pattern:
      /manifest for (\S+) not found|(?:failed to resolve reference|reference) "?([^\s":]+:[^\s":]+)"?: (?:not found|manifest unknown)/i,
    say: (match) => cannotPull(match[1] ?? match[2], 'the registry has no such image'),
  },
  {
    pattern: /no such image: (\S+)/i,
    say: (match) => cannotPull(match[1], 'it is not on this host'),
  },
  {
    pattern: /(?:get|head) "(https?:\/\/[^/"\s]+)[^"]*": (.+)$/i,
    say: (match, _line, image) =>
      `${image === undefined ? 'An image' : `The image ${image}`} cannot be pulled from ${match[1]}: ${network(match[2] ?? '')}`,
  },
  {
    pattern: /toomanyrequests|rate limit/i,
    say: (_match, _line, image) =>
      cannotPull(image, 'the registry limits how often this host may ask; give it a login or a mirror'),
  },
  {
    pattern: /volume (\S+) exists but doesn't match configuration/i,
    say: (match) => `The volume ${match[1]} was made by somebody else`,
  },
  {
    pattern: /container (\S+) is unhealthy/i,
    say: (match) => `${serviceOf(match[1])} did not get healthy`,
  },
  {
    pattern: /container (\S+) (?:exited|has exited) ?\(?(\d+)?\)?/i,
    say: (match) => `${serviceOf(match[1])} ended right after its start${match[2] ? ` (code ${match[2]})` : ''}`,
  },
  {
    pattern: /invalid mount config for type "bind": bind source path does not exist: (\S+)/i,
    say: (match) => `The engine does not see ${match[1]}: it must run on this very machine`,
  },
];

/** What Compose says beside its errors. */
const noise =
  /^(time="[^"]*" level=(?:warning|info|debug)|\S+ +(?:Pulling|Pulled|Warning|Interrupted|Skipped)\b|(?:Container|Network|Volume|Image) \S+ +\w+$)/;
const telling = /error|fail|unhealthy|exited|denied|refused|no space|cannot|invalid|not found|no such/i;

/** Compose tells of a pull that failed by the name of the service. */
function imageIn(lines: readonly string[], images: Readonly<Record<string, string>>): string | undefined {
  const services = lines.map((line) => /^(\S+) Error /.exec(line)?.[1] ?? '');
  return services.map((service) => images[service]).find((image) => image !== undefined);
}

function cannotPull(image: string | undefined, why: string): string {
  return `The image ${image ?? 'of a service'} cannot be pulled: ${why}`;
}

function network(text: string): string {
  if (/no such host|server misbehaving/i.test(text)) return 'its name is not known here';
  if (/timeout|deadline exceeded|i\/o timeout/i.test(text)) return 'it does not answer';
  if (/connection refused/i.test(text)) return 'nobody listens there';
  if (/certificate/i.test(text)) return 'its certificate is not trusted here';
  return withoutPrefix(text).slice(0, 200);
}

/** `supafleet-<ref>-auth-1` -> `The auth container` */
function serviceOf(container: string | undefined): string {
  const service = /-([a-z]+)-\d+$/.exec(container ?? '')?.[1];
  return service === undefined ? 'A container' : `The ${service} container`;
}

function withoutPrefix(line: string): string {
  return line.replace(/^.*error response from daemon: /i, '').replace(/^(?:error: )+/i, '');
}

/** Addresses may carry a login. */
function clean(line: string): string {
  return line.replace(/:\/\/[^@/\s]*@/g, '://');
}
