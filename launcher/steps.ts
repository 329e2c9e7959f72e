import { createColors } from 'picocolors';

export type Steps = {
  /** One line per step with its time; while it runs, a terminal shows what is going on. */
  run<T>(title: string, work: (progress: (detail: string) => void) => Promise<T>): Promise<T>;
  note(text: string): void;
  colors: Pick<ReturnType<typeof createColors>, 'bold' | 'dim'>;
};

/** Writes steps to a stream; colour and a live line only on a terminal. */
export function createSteps(out: NodeJS.WriteStream, now: () => number, wantsColor: boolean): Steps {
  const live = out.isTTY === true;
  // asked of the stream alone: the library would colour CI's logs and pipes as well
  const pc = createColors(live && wantsColor);
  return {
    async run(title, work) {
      const started = now();
      let detail = '';
      const line = () => `${pc.cyan('·')} ${title}${detail === '' ? '' : ` ${pc.dim(detail)}`}`;
      const show = () => out.write(`\r\x1b[2K${line()} ${pc.dim(seconds(now() - started))}`);
      const timer = live ? setInterval(show, 200) : undefined;
      const longWait = live
        ? undefined
        : setInterval(() => out.write(`${line()} … ${seconds(now() - started)}\n`), 5000);
      const finish = (mark: string) => {
        clearInterval(timer);
        clearInterval(longWait);
        const suffix = detail === '' ? '' : ` ${pc.dim(`(${detail})`)}`;
        out.write(`${live ? '\r\x1b[2K' : ''}${mark} ${title}${suffix} ${pc.dim(seconds(now() - started))}\n`);
      };
      try {
        const result = await work((text) => {
          detail = text;
        });
        finish(pc.green('✓'));
        return result;
      } catch (error) {
        finish(pc.red('✗'));
        throw error;
      }
    },
    colors: pc,
    note: (text) => void out.write(`${text}\n`),
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
