import type { ErrorHandler } from 'hono';
import { AppError } from '../errors.ts';
import { errorTable } from '../http/error-table.ts';
import { logRefusal } from '../http/log-refusal.ts';
import type { AppEnv } from '../http/variables.ts';

const versionHeader = 'x-supabase-api-version';
const version = '2024-01-01';

/**
 * GoTrue's errors by the version the client asks for: from 2024-01-01 on `{code, message}` with the code as text and
 * the version echoed; what it said before that is the app's own handler, as is everything unexpected.
 */
export const onAuthError: ErrorHandler<AppEnv> = (error, c) => {
  if (!(error instanceof AppError) || error.code === 'internal' || !asksForVersion(c.req.header(versionHeader))) {
    throw error;
  }
  logRefusal(error, { id: c.get('request').id, method: c.req.method, path: c.req.path }, c.get('deps').log);
  const { status, gotrue } = errorTable[error.code];
  const { error_code: code = gotrue, ...rest } = error.body;
  c.header(versionHeader, version);
  // without it a browser hides the header, and with it what `code` means
  c.header('Access-Control-Expose-Headers', versionHeader, { append: true });
  if (error.retryAfterSeconds !== undefined) c.header('Retry-After', String(error.retryAfterSeconds));
  return c.json({ code, message: error.message, ...rest }, status);
};

/** Dates of this form compare as text. */
function asksForVersion(header: string | undefined): boolean {
  return header !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(header) && header >= version;
}
