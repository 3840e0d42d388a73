package bridge

import (
	"fmt"

	"isthmus/db"
	"isthmus/mapping"
)

// What readers are told.

const textHome = "Home: everything you follow"

// textReader is for who follows somebody without a blog on the Fediverse.
func textReader(blog *db.Blog, addr mapping.Addresses) string {
	return "To follow somebody on the Fediverse you need a name there, so I made one for you: @" + addr.Acct(blog.Handle) + ". It says nothing about you but that name, " +
		"and directories and search engines are asked to leave it out. Nothing of your blog goes out. " +
		"Whom you follow is told to them, and what you comment or like below their posts is public under that name. " +
		"“following” lists whom you follow, “stop” ends all of it, “start” would let others follow your blog."
}

func textRefused(handle string, was bool) string {
	if was {
		return "You do not follow @" + handle + " any more: they ended it."
	}
	return "@" + handle + " did not accept that you follow them."
}

func textGone(handle, why string) string {
	return fmt.Sprintf("You do not follow @%s any more: %s What you read of it before stays in your client.", handle, why)
}

func textMoved(from, to, jid string) string {
	return fmt.Sprintf("@%s moved to @%s. You follow the new account from now on: xmpp:%s", from, to, jid)
}

const textBusyTasks = "There is enough running already. “cancel” ends it."

// textTask is how far a task is.
func textTask(t db.Task) string {
	s := fmt.Sprintf("%s: %d of %d", t.Kind, t.Done+t.Failed, t.Total)
	if t.Failed > 0 {
		s += fmt.Sprintf(" (not possible: %d)", t.Failed)
	}
	return s
}

// textTaskEnd is what came of it.
func textTaskEnd(t db.Task) string {
	if t.Kind == taskBackfill {
		if t.Done < t.Total {
			return fmt.Sprintf("backfill: done, %d older posts; there are no more.", t.Done)
		}
		return fmt.Sprintf("backfill: done, %d older posts.", t.Done)
	}
	s := fmt.Sprintf("import: done, you asked to follow %d of %d.", t.Done, t.Total)
	if t.Failed > 0 {
		s += fmt.Sprintf(" Not found or not possible: %d; “find” tells why.", t.Failed)
	}
	return s
}
