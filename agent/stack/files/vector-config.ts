import { stringify } from 'yaml';
import type { StackService } from '../../../schema/stack-profiles.ts';
import { labels } from '../labels.ts';

/** Where the logs of a service go: Logflare's name for their source, and how a line of it is read. */
type LogSource = { source: string; read: string };

const project = '.metadata.project = .project';

const logSources: Partial<Record<StackService, LogSource>> = {
  auth: {
    source: 'gotrue.logs.prod',
    read: `parsed, err = parse_json(.event_message)
if err == null && is_object(parsed) {
  .metadata = object!(parsed)
  .metadata.timestamp = .metadata.time
}`,
  },
  rest: {
    source: 'postgREST.logs.prod',
    read: `.metadata.host = .project
parsed, err = parse_regex(.event_message, r'^(?P<time>[^ ]+ [^ ]+ [^:]*): (?P<text>.*)$')
if err == null {
  .event_message = parsed.text
}`,
  },
  realtime: {
    source: 'realtime.logs.prod',
    read: `${project}
.metadata.external_id = .project
parsed, err = parse_regex(.event_message, r'^[0-9:.]+ \\[(?P<level>[a-z]+)\\] (?P<text>.*)$')
if err == null {
  .metadata.level = parsed.level
  .event_message = parsed.text
}`,
  },
  storage: {
    source: 'storage.logs.prod.2',
    read: `${project}
.metadata.tenantId = .project
parsed, err = parse_json(.event_message)
if err == null && is_object(parsed) {
  .metadata.level = parsed.level
  .metadata.timestamp = parsed.time
  .event_message = to_string(parsed.msg) ?? .event_message
}`,
  },
  functions: { source: 'deno-relay-logs', read: '.metadata.project_ref = .project' },
  db: {
    source: 'postgres.logs',
    read: `.metadata.host = "db-" + string!(.project)
.metadata.parsed.timestamp = .timestamp
.metadata.parsed.error_severity = "LOG"
parsed, err = parse_regex(.event_message, r'(?P<level>INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):')
if err == null {
  .metadata.parsed.error_severity = parsed.level
}`,
  },
};

/**
 * Vector's configuration: what the containers of this project write, by their labels and nobody else's, read per service
 * and handed to the project's Logflare.
 */
export function vectorConfig(ref: string): string {
  const sources = Object.entries(logSources);
  const config = {
    api: { enabled: true, address: '127.0.0.1:9001' },
    sources: { containers: { type: 'docker_logs', include_labels: [`${labels.ref}=${ref}`] } },
    transforms: {
      lines: {
        type: 'remap',
        inputs: ['containers'],
        source: `service = to_string(get!(.label, ["${labels.service}"])) ?? ""
message = to_string(.message) ?? ""
. = { "event_message": message, "timestamp": .timestamp, "appname": service, "project": "${ref}", "metadata": {} }`,
      },
      services: {
        type: 'route',
        inputs: ['lines'],
        route: Object.fromEntries(sources.map(([service]) => [service, `.appname == "${service}"`])),
      },
      ...Object.fromEntries(
        sources.map(([service, { read }]) => [
          `${service}_logs`,
          { type: 'remap', inputs: [`services.${service}`], source: read },
        ]),
      ),
    },
    sinks: Object.fromEntries(
      sources.map(([service, { source }]) => [
        `${service}_sink`,
        {
          type: 'http',
          inputs: [`${service}_logs`],
          method: 'post',
          uri: `http://analytics:4000/api/logs?source_name=${source}`,
          encoding: { codec: 'json' },
          request: {
            retry_max_duration_secs: 30,
            retry_initial_backoff_secs: 1,
            // filled in by vector itself, from its environment
            headers: { 'x-api-key': `\${LOGFLARE_PUBLIC_ACCESS_TOKEN}` },
          },
        },
      ]),
    ),
  };
  return `# Written by supafleet-agent.\n${stringify(config, { lineWidth: 0 })}`;
}
