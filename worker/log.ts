import type { Log } from './deps.ts';

/** One JSON line per event on the console, which is where workerd and Cloudflare collect logs. */
export function createLog(now: () => number): Log {
  const at = (level: 'info' | 'warn' | 'error') => (message: string, fields?: Record<string, unknown>) => {
    // biome-ignore lint/suspicious/noConsole: the runtime's log is the console
    console[level](JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }));
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
