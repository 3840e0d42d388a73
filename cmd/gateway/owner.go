package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// checkOwner keeps root from making a database that the gateway's own user
// could then not write: the administrator who tries a command first usually is
// root.
func checkOwner(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return nil // opening it says what is wrong
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	owner := strconv.FormatUint(uint64(st.Uid), 10)
	as := "#" + owner
	if u, err := user.LookupId(owner); err == nil {
		owner, as = u.Username, u.Username
	}
	return fmt.Errorf("the folder of %s belongs to %s, who could not use a database that root makes; run the command as that user: sudo -u %s gateway …", path, owner, as)
}
