package main

import (
	"fmt"
	"runtime"
	"sync"
)

// stage is what a world reports to here: whatever fails ends the part that runs.
type stage struct {
	mu      sync.Mutex
	failed  bool
	cleanup []func()
}

func (s *stage) Helper()             {}
func (s *stage) Name() string        { return "bench" }
func (s *stage) Logf(string, ...any) {} // a failure says enough
func (s *stage) Cleanup(f func())    { s.cleanup = append(s.cleanup, f) }

func (s *stage) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = true
	fmt.Printf(format+"\n", args...)
}

func (s *stage) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

func (s *stage) Failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// perform runs fn with a stage of its own and reports whether it went through.
func perform(fn func(s *stage)) bool {
	s := &stage{}
	through := false
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(s.cleanup) - 1; i >= 0; i-- {
				s.cleanup[i]()
			}
		}()
		fn(s)
		through = true
	}()
	<-done
	return through && !s.Failed()
}
