// The Fediverse server itself: Fedify does WebFinger, actors, keys, signatures
// both ways and JSON-LD; this file decides who exists and what happens.
import { AsyncLocalStorage } from "node:async_hooks";
import crypto from "node:crypto";
import { createFederation, MemoryKvStore } from "@fedify/fedify";
import { Accept, Activity, Endpoints, Follow, Image, Move, Person, PUBLIC_COLLECTION, Reject, Tombstone, Undo, Update, isActor } from "@fedify/vocab";

/** The journal entry of the request that is being answered. */
export const current = new AsyncLocalStorage();

const people = new Map();
const legal = /^[a-z][a-z0-9_.-]{0,60}$/;

/** The person of this name; everybody exists on demand, but for nobody… */
export function person(name) {
  if (!legal.test(name) || name.startsWith("nobody")) return undefined;
  if (!people.has(name)) {
    people.set(name, { name, manual: false, gone: false, followers: new Map(), following: new Map() });
  }
  return people.get(name);
}

async function keys(who) {
  who.keys ??= Promise.all([
    crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
      true,
      ["sign", "verify"],
    ),
    crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]),
  ]);
  return await who.keys;
}

/** The RSA key for requests made by hand. */
export async function privateKey(name) {
  return crypto.KeyObject.from((await keys(person(name)))[0].privateKey);
}

export const federation = createFederation({
  kv: new MemoryKvStore(),
  allowPrivateAddress: true, // the lab is on loopback
  circuitBreaker: false, // a scenario's next request must go out
});

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    const who = person(identifier);
    if (!who) return null;
    const id = ctx.getActorUri(identifier);
    if (who.gone) return new Tombstone({ id });
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id,
      preferredUsername: identifier,
      name: who.displayName ?? identifier,
      summary: who.summary,
      icon: who.icon && new Image({ url: new URL(who.icon), mediaType: "image/png" }),
      image: who.header && new Image({ url: new URL(who.header), mediaType: "image/png" }),
      aliases: (who.aliases ?? []).map((a) => new URL(a)),
      successorId: who.movedTo && new URL(who.movedTo),
      url: new URL(`/@${identifier}`, ctx.origin),
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      following: ctx.getFollowingUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      manuallyApprovesFollowers: who.manual,
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((p) => p.multikey),
    });
  })
  .setKeyPairsDispatcher(async (_ctx, identifier) => {
    const who = person(identifier);
    return who ? await keys(who) : [];
  });

federation
  .setFollowersDispatcher("/users/{identifier}/followers", (_ctx, id) => ({ items: [...(person(id)?.followers.values() ?? [])] }))
  .setCounter((_ctx, id) => person(id)?.followers.size ?? 0);
federation.setFollowingDispatcher("/users/{identifier}/following", (_ctx, id) => ({
  items: [...(person(id)?.following.values() ?? [])].filter((f) => f.accepted).map((f) => f.actor),
}));

// Fedify believes an embedded object of another origin only after fetching it,
// so the Follow inside an Accept has to be there.
federation.setObjectDispatcher(Follow, "/follows/{follow}", (ctx, { follow }) => {
  const id = ctx.getObjectUri(Follow, { follow }).href;
  for (const who of people.values()) if (who.following.has(id)) return who.following.get(id).activity;
  return null;
});

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .setSharedKeyDispatcher(() => ({ identifier: "instance" }))
  .withIdempotency(() => null) // a second delivery is a fact the scenario wants to see
  .on(Activity, async (ctx, activity) => {
    const entry = current.getStore();
    if (entry) entry.verified = true;
    if (activity instanceof Follow) await followed(ctx, activity);
    if (activity instanceof Accept || activity instanceof Reject) answered(activity);
    if (activity instanceof Undo) await undone(ctx, activity);
  })
  .onUnverifiedActivity((_ctx, _activity, reason) => {
    const entry = current.getStore();
    if (entry) entry.unverified = JSON.stringify(reason, (_, v) => (v instanceof Error ? String(v) : v));
  })
  .onError((_ctx, error) => console.error(error));

/** Somebody follows one of ours: Accept, unless told to think it over. */
async function followed(ctx, follow) {
  const parsed = ctx.parseUri(follow.objectId);
  const who = parsed?.type === "actor" ? person(parsed.identifier) : undefined;
  if (!who) return;
  const follower = await follow.getActor(ctx);
  if (!isActor(follower)) return;
  if (who.manual) {
    (who.asking ??= new Map()).set(follower.id.href, follow);
    return;
  }
  who.followers.set(follower.id.href, { id: follower.id, inboxId: follower.inboxId, endpoints: follower.endpoints });
  await ctx.sendActivity({ identifier: who.name }, follower, new Accept({
    id: new URL(`#accept-${crypto.randomUUID()}`, ctx.getActorUri(who.name)),
    actor: ctx.getActorUri(who.name),
    object: follow,
  }));
}

