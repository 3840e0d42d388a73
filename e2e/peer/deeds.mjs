// What people here do about objects (likes, reactions, boosts, asking to quote),
// and how activities travel. Each one is kept, so that a scenario can take it
// back, send it again, by another inbox, or later than those that followed it.
//
// How an activity is sent: {via: "shared" | "personal" | "both", times: how often
// to each of these, all at once, held: true to keep it for `again`}.
import crypto from "node:crypto";
import { Temporal } from "@js-temporal/polyfill";
import * as vocab from "@fedify/vocab";
import { person } from "./federation.mjs";
import { list } from "./outbox.mjs";
import { concerned } from "./posting.mjs";

/** id → {user, activity, recipients} */
const kept = new Map();

/** Keeps an activity and sends it to recipients, and to `user`'s followers if told to. Answers its id. */
export async function publish(ctx, user, activity, recipients, { followers = false, held = false, ...how } = {}) {
  const all = new Map();
  for (const r of [...recipients, ...(followers ? person(user).followers.values() : [])]) {
    if (r && r.id.origin !== ctx.origin) all.set(r.id.href, r);
  }
  kept.set(activity.id.href, { user, activity, recipients: [...all.values()] });
  if (!held) await again(ctx, { user, activity: activity.id.href, ...how });
  return activity.id.href;
}

/** {user, activity}: sends an activity that was made before. */
export async function again(ctx, { user, activity, via = "shared", times = 1 }) {
  const known = kept.get(activity);
  if (known?.user !== user) throw new Error(`${user} never did ${activity}`);
  const ways = via === "both" ? [true, false] : [via === "shared"];
  const sent = [];
  for (const preferSharedInbox of ways) {
    for (let i = 0; i < times && known.recipients.length > 0; i++) {
      sent.push(ctx.sendActivity({ identifier: user }, known.recipients, known.activity, { preferSharedInbox }));
    }
  }
  await Promise.all(sent);
  return activity;
}

const undone = new Set();

const fresh = (ctx, kind) => new URL(`/activities/${kind}-${crypto.randomUUID()}`, ctx.origin);

/** {user, object}: a plain Like, told to the author. */
export async function like(ctx, { user, object, ...how }) {
  const activity = new vocab.Like({ id: fresh(ctx, "like"), actor: ctx.getActorUri(user), object: new URL(object) });
  return await publish(ctx, user, activity, [await concerned(ctx, user, object)], how);
}

/** {user, object, content}: an emoji reaction as Pleroma sends it. */
export async function react(ctx, { user, object, content, ...how }) {
  const activity = new vocab.EmojiReact({ id: fresh(ctx, "react"), actor: ctx.getActorUri(user), object: new URL(object), content });
  return await publish(ctx, user, activity, [await concerned(ctx, user, object)], how);
}

/** {user, object}: a public Announce, told to the author and the own followers. */
export async function boost(ctx, { user, object, ...how }) {
  const author = await concerned(ctx, user, object);
  const activity = new vocab.Announce({
    id: fresh(ctx, "boost"),
    actor: ctx.getActorUri(user),
    object: new URL(object),
    tos: [vocab.PUBLIC_COLLECTION],
    ccs: [ctx.getFollowersUri(user), ...(author ? [author.id] : [])],
    published: Temporal.Now.instant(),
  });
  list(user, () => (undone.has(activity.id.href) ? null : activity));
  return await publish(ctx, user, activity, [author], { followers: true, ...how });
}

/** {user, activity}: takes back what was done, with the whole of it inside. */
export async function undo(ctx, { user, activity, ...how }) {
  const known = kept.get(activity);
  if (known?.user !== user) throw new Error(`${user} never did ${activity}`);
  undone.add(activity);
  const back = new vocab.Undo({ id: fresh(ctx, "undo"), actor: ctx.getActorUri(user), object: known.activity });
  return await publish(ctx, user, back, known.recipients, how);
}

/** {user, object, by}: asks the author of an object whether it may be quoted by one's own note (FEP-044f). */
export async function quote(ctx, { user, object, by, ...how }) {
  const activity = new vocab.QuoteRequest({
    id: fresh(ctx, "quote"),
    actor: ctx.getActorUri(user),
    object: new URL(object),
    instrument: new URL(by),
  });
  return await publish(ctx, user, activity, [await concerned(ctx, user, object)], how);
}
