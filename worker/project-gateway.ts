import type { ProjectGateway, ProjectRequest, ProjectResponse } from './deps.ts';
import { AppError } from './errors.ts';

/** A host name or address with an optional port and nothing else: no user, path or query can be smuggled in. */
const endpointPattern = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Fetches into projects through the given way out. A redirect is an error: where a project answers is what its agent
 * said, and nothing a project answers can send the control plane elsewhere.
 */
export function createProjectGateway(send: (request: Request) => Promise<Response>): ProjectGateway {
  return {
    async fetch(request) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), request.timeoutMs);
      try {
        const response = await send(toRequest(request, abort.signal));
        if (response.status >= 300 && response.status < 400) {
          await response.body?.cancel();
          throw new AppError('project_unreachable', "The project's gateway answered with a redirect");
        }
        return await limited(response, request.maximumBytes);
      } catch (error) {
        throw asGatewayError(error, abort.signal.aborted, request.timeoutMs);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function toRequest(request: ProjectRequest, signal: AbortSignal): Request {
  if (!endpointPattern.test(request.endpoint) || !request.path.startsWith('/')) {
    throw new AppError('project_unreachable', "The project's gateway has no usable address");
  }
  return new Request(`${request.protocol}://${request.endpoint}${request.path}`, {
    method: request.method,
    headers: request.headers,
    redirect: 'manual',
    signal,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** Reads until the end or the limit; what lies beyond is never held in memory. */
async function limited(response: Response, maximumBytes: number): Promise<ProjectResponse> {
  const { status, headers } = response;
  if (response.body === null) return { status, headers, body: '' };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  let body = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { status, headers, body: body + decoder.decode() };
    bytes += value.byteLength;
    if (bytes > maximumBytes) {
      await reader.cancel();
      throw new AppError(
        'payload_too_large',
        `The project's answer is larger than ${Math.floor(maximumBytes / 1024 / 1024)} MB; ask for less at once`,
      );
    }
    body += decoder.decode(value, { stream: true });
  }
}

function asGatewayError(error: unknown, timedOut: boolean, timeoutMs: number): AppError {
  if (error instanceof AppError) return error;
  if (timedOut) {
    const seconds = timeoutMs / 1000;
    return new AppError('project_timeout', `upstream request timeout: no answer from the project within ${seconds} s`, {
      cause: error,
    });
  }
  return new AppError('project_unreachable', 'The project cannot be reached at the moment', {
    cause: error,
    retryAfterSeconds: 5,
  });
}
