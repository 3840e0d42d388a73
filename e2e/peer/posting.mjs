// What people here write: objects that are served by id as the last edit left
// them, and as a Tombstone once they are deleted. What they do about objects, and
// how activities travel, is in deeds.mjs.
import crypto from "node:crypto";
import * as vocab from "@fedify/vocab";
import { documents } from "./documents.mjs";
import { federation, lookup } from "./federation.mjs";
import { publish } from "./deeds.mjs";
import * as outbox from "./outbox.mjs";

const kinds = ["Note", "Article", "Page", "Question", "Event", "Image", "Audio", "Video"];
const publicId = "https://www.w3.org/ns/activitystreams#Public";
const context = [
  "https://www.w3.org/ns/activitystreams",
  "https://w3id.org/security/v1",
  { Hashtag: "as:Hashtag", sensitive: "as:sensitive", quoteUrl: "as:quoteUrl", toot: "http://joinmastodon.org/ns#", Emoji: "toot:Emoji" },
];

/** id → {user, json, to: recipients of its Create}; what was deleted is kept. */
const objects = new Map();

for (const kind of kinds) {
  federation.setObjectDispatcher(vocab[kind], `/${kind.toLowerCase()}s/{id}`, async (ctx, { id }) => {
    const known = objects.get(ctx.getObjectUri(vocab[kind], { id }).href);
    return known ? await read(ctx, known.json) : null;
  });
}

const read = (ctx, json) => vocab.Object.fromJsonLd(json, { documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader });

const html = (s) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** An actor as others are told of it: {actor, href, handle, page}. */
async function whoIs(ctx, user, what) {
  const actor = await lookup(ctx, user, what);
  if (!vocab.isActor(actor)) throw new Error(`${what} is not an actor`);
  const handle = `@${actor.preferredUsername}@${actor.id.host}`;
  return { actor, href: actor.id.href, handle, page: (actor.url?.href ?? actor.url ?? actor.id.href).toString() };
}

/** Who wrote an object; undefined when it cannot be had (any more). */
async function authorOf(ctx, user, object) {
  const found = objects.get(object)?.json.attributedTo ?? (await lookup(ctx, user, object))?.attributionId?.href;
  return found && await whoIs(ctx, user, found);
}

/** to and cc as Mastodon writes them. */
function audience(visibility, followers, mentioned) {
  switch (visibility) {
    case "public": return { to: [publicId], cc: [followers, ...mentioned] };
    case "unlisted": return { to: [followers], cc: [publicId, ...mentioned] };
    case "followers": return { to: [followers], cc: mentioned };
    case "direct": return { to: mentioned, cc: [] };
  }
  throw new Error(`no such visibility: ${visibility}`);
}

/**
 * `user` writes something and sends it to whom it concerns: the author of what is
 * answered, who is mentioned, followers (unless it is direct), and `to`.
 *
 * {user, text | html, kind, inReplyTo, mentions: [handle or URL], nobody: true for
 * a reply that mentions nobody, visibility, more: {…} further members}; for
 * {via, times, held} see deeds.mjs. Answers {id, activity}.
 */
export async function write(ctx, { user, text = "", html: body, kind = "Note", inReplyTo, mentions = [], nobody, visibility = "public", more = {}, to = [], ...how }) {
  const parent = inReplyTo && await authorOf(ctx, user, inReplyTo).catch(() => undefined);
  const named = await Promise.all(mentions.map((m) => whoIs(ctx, user, m)));
  if (parent && !nobody && !named.some((m) => m.href === parent.href)) named.unshift(parent);
  const id = ctx.getObjectUri(vocab[kind], { id: crypto.randomUUID() }).href;
  const links = named.map((m) => `<span class="h-card"><a href="${html(m.page)}" class="u-url mention">@<span>${html(m.handle.split("@")[1])}</span></a></span> `);
  const json = {
    "@context": context,
    id,
    type: kind,
    attributedTo: ctx.getActorUri(user).href,
    content: body ?? `<p>${links.join("")}${html(text)}</p>`,
    published: new Date().toISOString(),
    url: new URL(`/@${user}/${id.split("/").pop()}`, ctx.origin).href,
    replies: `${id}/replies`,
    ...(inReplyTo && { inReplyTo }),
    ...audience(visibility, ctx.getFollowersUri(user).href, named.map((m) => m.href)),
    tag: named.map((m) => ({ type: "Mention", href: m.href, name: m.handle })),
    ...more,
  };
  const recipients = [...named.map((m) => m.actor), ...(parent ? [parent.actor] : [])];
  for (const one of to) recipients.push((await whoIs(ctx, user, one)).actor);
  objects.set(id, { user, json, to: recipients });
  outbox.answered(id);
  if (objects.has(inReplyTo)) outbox.answered(inReplyTo, id);
  if (visibility === "public" || visibility === "unlisted") outbox.list(user, (ctx) => created(ctx, id));
  const create = new vocab.Create({
    id: new URL(id + "/activity"),
    actor: ctx.getActorUri(user),
    object: await read(ctx, json),
    ...tos(json),
  });
  return { id, activity: await publish(ctx, user, create, recipients, { followers: visibility !== "direct", ...how }) };
}

