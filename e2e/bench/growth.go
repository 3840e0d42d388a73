package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// growth is what the same things cost when there is more and more in the database.
func growth(b *bench) {
	b.part("Growth", func(s *stage, ground *world.Ground) {
		sizes := []int{1_000, 100_000, 1_000_000}
		if b.quick {
			sizes = []int{1_000, 10_000}
		}
		const hosts, per, likes = 64, 10, 1000
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		louise := l.blogger("louise")
		who := louise.Actor()
		inbox := l.Inbox(who)
		fan := l.SinkFan("reader", "fan")
		fan.Follows(louise)
		louise.Publishes("the first of many")
		object := fmt.Sprint(fan.Sees("Create", "the first of many").Activity["object"].(map[string]any)["id"])
		l.Gateway.Stop()
		l.follow(louise, audience{hosts: hosts, per: per})

		names := []string{"delivery, kept connections", "Like of a known actor", "GET actor", "GET post, each another one", "GET first page of the outbox", "start until it answers", "resident after the start"}
		units := []string{"ms of processor time", "ms of processor time", "ms of processor time", "ms of processor time", "ms of processor time", "ms", "MiB"}
		have, before := 0, make([]float64, len(names))
		for _, size := range sizes {
			b.note("%d posts and followers take %v to make and %.0f MiB of disk.", size, l.fill(have, size).Round(time.Millisecond), l.disk())
			have = size
			mark, begun := l.Tap.Mark(), time.Now()
			l.Gateway.Launch()
			await.True(s, time.Minute, "the gateway", func() error { return reachable(l.Gateway.Listen) })
			start := time.Since(begun)
			l.Gateway.Connected(mark)
			_, resident, _ := l.Gateway.Process().Usage()
			l.post(louise, hosts*per, fmt.Sprintf("warm %d", size))
			delivery, _ := l.post(louise, hosts*per, fmt.Sprintf("among %d", size))
			gateway := l.Gateway.Process()
			parcels := l.parcels(likes, inbox, func(i int) world.JSON {
				from := actor(0, i%per)
				return world.JSON{"id": fmt.Sprintf("%s/likes/%d-%d", from, size, i), "type": "Like", "actor": from, "object": object}
			})
			l.send(l.Gateway.Listen, 1, parcels[:per])
			waiting := l.jobs()
			like := l.cost(gateway, likes-per, func() { l.send(l.Gateway.Listen, 64, parcels[per:]); l.handled(waiting) })
			get := func(n int, url func(i int) string) sample {
				return l.cost(gateway, n, func() {
					for i := range n {
						l.get(url(i))
					}
				})
			}
			const n = 500
			step := size / n
			values := []float64{
				ms(delivery.CPU) / float64(delivery.Ops), ms(like.CPU) / float64(like.Ops),
				ms(get(n, func(int) string { return who }).CPU) / n,
				ms(get(n, func(i int) string { return l.Gateway.URL(fmt.Sprintf("/ap/post/gen%d", i*step+1)) }).CPU) / n,
				ms(get(n, func(int) string { return who + "/outbox?page=true" }).CPU) / n,
				ms(start), mib(resident),
			}
			l.Gateway.Stop()
			for i, v := range values {
				b.value(0, fmt.Sprintf("%s, with %d", names[i], size), units[i], 0).add(v)
				if size != sizes[0] && i < 5 {
					b.most(0, fmt.Sprintf("%s: cost, with %d", names[i], size), fmt.Sprintf("with %d", sizes[0]), 1.3).add(v, before[i])
				} else if i < 5 {
					before[i] = v
				}
			}
		}
	})
}

// get asks the gateway for a document as its proxy would.
func (l *load) get(url string) {
	req, err := http.NewRequest(http.MethodGet, "http://"+l.Gateway.Listen+strings.TrimPrefix(url, l.Gateway.URL("")), nil)
	if err != nil {
		l.t.Fatalf("get: %v", err)
	}
	req.Host = l.Gateway.Component
	req.Header.Set("Accept", "application/activity+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatalf("get: %v", err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	body.ReadFrom(resp.Body)
	if resp.StatusCode != http.StatusOK {
		l.t.Fatalf("%s answers %s %.200s", url, resp.Status, body.String())
	}
}

// fill makes copies of the first post, its activities and a follower, so that there are
// size of each after there were have.
func (l *load) fill(have, size int) time.Duration {
	begun := time.Now()
	d, err := sql.Open("sqlite", "file:"+filepath.Join(l.Gateway.Dir, "isthmus.db")+"?_pragma=journal_mode(wal)")
	if err != nil {
		l.t.Fatalf("fill: %v", err)
	}
	defer d.Close()
	for _, c := range []struct{ table, from, change string }{
		{"post", "id = (select min(id) from post)", "token='gen'||n.i, item='gen'||n.i, create_tok='genc'||n.i, published=published-n.i*1000, seen=0, on_node=0, object=replace(object, x.token, 'gen'||n.i)"},
		{"activity", "id = (select min(id) from activity where type = 'Create')", "token='genc'||n.i, post_id=-n.i"},
		{"follower", "id = (select max(id) from follower)", "blog_id=999999, actor='https://g'||n.i||'.load.test/users/u', own='https://g'||n.i||'.load.test/users/u/inbox', inbox='https://g'||n.i||'.load.test/inbox', host='g'||n.i||'.load.test', follow='f'||n.i"},
	} {
		if err := copies(d, c.table, c.from, c.change, have, size); err != nil {
			l.t.Fatalf("fill %s: %v", c.table, err)
		}
	}
	if _, err := d.Exec(`analyze`); err != nil {
		l.t.Fatalf("fill: %v", err)
	}
	return time.Since(begun)
}

// copies inserts copies of one row, numbered n.i, with some columns changed.
func copies(d *sql.DB, table, from, change string, have, size int) error {
	rows, err := d.Query(`select name from pragma_table_info('` + table + `')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	changed := map[string]string{}
	for _, c := range strings.Split(change, ", ") {
		if name, value, found := strings.Cut(c, "="); found {
			changed[name] = value
		} else { // a comma in a call
			changed["object"] += ", " + c
		}
	}
	var names, values []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if name == "id" {
			continue
		}
		names = append(names, name)
		value := "x." + name
		if v := changed[name]; v != "" {
			value = v
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	_, err = d.Exec(fmt.Sprintf(`with recursive n(i) as (select %d union all select i + 1 from n where i < %d)
		insert into %s (%s) select %s from n, (select * from %s where %s) x`,
		have+1, size, table, strings.Join(names, ", "), strings.Join(values, ", "), table, from))
	return err
}
