/** Passes whole lines on, but for those that hold `unwanted`. What has no end of line yet waits, up to a limit. */
export function withoutLines(unwanted: string, write: (chunk: Uint8Array) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) {
      lines.push(rest);
      rest = '';
    }
    const kept = lines.filter((line) => !line.includes(unwanted));
    if (kept.length > 0) write(Buffer.from(`${kept.join('\n')}\n`));
  };
}

const longestLine = 64 * 1024;
