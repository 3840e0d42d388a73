package bridge

import (
	"sync"
	"time"
)

// punctual counts, since the start, which posts of a blog the XMPP server told of, and
// which had to be found by comparing: an ejabberd without force_node_config tells nothing.
type punctual struct {
	mu   sync.Mutex
	told map[int64]int // by blog
	late map[int64]int
}

// lateAfter is how old a post is that an event should have told of.
const lateAfter = time.Second

func (p *punctual) count(of *map[int64]int, blog int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *of == nil {
		*of = map[int64]int{}
	}
	(*of)[blog]++
}

// silent are the blogs whose posts were all found late; late is how many posts.
func (p *punctual) silent() (blogs []int64, late int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for blog, n := range p.late {
		if p.told[blog] == 0 {
			blogs, late = append(blogs, blog), late+n
		}
	}
	return blogs, late
}

// heard is how many posts were told.
func (p *punctual) heard() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, told := range p.told {
		n += told
	}
	return n
}
