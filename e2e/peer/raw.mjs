// Requests with a right, wrong or missing signature, made by hand
// (draft-cavage-http-signatures-12): what Fedify would never send.
import crypto from "node:crypto";
import https from "node:https";
import http from "node:http";

/**
 * Sends one request and returns {status, headers, body}.
 * `sign`: "right", "wrong" (a signature of something else), "none".
 * `covered`: the header names that are signed; `headers` override everything;
 * `dateOffset`: seconds added to Date; `digestOf`: text to digest instead of the body.
 */
export async function send({ method = "POST", url, body, headers = {}, sign = "right", covered, dateOffset = 0, digestOf, keyId, privateKey }) {
  const target = new URL(url);
  const payload = body === undefined ? undefined : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const h = {
    host: target.host,
    date: new Date(Date.now() + dateOffset * 1000).toUTCString(),
    "user-agent": "isthmus-e2e-peer/1.0",
    accept: "application/activity+json",
  };
  if (payload) {
    h["content-type"] = "application/activity+json";
    h["content-length"] = String(payload.length);
    h.digest = "SHA-256=" + crypto.createHash("sha256").update(digestOf ?? payload).digest("base64");
  }
  Object.assign(h, headers);
  for (const name of Object.keys(h)) if (h[name] === null) delete h[name];
  if (sign !== "none") {
    const names = covered ?? ["(request-target)", "host", "date", ...(payload ? ["digest"] : [])];
    let text = names
      .map((n) => `${n}: ${n === "(request-target)" ? method.toLowerCase() + " " + target.pathname + target.search : h[n]}`)
      .join("\n");
    if (sign === "wrong") text += " and more";
    const signature = crypto.sign("sha256", Buffer.from(text), privateKey).toString("base64");
    h.signature ??= `keyId="${keyId}",algorithm="rsa-sha256",headers="${names.join(" ")}",signature="${signature}"`;
  }
  const { request } = target.protocol === "https:" ? https : http;
  return await new Promise((resolve, reject) => {
    const req = request(target, { method, headers: h, agent: false }, (res) => {
      const parts = [];
      res.on("data", (d) => parts.push(d));
      res.on("error", reject);
      res.on("end", () => resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts).toString() }));
    });
    req.on("error", reject);
    req.setTimeout(20000, () => req.destroy(new Error("no answer within 20 s")));
    req.end(payload);
  });
}
