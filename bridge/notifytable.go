package bridge

import (
	"slices"
	"sync"

	"isthmus/component/stanza"
)

// notifyTable knows which resources here want to be told of which nodes without
// having subscribed: what their capabilities list as +notify (XEP-0163 §4.1). It
// is forgotten when the stream drops: everybody's server probes again.
type notifyTable struct {
	mu   sync.Mutex
	want map[stanza.JID]map[string][]string // bare → resource → nodes
	seen map[stanza.JID]bool                // full: asked already
}

const (
	maxNotifyUsers     = 20_000
	maxNotifyResources = 64
)

// ask reports whether a resource has not been asked what it wants yet.
func (t *notifyTable) ask(full stanza.JID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil || len(t.seen) > maxNotifyUsers*4 {
		t.seen = make(map[stanza.JID]bool)
	}
	if t.seen[full] {
		return false
	}
	t.seen[full] = true
	return true
}

// set stores what a resource wants.
func (t *notifyTable) set(full stanza.JID, nodes []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	bare := full.Bare().Fold()
	if t.want == nil || len(t.want) > maxNotifyUsers {
		t.want = make(map[stanza.JID]map[string][]string)
	}
	if t.want[bare] == nil {
		t.want[bare] = make(map[string][]string)
	}
	if len(nodes) > 0 && len(t.want[bare]) < maxNotifyResources {
		t.want[bare][full.Resource] = nodes
	}
}

// forget is for a resource that went offline.
func (t *notifyTable) forget(full stanza.JID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	bare := full.Bare().Fold()
	delete(t.seen, full)
	delete(t.want[bare], full.Resource)
	if len(t.want[bare]) == 0 {
		delete(t.want, bare)
	}
}

func (t *notifyTable) forgetAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.want, t.seen = nil, nil
}

// wants reports whether a resource wants a node's events.
func (t *notifyTable) wants(full stanza.JID, node string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.want[full.Bare().Fold()][full.Resource], node)
}

// resources are those of a bare address that want a node's events.
func (t *notifyTable) resources(bare stanza.JID, node string) []stanza.JID {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []stanza.JID
	for resource, nodes := range t.want[bare.Bare().Fold()] {
		if slices.Contains(nodes, node) {
			out = append(out, bare.WithResource(resource))
		}
	}
	return out
}
