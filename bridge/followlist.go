package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Lists of follows go in and out as Mastodon's CSV, pasted or as a file.

// Bounds of a list: of a file that is fetched, and of one message that is sent.
const (
	maxListBytes   = 1 << 20
	maxListMessage = 6000 // bytes; longer lists come in several messages
)

// cmdExport answers with whom somebody follows.
func (b *Bridge) cmdExport(ctx context.Context, a asking) (answer, error) {
	if strings.EqualFold(a.word(0), "all") {
		return b.exportAll(ctx, a)
	}
	none := answer{Text: b.say(ctx, "follow.none"), Next: []string{"find", "import"}}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if err != nil || blog.State == db.Gone {
		return none, ignoreNotFound(err)
	}
	var handles []string
	for after := ""; ; {
		rows, err := b.db.FollowingOf(ctx, blog.ID, after, tellChunk)
		if err != nil {
			return answer{}, err
		}
		for _, f := range rows {
			after = f.Actor
			if r, err := b.db.Remote(ctx, f.Actor); err == nil && r.Handle != "" {
				handles = append(handles, r.Handle)
			}
		}
		if len(rows) < tellChunk {
			break
		}
	}
	if len(handles) == 0 {
		return none, nil
	}
	slices.Sort(handles)
	messages := inParts(mapping.WriteFollows(handles), maxListMessage)
	for _, m := range messages[:len(messages)-1] {
		b.tell(a.From, m)
	}
	return answer{Text: messages[len(messages)-1]}, nil
}

// inParts cuts a text between lines so that each part is at most so many bytes.
func inParts(text string, size int) (parts []string) {
	var s strings.Builder
	for line := range strings.Lines(text) {
		if s.Len() > 0 && s.Len()+len(line) > size {
			parts = append(parts, strings.TrimRight(s.String(), "\n"))
			s.Reset()
		}
		s.WriteString(line)
	}
	return append(parts, strings.TrimRight(s.String(), "\n"))
}

// cmdImport follows everybody on a list: what is pasted behind the word, or what is
// at the address that is given, such as that of a file just uploaded (XEP-0363).
func (b *Bridge) cmdImport(ctx context.Context, a asking) (answer, error) {
	text := strings.Join(a.Words, "\n")
	if a.Rest != "" {
		text = a.Rest
	}
	if link := strings.TrimSpace(text); strings.HasPrefix(link, "https://") && len(strings.Fields(link)) == 1 {
		_, data, err := b.client.File(ctx, link, maxListBytes, isList)
		if err != nil {
			b.logger(ctx).Info("list of follows not read", "link", link, "why", err)
			return answer{Text: b.say(ctx, "task.list.unread")}, nil
		}
		text = string(data)
	}
	handles, skipped, err := mapping.ReadFollows([]byte(text))
	if errors.Is(err, mapping.ErrNoFollows) {
		return answer{Text: b.say(ctx, "task.list.how")}, nil
	}
	if err != nil {
		return answer{Text: b.say(ctx, "task.list.broken", "why", err)}, nil
	}
	blog, err := b.readerActor(ctx, a.From)
	if err != nil {
		return inWords(err)
	}
	args, _ := json.Marshal(importArgs{handles})
	t, err := b.beginTask(ctx, db.Task{BlogID: blog.ID, Kind: taskImport, Args: string(args), Total: int64(len(handles))})
	if errors.Is(err, errBusyTasks) {
		return answer{Text: b.say(ctx, "task.busy"), Next: []string{"cancel", "following"}}, nil
	}
	said := b.say(ctx, "task.import.begun", "number", t.Total)
	if skipped > 0 {
		said += " " + b.say(ctx, "task.import.skipped", "number", skipped)
	}
	return answer{Text: said}, err
}

// isList knows what a list may come as.
func isList(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "text/csv" || t == "text/plain" || t == "application/octet-stream" || t == "application/vnd.ms-excel")
}

type importArgs struct{ Handles []string }

// importStep follows the next one of a list.
func (b *Bridge) importStep(ctx context.Context, t db.Task) (done, failed int64, ended bool, err error) {
	var args importArgs
	if err := json.Unmarshal([]byte(t.Args), &args); err != nil {
		return 0, 0, false, err
	}
	at := t.Done + t.Failed
	if at >= int64(len(args.Handles)) {
		return t.Done, t.Failed, true, nil
	}
	blog, err := b.db.BlogByID(ctx, t.BlogID)
	if err != nil {
		return 0, 0, false, err
	}
	handle, who := args.Handles[at], mustJID(blog.JID)
	user, host, _ := cutHandle(handle)
	acc, err := b.accountAt(ctx, b.bare(), b.addr.RemoteJID(user, host)) // not of what they may look up by themselves
	if err == nil {
		_, err = b.follow(ctx, who, acc, ways{node: true})
	}
	if ctx.Err() != nil {
		return 0, 0, false, ctx.Err()
	}
	if err != nil {
		b.logger(ctx).Info("not followed", "handle", handle, "why", err)
		return t.Done, t.Failed + 1, at+1 >= int64(len(args.Handles)), nil
	}
	return t.Done + 1, t.Failed, at+1 >= int64(len(args.Handles)), nil
}
