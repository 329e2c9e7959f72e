/** Labels of all that an agent makes on an engine: how it is found again, and by what it is told from everything else. */
export const labels = {
  /** id of the host whose agent owns it */
  host: 'dev.supafleet.host',
  /** the project it belongs to; missing on what serves the whole host */
  ref: 'dev.supafleet.ref',
  /** the container's part in the stack: a `StackService`, `meta` or `edge` */
  service: 'dev.supafleet.service',
  /** `RenderedService.hash` */
  hash: 'dev.supafleet.hash',
} as const;
