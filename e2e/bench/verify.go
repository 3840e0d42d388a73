package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the same driver
)

// verify checks a signature and stores a body, as often as there are hosts: the least
// that taking an activity costs.
func (l *limit) verify() (s sample, err error) {
	file := filepath.Join(l.Dir, "limit.db")
	d, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return sample{}, err
	}
	defer os.Remove(file)
	defer d.Close()
	d.SetMaxOpenConns(1)
	if _, err := d.Exec(`create table received (id integer primary key, activity text not null unique, body text not null)`); err != nil {
		return sample{}, err
	}
	sum := sha256.Sum256(l.body)
	sig, err := rsa.SignPKCS1v15(rand.Reader, l.key, crypto.SHA256, sum[:])
	if err != nil {
		return sample{}, err
	}
	cpu, wall := used(), time.Now()
	var commits []time.Duration
	for i := 0; i < l.Hosts; i += l.Batch {
		var begun time.Time
		tx, err := d.Begin()
		if err != nil {
			return sample{}, err
		}
		insert, err := tx.Prepare(`insert into received (activity, body) values (?, ?)`)
		if err != nil {
			return sample{}, err
		}
		for j := i; j < min(i+l.Batch, l.Hosts); j++ {
			sum := sha256.Sum256(l.body)
			if err := rsa.VerifyPKCS1v15(&l.key.PublicKey, crypto.SHA256, sum[:], sig); err != nil {
				return sample{}, err
			}
			begun = time.Now() // of one row: without the signature
			if _, err := insert.Exec(fmt.Sprintf("https://%s/users/u/likes/%d", hostName(j%64), j), string(l.body)); err != nil {
				return sample{}, err
			}
		}
		if err := tx.Commit(); err != nil {
			return sample{}, err
		}
		commits = append(commits, time.Since(begun))
	}
	slices.Sort(commits)
	return sample{Ops: l.Hosts, CPU: used() - cpu, Wall: time.Since(wall), Median: commits[len(commits)/2]}, nil
}
