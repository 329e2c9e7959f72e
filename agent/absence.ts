/** Whether an error says that there is no such file or directory. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** What a look at the file system answers; null when there is nothing of that name. */
export async function nullWhenAbsent<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}
