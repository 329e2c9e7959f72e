import { allowInsecureRequests, type Configuration, type CustomFetch, customFetch } from 'openid-client';

/** The way to identity providers. */
export type Outbound = (request: Request) => Promise<Response>;

/** for one answer of a provider */
export const timeoutSeconds = 10;

/** Lets the library go out this way only. */
export function fetchBy(outbound: Outbound): CustomFetch {
  return (url, { body, headers, method, redirect, signal }) =>
    outbound(
      new Request(url, {
        headers,
        method,
        redirect,
        ...(body !== undefined && { body: body instanceof Uint8Array ? Uint8Array.from(body) : body }),
        ...(signal !== undefined && { signal }),
      }),
    );
}

/** What holds for each request by that configuration. Without TLS only where the operator's own address has none. */
export function govern(configuration: Configuration, outbound: Outbound, address: string): Configuration {
  configuration[customFetch] = fetchBy(outbound);
  configuration.timeout = timeoutSeconds;
  if (isInsecure(address)) allowInsecureRequests(configuration);
  return configuration;
}

export function isInsecure(address: string): boolean {
  return address.startsWith('http:');
}
