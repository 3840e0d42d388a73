package activitypub

import (
	"container/list"
	"sync"
	"time"
)

// fileCache keeps files in memory, so many bytes of them; who was not asked for
// longest gives way.
type fileCache struct {
	max int64

	mu    sync.Mutex
	hits  int64
	all   int64
	size  int64
	order *list.List // of *cached, the last used first
	known map[string]*list.Element
}

type cached struct {
	address string
	file    file
}

func newFileCache(max int64) *fileCache {
	return &fileCache{max: max, order: list.New(), known: make(map[string]*list.Element)}
}

func (c *fileCache) get(address string, now time.Time) (file, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all++
	e := c.known[address]
	if e == nil {
		return file{}, false
	}
	it := e.Value.(*cached)
	if now.Sub(it.file.at) > proxyKeep {
		c.remove(e)
		return file{}, false
	}
	c.order.MoveToFront(e)
	c.hits++
	return it.file, true
}

// put keeps a file, unless it is so large that it would drive out many others.
func (c *fileCache) put(address string, f file) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if int64(len(f.data)) > c.max/4 {
		return
	}
	if e := c.known[address]; e != nil {
		c.remove(e)
	}
	c.known[address] = c.order.PushFront(&cached{address, f})
	for c.size += int64(len(f.data)); c.size > c.max; {
		c.remove(c.order.Back())
	}
}

func (c *fileCache) remove(e *list.Element) {
	it := e.Value.(*cached)
	c.order.Remove(e)
	delete(c.known, it.address)
	c.size -= int64(len(it.file.data))
}
