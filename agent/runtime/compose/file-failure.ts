import { RuntimeFailure } from '../../runtime-failure.ts';

/** Runs work on files; what the system refuses becomes a sentence for people. `what` completes "… failed". */
export async function withFiles<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new RuntimeFailure(`${what} failed: ${reasonOf(cause.code)}${cause.path ? ` (${cause.path})` : ''}`, {
      cause,
    });
  }
}

/** What an error code of the file system means. */
export function reasonOf(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return "the host's disk is full";
    case 'EACCES':
    case 'EPERM':
      return 'the agent may not do so';
    case 'EROFS':
      return 'the file system can only be read';
    case 'EIO':
      return "the host's disk reports an error";
    case 'ENOTDIR':
      return 'something else stands where a directory should be';
    case 'EISDIR':
      return 'a directory stands where a file should be';
    default:
      return code;
  }
}

type SystemError = Error & { code: string; path?: string };

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
