package main

import (
	"os"
	"path/filepath"
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// idle is a gateway that has nothing to do.
func idle(b *bench) {
	b.part("Idle", func(s *stage, ground *world.Ground) {
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Rewrite("poll = \"5s\"\n", "") // as often as it does by default
		l.Gateway.Start()
		louise := l.blogger("louise")
		fan := l.SinkFan("reader", "fan")
		fan.Follows(louise)
		louise.Publishes("and then nothing happens")
		fan.Sees("Create", "nothing happens")
		l.idle()
		share, resident, binary := b.value(14, "of one processor, with a blog and a follower", "%", 0.5), b.value(0, "resident", "MiB", 0), b.value(0, "the program", "MiB", 0)
		lasts := 20 * time.Second
		if b.quick {
			lasts = 5 * time.Second
		}
		for range b.runs {
			c := l.cost(l.Gateway.Process(), 1, func() { time.Sleep(lasts) })
			share.add(100 * c.CPU.Seconds() / c.Wall.Seconds())
			_, bytes, _ := l.Gateway.Process().Usage()
			resident.add(mib(bytes))
		}
		bin, err := ground.Bin()
		if err != nil {
			s.Fatalf("%v", err)
		}
		st, err := os.Stat(bin)
		if err != nil {
			s.Fatalf("%v", err)
		}
		binary.add(mib(st.Size()))
	})
}

// disk is how many MiB the gateway's data takes.
func (l *load) disk() float64 {
	var sum int64
	for _, name := range []string{"isthmus.db", "isthmus.db-wal"} {
		if st, err := os.Stat(filepath.Join(l.Gateway.Dir, name)); err == nil {
			sum += st.Size()
		}
	}
	return mib(sum)
}
