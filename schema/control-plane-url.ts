import { z } from 'zod';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** The control plane's address. Secrets are sent from and to it: in clear text they may only cross this machine. */
export function controlPlaneUrl(allowInsecureHttp: boolean) {
  const isSafe = (text: string) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || loopback.includes(hostname) || allowInsecureHttp;
  };
  const isHttp = (text: string) => /^https?:\/\/./.test(text) && URL.canParse(text);
  return z.string().refine(isHttp, { error: 'must be an http(s) URL', abort: true }).refine(isSafe, {
    error: 'must be https, or the secrets of projects would be sent in clear text (--insecure-http allows it)',
  });
}
