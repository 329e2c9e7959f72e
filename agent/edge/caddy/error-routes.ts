import { answerWith, corsHeaders, jsonAnswer } from './answers.ts';
import { type CaddyRoute, valueFits, valueIs } from './caddy-config.ts';

const status = '{http.error.status_code}';
const service = { service: '{http.vars.service}' };

/** What a caller hears when a service did not answer: 504 of one that stays silent, 503 of one that is down. */
export function errorRoutes(): CaddyRoute[] {
  return [
    { match: [valueIs('{http.vars.cors}', 'yes')], handle: [answerWith(corsHeaders)] },
    {
      match: [
        {
          ...valueIs(status, '504'),
          not: [valueFits('{http.error.message}', '^dial ')],
        },
      ],
      handle: [jsonAnswer(504, { message: 'The <service> service did not answer in time.' }, service)],
      terminal: true,
    },
    {
      match: [valueIs(status, '502', '503', '504')],
      handle: [jsonAnswer(503, { message: 'The <service> service of this project is not reachable now.' }, service)],
      terminal: true,
    },
    {
      match: [valueIs(status, '421')],
      handle: [jsonAnswer(421, { message: 'This connection was opened for another name.' })],
      terminal: true,
    },
    { handle: [jsonAnswer(status, { message: 'The edge could not handle this request.' })] },
  ];
}
