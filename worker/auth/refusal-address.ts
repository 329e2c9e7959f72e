import type { ArrivalRefusal } from '../accounts/identities/refusals.ts';
import type { AppError } from '../errors.ts';
import { errorTable } from '../http/error-table.ts';

/** OAuth's words for a status. */
const oauthErrors: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized_client',
  403: 'access_denied',
  429: 'temporarily_unavailable',
  503: 'temporarily_unavailable',
};

/** Where a browser is told in words of its page that something was refused: clients look into both parts of an address. */
export function refusalAddress(
  redirectTo: string,
  { error, code, description }: ArrivalRefusal,
  { isPkce }: { isPkce: boolean },
): string {
  const url = new URL(redirectTo);
  const told = { error, error_code: code, error_description: description };
  url.hash = new URLSearchParams(told).toString();
  if (isPkce) for (const [name, value] of Object.entries(told)) url.searchParams.set(name, value);
  return url.href;
}

/** An error as it is put into an address. */
export function refusalOf({ body, code, message }: AppError): ArrivalRefusal {
  const { gotrue, status } = errorTable[code];
  const error = oauthErrors[status] ?? 'server_error';
  return { error, code: String(body.error_code ?? gotrue), description: message };
}
