import { StartFailure } from './failure.ts';

/** One JSON request to the control plane. Errors name the request and say what it answered. */
export async function call(
  url: string,
  options: { method?: string; token?: string; body?: unknown } = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method: options.method ?? 'GET',
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** As `call`, but anything other than a success is a failure of the start. */
export async function callOk(url: string, options: Parameters<typeof call>[1] = {}): Promise<unknown> {
  const { status, body } = await call(url, options);
  if (status >= 300) {
    throw new StartFailure(
      `${options.method ?? 'GET'} ${new URL(url).pathname} was answered ${status}: ${JSON.stringify(body)}`,
    );
  }
  return body;
}
