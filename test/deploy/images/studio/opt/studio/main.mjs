import { createServer } from 'node:http';

/** Stands in for Studio: says which path it was asked for, on every path. */
createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`a stand-in for Studio at ${request.url}`);
}).listen(Number(process.env.PORT), process.env.HOSTNAME);
