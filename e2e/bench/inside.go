package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"isthmus/e2e/await"
)

// insight is what a profile of the gateway shows that the kernel does not.
type insight struct {
	Database       float64 // share of the processor time that passes through package db, per cent
	Objects, Bytes float64 // allocated
}

// profiles is whether ISTHMUS_LAB_PROFILE says where gateways write a profile of each
// measurement; e2e/world/profile.go.txt is what writes them. Else each part has its place.
var profiles = os.Getenv("ISTHMUS_LAB_PROFILE") != ""

// inside looks into the gateway while do goes on.
func (l *load) inside(do func()) (in insight) {
	prefix := os.Getenv("ISTHMUS_LAB_PROFILE")
	old, _ := filepath.Glob(prefix + "*.allocs")
	for _, f := range old {
		os.Remove(f)
	}
	l.Gateway.Process().Signal(syscall.SIGUSR2)
	kept := l.profiled
	l.profiled = false // one at a time
	do()
	l.profiled = kept
	l.Gateway.Process().Signal(syscall.SIGUSR2)
	var files []string
	await.True(l.t, time.Minute, "a profile", func() error {
		if files, _ = filepath.Glob(prefix + "*.allocs"); len(files) != 1 {
			return fmt.Errorf("%d", len(files))
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			return err
		}
		_, err = fmt.Sscan(string(b), &in.Objects, &in.Bytes)
		return err
	})
	profile := files[0][:len(files[0])-len(".allocs")] + ".pprof"
	out, err := exec.Command("go", "tool", "pprof", "-top", "-nodecount=1000000", "-nodefraction=0", `-focus=isthmus/db\.`, profile).CombinedOutput()
	if err != nil {
		l.t.Fatalf("pprof: %v\n%s", err, out)
	}
	m := accounted.FindSubmatch(out)
	if m == nil {
		l.t.Fatalf("pprof: no total in\n%s", out)
	}
	in.Database, _ = strconv.ParseFloat(string(m[1]), 64)
	return in
}

// accounted is in the head of pprof's list: what of the samples was asked for.
var accounted = regexp.MustCompile(`(?m)^Active filters:[\s\S]*?accounting for [^,]+, ([0-9.]+)% of`)
