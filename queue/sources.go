package queue

// kind is why something is sent; each has its own share of the workers.
type kind int

const (
	urgent kind = iota
	retry
	fan
	kinds
)

// task is one inbox of one delivery.
type task struct {
	kind    kind
	row     Retry   // ID 0 for a fan-out's target, unless it was spilled to the store
	fan     *fanout // nil for a retry
	host    *host
	hash    uint64 // of a fan-out's target, see ahead
	settled bool   // of a fan-out's: done, or there is a row for it
	spilled bool   // there is a row, and it is still in flight
	over    bool   // the outcome is known
	probe   bool
	started int64
}

func (t *task) place() Place { return Place{t.row.Delivery, t.row.Target} }

// group is the targets of one source on one host, in order.
type group struct {
	src   *source
	host  *host
	tasks []*task
}

// source is where tasks come from: a fan-out, or the retries. Its groups are
// ready, or wait at their host for an attempt to end.
type source struct {
	kind   kind
	fan    *fanout
	groups map[*host]*group
	ready  []*group
}

func newSource(k kind) source { return source{kind: k, groups: make(map[*host]*group)} }

// add appends a task to its host's group.
func (s *source) add(t *task) {
	g := s.groups[t.host]
	if g == nil {
		g = &group{src: s, host: t.host}
		s.groups[t.host] = g
		t.host.groups++
		s.ready = append(s.ready, g)
	}
	g.tasks = append(g.tasks, t)
}

// pop takes the next ready group.
func (s *source) pop() *group {
	if len(s.ready) == 0 {
		return nil
	}
	g := s.ready[0]
	s.ready[0] = nil
	s.ready = s.ready[1:]
	return g
}

// take removes the group's first task.
func (g *group) take() *task {
	t := g.tasks[0]
	g.tasks[0] = nil
	g.tasks = g.tasks[1:]
	return t
}

// drop forgets an empty group.
func (g *group) drop() {
	delete(g.src.groups, g.host)
	g.host.groups--
}

// line lets fan-outs take turns: first the blogs, then each blog's fan-outs.
type line struct {
	blogs []*blogLine
	byID  map[int64]*blogLine
}

type blogLine struct {
	id   int64
	fans []*fanout
}

// add puts a fan-out at the end of its blog's turns, unless it is in the line.
func (l *line) add(f *fanout) {
	if f.inLine {
		return
	}
	f.inLine = true
	if l.byID == nil {
		l.byID = make(map[int64]*blogLine)
	}
	b := l.byID[f.Blog]
	if b == nil {
		b = &blogLine{id: f.Blog}
		l.byID[f.Blog] = b
		l.blogs = append(l.blogs, b)
	}
	b.fans = append(b.fans, f)
}

// next takes the fan-out whose turn it is, nil when there is none.
func (l *line) next() *fanout {
	if len(l.blogs) == 0 {
		return nil
	}
	b := l.blogs[0]
	l.blogs[0] = nil
	l.blogs = l.blogs[1:]
	f := b.fans[0]
	b.fans[0] = nil
	b.fans = b.fans[1:]
	f.inLine = false
	if len(b.fans) > 0 {
		l.blogs = append(l.blogs, b)
	} else {
		delete(l.byID, b.id)
	}
	return f
}