/** `name` answers by hand who asked to follow: with Accept, or with Reject, also later. */
export async function decide(ctx, name, follower, accept) {
  const who = person(name);
  const follow = who.asking?.get(follower);
  if (!follow) throw new Error(`${follower} did not ask to follow ${name}`);
  const actor = await follow.getActor(ctx);
  if (accept) who.followers.set(follower, { id: actor.id, inboxId: actor.inboxId, endpoints: actor.endpoints });
  else who.followers.delete(follower);
  const Answer = accept ? Accept : Reject;
  await ctx.sendActivity({ identifier: name }, actor, new Answer({
    id: new URL(`#answer-${crypto.randomUUID()}`, ctx.getActorUri(name)),
    actor: ctx.getActorUri(name),
    object: follow,
  }));
}

/** Tells `name`'s followers that the profile changed, or that the account moved to `target`. */
export async function announceChange(ctx, name, target) {
  const id = new URL(`/activities/${crypto.randomUUID()}`, ctx.origin);
  const actor = ctx.getActorUri(name);
  const activity = target
    ? new Move({ id, actor, object: actor, target: new URL(target), tos: [PUBLIC_COLLECTION] })
    : new Update({ id, actor, object: actor, tos: [PUBLIC_COLLECTION] });
  await ctx.sendActivity({ identifier: name }, [...person(name).followers.values()], activity, { preferSharedInbox: true });
  return id.href;
}

/** Somebody answers a Follow of ours; only whom we asked may answer. */
function answered(answer) {
  for (const who of people.values()) {
    const known = who.following.get(answer.objectId?.href);
    if (known && known.actor.id.href === answer.actorId?.href) known.accepted = answer instanceof Accept;
  }
}

async function undone(ctx, undo) {
  const follow = await undo.getObject(ctx);
  const parsed = follow instanceof Follow ? ctx.parseUri(follow.objectId) : undefined;
  if (parsed?.type === "actor") person(parsed.identifier)?.followers.delete(undo.actorId.href);
}

/** Finds an actor or object as `name` would: handle or URL, signed fetches. */
export async function lookup(ctx, name, what) {
  const documentLoader = await ctx.getDocumentLoader({ identifier: name });
  return await ctx.lookupObject(what, { documentLoader });
}

/** `name` follows the actor behind a handle or URL. */
export async function follow(ctx, name, what) {
  const target = await lookup(ctx, name, what);
  if (!isActor(target)) throw new Error(`${what} is not an actor`);
  const activity = new Follow({
    id: ctx.getObjectUri(Follow, { follow: crypto.randomUUID() }),
    actor: ctx.getActorUri(name),
    object: target.id,
    to: target.id,
  });
  person(name).following.set(activity.id.href, { activity, actor: target, accepted: false });
  await ctx.sendActivity({ identifier: name }, target, activity);
  return activity.id.href;
}

/** Takes a Follow back; with `accepted` false it need not have been accepted. */
export async function unfollow(ctx, name, what) {
  const target = await lookup(ctx, name, what);
  const known = [...person(name).following.values()].find((f) => f.actor.id.href === target.id.href);
  if (!known) throw new Error(`${name} does not follow ${what}`);
  person(name).following.delete(known.activity.id.href);
  const undo = new Undo({
    id: new URL(`/undos/${crypto.randomUUID()}`, ctx.origin),
    actor: ctx.getActorUri(name),
    object: known.activity,
    to: target.id,
  });
  await ctx.sendActivity({ identifier: name }, target, undo);
  return undo.id.href;
}

/** `name` sends any activity, given as JSON-LD, to the actor behind `to`. */
export async function sendActivity(ctx, name, to, json) {
  const target = await lookup(ctx, name, to);
  const id = new URL(`/activities/${crypto.randomUUID()}`, ctx.origin).href;
  const activity = await Activity.fromJsonLd(
    { "@context": "https://www.w3.org/ns/activitystreams", id, actor: ctx.getActorUri(name).href, ...json },
    { documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader },
  );
  await ctx.sendActivity({ identifier: name }, target, activity);
  return activity.id.href;
}
