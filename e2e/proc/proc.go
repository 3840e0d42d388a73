// Package proc runs the programs a scenario needs: XMPP servers, the gateway,
// the foreign Fediverse server. Every program is ended by its own process id,
// and dies with the test binary even when that is killed.
//
// It never looks for processes by name and never touches one it did not start.
package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// ErrExited says that a program ended although nobody asked it to.
var ErrExited = errors.New("proc: exited")

// Spec says what to run.
type Spec struct {
	Name  string   // for logs and messages
	Path  string   // program, looked up in PATH
	Args  []string //
	Env   []string // added to the environment
	Dir   string   // working directory
	Stdin bool     // open a pipe to its standard input
	Out   io.Writer
}

// Process is a running program. Its output is kept in Log.
type Process struct {
	Name  string
	Log   *Log
	Stdin io.WriteCloser // nil unless asked for

	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait; valid after done
}

// Start runs a program.
func Start(s Spec) (*Process, error) {
	cmd := exec.Command(s.Path, s.Args...)
	cmd.Dir = s.Dir
	cmd.Env = append(os.Environ(), s.Env...)
	cmd.SysProcAttr = attributes()
	p := &Process{Name: s.Name, Log: &Log{}, cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = p.Log
	cmd.Stdout = p.Log
	if s.Out != nil {
		cmd.Stdout = s.Out
	}
	cmd.WaitDelay = 2 * time.Second // a grandchild may hold the pipes open
	if s.Stdin {
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, fmt.Errorf("proc: %s: %w", s.Name, err)
		}
		p.Stdin = in
	}
	if err := spawn(cmd); err != nil {
		return nil, fmt.Errorf("proc: %s: %w", s.Name, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Alive returns nil while the program runs, else ErrExited with its status and
// its last words.
func (p *Process) Alive() error {
	select {
	case <-p.done:
		return fmt.Errorf("%w: %s: %v\n%s", ErrExited, p.Name, p.err, p.Log.Tail(20))
	default:
		return nil
	}
}

// ExitCode waits for the end and returns the status, -1 after a signal.
func (p *Process) ExitCode() int {
	<-p.done
	return p.cmd.ProcessState.ExitCode()
}

// Stop asks the program to end (SIGTERM), and kills it when it takes longer
// than grace.
func (p *Process) Stop(grace time.Duration) {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
		p.Kill()
	}
}

// Kill ends the program and what it started at once (SIGKILL), as a power cut would.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// Signal sends the program a signal of its own.
func (p *Process) Signal(s syscall.Signal) { p.signal(s) }

// signal reaches the process group that Start made; it is ours alone.
func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.done:
		return
	default:
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		p.cmd.Process.Signal(s)
	}
}

var spawner struct {
	sync.Once
	work chan func()
}

// spawn starts cmd on one thread that lives as long as the program: the
// parent-death signal (prctl(2), PR_SET_PDEATHSIG) is sent when the *thread*
// that forked ends, and Go ends threads when it likes.
func spawn(cmd *exec.Cmd) error {
	spawner.Do(func() {
		spawner.work = make(chan func())
		go func() {
			runtime.LockOSThread()
			for f := range spawner.work {
				f()
			}
		}()
	})
	failed := make(chan error)
	spawner.work <- func() { failed <- cmd.Start() }
	return <-failed
}

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
