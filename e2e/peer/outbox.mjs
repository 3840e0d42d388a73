// What people here have published, as others read it: outboxes, the newest first,
// in pages, and the replies of each object.
import { documents } from "./documents.mjs";
import { federation, person } from "./federation.mjs";

const pageSize = 20;

/** user → [(ctx) => Activity or null], the oldest first */
const outboxes = new Map();

/** Puts an activity into somebody's outbox; `make` gives it as it is by then, null when it is gone. */
export function list(user, make) {
  if (!outboxes.has(user)) outboxes.set(user, []);
  outboxes.get(user).push(make);
}

federation
  .setOutboxDispatcher("/users/{identifier}/outbox", async (ctx, user, cursor) => {
    if (!person(user)) return null;
    const all = (outboxes.get(user) ?? []).toReversed();
    const at = Number(cursor ?? 0);
    const items = await Promise.all(all.slice(at, at + pageSize).map((make) => make(ctx)));
    return {
      items: items.filter((i) => i !== null),
      nextCursor: at + pageSize < all.length ? String(at + pageSize) : null,
    };
  })
  .setCounter((_ctx, user) => (outboxes.get(user) ?? []).length)
  .setFirstCursor(() => "0");

/** id of an object → ids of what answers it */
const replies = new Map();

/** Serves the collection of what answers an object of ours, with one more. */
export function answered(object, reply) {
  if (!replies.has(object)) replies.set(object, []);
  if (reply) replies.get(object).push(reply);
  const id = `${object}/replies`;
  documents.set(new URL(id).pathname, {
    status: 200,
    type: "application/activity+json",
    body: JSON.stringify({
      "@context": "https://www.w3.org/ns/activitystreams",
      id,
      type: "Collection",
      totalItems: replies.get(object).length,
      first: { id: `${id}?page=1`, type: "CollectionPage", partOf: id, items: replies.get(object) },
    }),
  });
}