/** The Create of an object as it is now, null when it was deleted. */
async function created(ctx, id) {
  const known = objects.get(id);
  if (documents.get(new URL(id).pathname)?.status === 410) return null;
  return new vocab.Create({ id: new URL(id + "/activity"), actor: ctx.getActorUri(known.user), object: await read(ctx, known.json), ...tos(known.json) });
}

/**
 * {user, count, text}: that many old public posts, a minute apart, without telling
 * anybody. They are called "text 1" to "text COUNT", the oldest first. Of the
 * newest, one has a picture, one a warning, one is a poll.
 */
export async function fill(ctx, { user, count, text = "post" }) {
  const now = Date.now();
  const special = new Map([
    [count, { attachment: [{ type: "Document", mediaType: "image/png", url: new URL("/media/bee.png", ctx.origin).href, name: "a bee" }] }],
    [count - 1, { sensitive: true, summary: "spiders" }],
    [count - 2, { oneOf: [{ type: "Note", name: "Tea", replies: { type: "Collection", totalItems: 2 } }, { type: "Note", name: "Coffee", replies: { type: "Collection", totalItems: 1 } }], votersCount: 3 }],
  ]);
  for (let i = 1; i <= count; i++) {
    const more = special.get(i) ?? {};
    const kind = more.oneOf ? "Question" : "Note";
    const id = ctx.getObjectUri(vocab[kind], { id: crypto.randomUUID() }).href;
    const json = {
      "@context": context,
      id,
      type: kind,
      attributedTo: ctx.getActorUri(user).href,
      content: `<p>${html(text)} ${i}</p>`,
      published: new Date(now - (count - i + 1) * 60_000).toISOString(),
      url: new URL(`/@${user}/${id.split("/").pop()}`, ctx.origin).href,
      replies: `${id}/replies`,
      ...audience("public", ctx.getFollowersUri(user).href, []),
      ...more,
    };
    objects.set(id, { user, json, to: [] });
    outbox.list(user, (ctx) => created(ctx, id));
  }
}

const tos = (json) => ({ tos: json.to.map((u) => new URL(u)), ccs: json.cc.map((u) => new URL(u)) });

function own(user, id) {
  const known = objects.get(id);
  if (known?.user !== user) throw new Error(`${user} did not write ${id}`);
  return known;
}

/** {user, id, text | html, more}: changes it and sends an Update. */
export async function edit(ctx, { user, id, text = "", html: body, more = {}, ...how }) {
  const known = own(user, id);
  // An edit is told from a repeat by a later date, in whole seconds to some.
  const last = Date.parse(known.json.updated ?? known.json.published);
  const updated = new Date(Math.max(Date.now(), last + 1000)).toISOString();
  known.json = { ...known.json, content: body ?? `<p>${html(text)}</p>`, updated, ...more };
  const update = new vocab.Update({
    id: new URL(`${id}#update-${crypto.randomUUID()}`),
    actor: ctx.getActorUri(user),
    object: await read(ctx, known.json),
    ...tos(known.json),
  });
  return await publish(ctx, user, update, known.to, { followers: true, ...how });
}

/** {user, id}: deletes it and sends a Delete; from now on its id answers 410. */
export async function remove(ctx, { user, id, ...how }) {
  const known = own(user, id);
  documents.set(new URL(id).pathname, {
    status: 410,
    type: "application/activity+json",
    body: JSON.stringify({ "@context": context[0], id, type: "Tombstone", formerType: known.json.type }),
  });
  const gone = new vocab.Delete({
    id: new URL(`${id}#delete`),
    actor: ctx.getActorUri(user),
    object: new vocab.Tombstone({ id: new URL(id) }),
    tos: [vocab.PUBLIC_COLLECTION],
  });
  return await publish(ctx, user, gone, known.to, { followers: true, ...how });
}

/** The actor to tell of something done to an object of this or another server. */
export async function concerned(ctx, user, object) {
  return (await authorOf(ctx, user, object))?.actor;
}
