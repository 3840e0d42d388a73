// Signatures judged by others than us: Fedify, and Misskey's library. Reads one JSON
// object from standard input and writes one to standard output.
//
// in:  { requests: [{ name, method, url, headers, body }], key: PEM,
//        documents: { URL: JSON }, proofs: [JSON], make: { url, body, keyId, actor, private: PEM } }
// out: { verdicts: { name: { fedify, misskey } }, proofs: [bool],
//        made: [{ spec, headers }], proof: JSON, proofKey: PEM }
import crypto from "node:crypto";
import { signObject, signRequest, verifyObject, verifyRequest } from "@fedify/fedify/sig";
import { Activity, Create, Note } from "@fedify/vocab";
import { getDocumentLoader } from "@fedify/vocab-runtime";
import { RFC9421SignatureBaseFactory, parseRequestSignature, verifyDigestHeader, verifyDraftSignature } from "@misskey-dev/node-http-message-signatures";

const input = JSON.parse(await new Response(process.stdin).text());
const contextLoader = getDocumentLoader();
const documentLoader = async (url) => {
  const document = input.documents[url] ?? input.documents[url.split("#")[0]];
  if (document === undefined) return await contextLoader(url);
  return { contextUrl: null, documentUrl: url.split("#")[0], document };
};
const options = { documentLoader, contextLoader };

async function byFedify({ method, url, headers, body }) {
  const request = new Request(url, { method, headers, body: method === "GET" ? undefined : body });
  return (await verifyRequest(request, options)) !== null;
}

async function byMisskey({ method, url, headers, body }) {
  const u = new URL(url);
  const lower = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
  const request = { method, url: u.pathname + u.search, headers: { ...lower, host: u.host } };
  if (method !== "GET" && !(await verifyDigestHeader(request, Buffer.from(body), true))) return false;
  if (lower["signature-input"] === undefined) {
    const parsed = parseRequestSignature(request);
    return await verifyDraftSignature(parsed.value, input.key);
  }
  // The library makes the base of RFC 9421 and leaves verifying to its caller.
  const [label] = Object.keys(Object.fromEntries([lower["signature-input"].split("=", 1).concat("")]));
  const base = new RFC9421SignatureBaseFactory(request, "https").generate(label);
  const value = Buffer.from(lower.signature.slice(label.length + 2, -1), "base64");
  return crypto.verify("sha256", Buffer.from(base), input.key, value);
}

const verdicts = {};
for (const r of input.requests) {
  verdicts[r.name] = { fedify: await byFedify(r), misskey: await byMisskey(r) };
}

const proofs = [];
for (const json of input.proofs) {
  proofs.push((await verifyObject(Activity, json, options)) !== null);
}

// What they make, for us to judge.
const { url, body, keyId, actor } = input.make;
const pkcs8 = crypto.createPrivateKey(input.make.private).export({ type: "pkcs8", format: "der" });
const rsa = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["sign"]);
const made = [];
for (const spec of ["draft-cavage-http-signatures-12", "rfc9421"]) {
  const request = new Request(url, { method: "POST", body, headers: { "content-type": "application/activity+json" } });
  const signed = await signRequest(request, rsa, new URL(keyId), { spec });
  made.push({ spec, headers: Object.fromEntries(signed.headers) });
}
const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
const create = new Create({
  id: new URL(`${actor}/activities/1`), actor: new URL(actor),
  object: new Note({ id: new URL(`${actor}/notes/1`), attribution: new URL(actor), content: "<p>Grüße — “so” ☃</p>" }),
});
const signed = await signObject(create, pair.privateKey, new URL(`${actor}#ed25519-key`), options);
const proofKey = crypto.KeyObject.from(pair.publicKey).export({ type: "spki", format: "pem" });
process.stdout.write(JSON.stringify({ verdicts, proofs, made, proof: await signed.toJsonLd(options), proofKey }));
