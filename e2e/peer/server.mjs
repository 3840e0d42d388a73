// A foreign Fediverse server: Fedify behind HTTPS on a loopback address.
//
// PEER_HOST  its name, e.g. fedi.test; PEER_ADDR the address to listen on (port 443)
// PEER_CERT, PEER_KEY  files; PEER_DNS  name server of the lab, ip:port
// NODE_EXTRA_CA_CERTS  the lab's CA
//
// Prints one line when it is ready: control http://127.0.0.1:PORT
import "./names.mjs";
import fs from "node:fs";
import https from "node:https";
import { listen } from "./control.mjs";
import { documents } from "./documents.mjs";
import * as faults from "./faults.mjs";
import { current, federation } from "./federation.mjs";
import { record } from "./journal.mjs";

const origin = `https://${process.env.PEER_HOST}`;
const maxBody = 4 << 20;

/** Answers a request as Fedify would, or as the scenario told us to. */
async function answer(entry, req, body) {
  const path = new URL(req.url, origin).pathname;
  const fault = faults.take(req.method, path, req.headers);
  if (fault) {
    entry.fault = true;
    if (fault.hang) return null;
    const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    return new Response(fault.body ?? "told to fail", { status: fault.status ?? 500, headers });
  }
  const document = documents.get(path);
  if (document && req.method === "GET") {
    return new Response(document.body, { status: document.status, headers: { "content-type": document.type } });
  }
  const request = new Request(new URL(req.url, origin), {
    method: req.method,
    headers: Object.entries(req.headers).flatMap(([k, v]) => [v].flat().map((one) => [k, one])),
    body: body.length ? body : undefined,
  });
  return await current.run(entry, () => federation.fetch(request, {
    contextData: undefined,
    onNotFound: () => new Response("not found", { status: 404 }),
    onNotAcceptable: () => new Response("a page for people", { headers: { "content-type": "text/html", vary: "Accept" } }),
  }));
}

const server = https.createServer({
  cert: fs.readFileSync(process.env.PEER_CERT),
  key: fs.readFileSync(process.env.PEER_KEY),
}, async (req, res) => {
  const parts = [];
  let size = 0;
  for await (const part of req) {
    if ((size += part.length) > maxBody) return req.destroy();
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  const entry = { at: new Date().toISOString(), method: req.method, path: req.url, headers: req.headers, body: body.toString(), verified: false };
  let response;
  try {
    response = await answer(entry, req, body);
  } catch (e) {
    console.error(e);
    response = new Response("internal error", { status: 500 });
  }
  entry.status = response?.status ?? 0;
  record(entry);
  if (!response) return; // left hanging
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(Buffer.from(await response.arrayBuffer()));
});

server.listen(443, process.env.PEER_ADDR, async () => {
  const port = await listen(() => federation.createContext(new URL(origin), undefined));
  console.log(`control http://127.0.0.1:${port}`);
});
