/**
 * What Caddy writes, to standard error: no header and no query of any request, since keys and tokens are in both; a
 * list of the bad ones would miss the next.
 */
export function logging(): { logs: Record<string, unknown> } {
  const format = {
    format: 'filter',
    wrap: { format: 'json' },
    fields: {
      'request>headers': { filter: 'delete' },
      'request>uri': { filter: 'regexp', regexp: '(?s)^\\w+://[^/?#]*|[?#].*$', value: '' },
      resp_headers: { filter: 'delete' },
    },
  };
  return { logs: { default: { level: 'INFO', writer: { output: 'stderr' }, encoder: format } } };
}
