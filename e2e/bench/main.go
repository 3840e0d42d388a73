// Command bench measures, in one run on one machine, how far the gateway is from what
// the machine can do at most on each path. The gateway is the real program in a process
// of its own, and its processor time is what counts; other servers, the bare client and
// what sends to it are processes beside it. docs/PERFORMANCE.md has the method.
//
//	bench [-runs 5] [-quick] [part …]
//
// A part is a word of its title, such as fan-out or inbox.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"isthmus/e2e/world"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "zone":
			return runZone()
		case "limit":
			return runLimit()
		case "accept":
			return runAccept()
		case "publish":
			return runPublish()
		case "serve":
			return runServe()
		}
	}
	b := &bench{}
	flag.IntVar(&b.runs, "runs", 5, "how often each measurement is repeated")
	flag.BoolVar(&b.quick, "quick", false, "smaller and once, to see that it works")
	flag.Parse()
	if b.quick {
		b.runs = 1
	}
	for _, a := range flag.Args() {
		b.only = append(b.only, strings.ToLower(a))
	}
	ground, err := world.NewGround()
	if err != nil {
		return err
	}
	defer ground.Close()
	b.ground = ground
	fmt.Printf("%s, %s/%s, %d processors; %d runs\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.runs)
	for _, measure := range []func(*bench){fanout, audiences, crowd, masses, faulty, killed, accepting, handling, publishing, latency, reads, growth, idle} {
		measure(b)
	}
	if b.failed {
		return fmt.Errorf("not everything was measured")
	}
	return nil
}
