package main

import (
	"fmt"
	"net/http"
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// faulty is a fan-out of which three servers in a hundred fail and two hang for ten seconds.
func faulty(b *bench) {
	b.part("Servers that fail", func(s *stage, ground *world.Ground) {
		hosts, per := 1000, 5
		if b.quick {
			hosts = 200
		}
		l := newLoad(s, ground, xmppserver.Prosody, "\n")
		l.Gateway.Rewrite(`retry_first = "1s"`, `retry_first = "1h"`) // what fails is not tried again meanwhile
		l.Gateway.Rewrite(`retry_max = "1s"`, `retry_max = "1h"`)
		l.Gateway.Start()
		var well, ill []*world.Person
		for range b.runs {
			well, ill = append(well, l.blogger("well")), append(ill, l.blogger("ill"))
		}
		l.Gateway.Stop()
		for i := range b.runs {
			l.follow(well[i], audience{first: 2 * i * hosts, hosts: hosts, per: per})
			l.follow(ill[i], audience{first: (2*i + 1) * hosts, hosts: hosts, per: per})
		}
		l.Gateway.Start()
		rate := b.ratio(8, "deliveries a second to servers that work, 3 % fail and 2 % hang", "all work", 0.9)
		whole := b.most(8, "wall time until all that work have it", "all work", 1.2)
		cost := b.most(0, "processor time for each delivery", "all work", 0)
		for i := range b.runs {
			l.ask(http.MethodPut, faults{})
			good, _ := l.post(well[i], hosts*per, fmt.Sprintf("well %d", i))
			f := faults{Failing: 30, Slow: 20, Delay: 10 * time.Second}
			l.ask(http.MethodPut, f)
			healthy := 0
			for h := range hosts {
				if fate(hostName((2*i+1)*hosts+h)) >= f.Failing+f.Slow {
					healthy += per
				}
			}
			bad := l.among(ill[i], healthy, fmt.Sprintf("ill %d", i))
			rate.add(float64(bad.Ops)/bad.Wall.Seconds(), float64(good.Ops)/good.Wall.Seconds())
			whole.add(bad.Wall.Seconds(), good.Wall.Seconds())
			cost.add(bad.CPU.Seconds()/float64(bad.Ops), good.CPU.Seconds()/float64(good.Ops))
		}
	})
}

// among is post to n inboxes that work, besides others that do not.
func (l *load) among(p *world.Person, n int, text string) sample {
	l.ask(http.MethodDelete, nil)
	begun := time.Now()
	var wall time.Duration
	s := l.cost(l.Gateway.Process(), n, func() {
		p.Publishes(text)
		t := l.arrived(n)
		wall = time.Unix(0, t.Last).Sub(begun)
	})
	s.Wall = wall
	return s
}
