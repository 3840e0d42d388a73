// The scenario's strings: a small JSON API on 127.0.0.1, never on the host the
// Fediverse sees. Every call answers {ok: …} or {error: "…"}.
import http from "node:http";
import * as deeds from "./deeds.mjs";
import { documents } from "./documents.mjs";
import * as faults from "./faults.mjs";
import * as fed from "./federation.mjs";
import * as journal from "./journal.mjs";
import * as posting from "./posting.mjs";
import * as raw from "./raw.mjs";

const calls = {
  /** {user, follower, accept}: answers by hand who asked to follow a person who decides (`manual`). */
  async decide(ctx, { user, follower, accept }) {
    await fed.decide(ctx, user, follower, accept);
  },
  /** {user, target}: tells followers that the profile changed, or that the account moved to `target`. */
  async change(ctx, { user, target }) {
    return await fed.announceChange(ctx, user, target);
  },
  fill: posting.fill,
  /** {user, what}: what the handle or URL is, read as a Fediverse server reads it. */
  async lookup(ctx, { user = "instance", what }) {
    const found = await fed.lookup(ctx, user, what);
    return found && { type: found.constructor.name, json: await found.toJsonLd({ contextLoader: ctx.contextLoader }) };
  },
  /** {user, url}: the document as it is, fetched with a signed GET. */
  async get(ctx, { user = "instance", url }) {
    const load = await ctx.getDocumentLoader({ identifier: user });
    return (await load(url)).document;
  },
  async follow(ctx, { user, what }) {
    return await fed.follow(ctx, user, what);
  },
  async unfollow(ctx, { user, what }) {
    return await fed.unfollow(ctx, user, what);
  },
  // What these take is written where they are: posting.mjs and deeds.mjs.
  write: posting.write,
  edit: posting.edit,
  remove: posting.remove,
  like: deeds.like,
  react: deeds.react,
  boost: deeds.boost,
  quote: deeds.quote,
  undo: deeds.undo,
  again: deeds.again,
  /** {user, to, activity}: anything, properly signed by Fedify. */
  async send(ctx, { user, to, activity }) {
    return await fed.sendActivity(ctx, user, to, activity);
  },
  /** {user, …}: see raw.mjs; anything, signed by hand or not at all. */
  async raw(ctx, { user = "instance", keyId, ...request }) {
    keyId ??= ctx.getActorUri(user).href + "#main-key";
    return await raw.send({ keyId, privateKey: await fed.privateKey(user), ...request });
  },
  /** {user, manual, gone, displayName, summary, icon, header, aliases, movedTo}: changes a person, and tells about them. */
  async person(ctx, { user, ...change }) {
    const who = Object.assign(fed.person(user), change);
    return {
      id: ctx.getActorUri(user).href,
      inbox: ctx.getInboxUri(user).href,
      sharedInbox: ctx.getInboxUri().href,
      followers: [...who.followers.keys()],
      following: [...who.following.values()].filter((f) => f.accepted).map((f) => f.actor.id.href),
    };
  },
  async fault(_ctx, fault) {
    faults.add(fault);
  },
  async heal() {
    faults.clear();
  },
  /** {path, status, type, body | base64}: serves a document of the scenario's own making. */
  async document(ctx, { path, status = 200, type = "application/activity+json", body, base64 }) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    documents.set(path, { status, type, body: base64 ? Buffer.from(base64, "base64") : text });
    return new URL(path, ctx.origin).href;
  },
};

/** Listens on 127.0.0.1 and returns the port. */
export async function listen(context) {
  const server = http.createServer(async (req, res) => {
    const answer = (status, body) => {
      res.writeHead(status, { "content-type": "application/json" });
      res.end(JSON.stringify(body));
    };
    try {
      const url = new URL(req.url, "http://control");
      const name = url.pathname.replace(/^\/control\//, "");
      if (req.method === "GET" && name === "log") {
        const [n, ms] = ["since", "wait"].map((k) => Number(url.searchParams.get(k) ?? 0));
        return answer(200, { ok: await journal.since(n, ms) });
      }
      if (req.method !== "POST" || !Object.hasOwn(calls, name)) return answer(404, { error: `no such call: ${name}` });
      const parts = [];
      for await (const part of req) parts.push(part);
      const args = parts.length ? JSON.parse(Buffer.concat(parts)) : {};
      answer(200, { ok: (await calls[name](context(), args)) ?? null });
    } catch (e) {
      answer(500, { error: String(e?.stack ?? e) });
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server.address().port;
}
