package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock keeps a second gateway from working the same database: on SQLite one
// process does the sending. The lock goes with the process, however it ends.
func lock(path string) (unlock func(), err error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("[db] url: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, fmt.Errorf("[db] url: %w with %s; stop it first, or give this one a database of its own", errRunning, path)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("[db] url: lock %s: %w", name, err)
	}
	return func() { f.Close() }, nil
}
