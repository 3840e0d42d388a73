package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticks is how many of the kernel's clock ticks are a second (proc(5)); it is 100 on all
// that Linux runs on here.
const ticks = 100

// Usage is how much processor time the program has used and how many bytes of memory it
// has (proc(5)).
func (p *Process) Usage() (cpu time.Duration, resident int64, err error) {
	pid := p.cmd.Process.Pid
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("proc: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third on
	if len(fields) < 22 {
		return 0, 0, fmt.Errorf("proc: %d has an odd stat", pid)
	}
	var sum int64
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("proc: %w", err)
		}
		sum += n
	}
	pages, err := strconv.ParseInt(fields[21], 10, 64) // rss
	if err != nil {
		return 0, 0, fmt.Errorf("proc: %w", err)
	}
	return time.Duration(sum) * time.Second / ticks, pages * int64(os.Getpagesize()), nil
}

// Memory returns how much of a running program is resident, and how much was at most
// since Forget, in bytes.
func (p *Process) Memory() (resident, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, fmt.Errorf("proc: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		var kib int64
		if name == "VmRSS" || name == "VmHWM" {
			if kib, err = strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64); err != nil {
				return 0, 0, fmt.Errorf("proc: %w", err)
			}
		}
		switch name {
		case "VmRSS":
			resident = kib << 10
		case "VmHWM":
			peak = kib << 10
		}
	}
	return resident, peak, nil
}

// Forget makes Memory's peak begin anew.
func (p *Process) Forget() error {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0); err != nil {
		return fmt.Errorf("proc: %w", err)
	}
	return nil
}

// Written is how many bytes a running program had written to disks.
func (p *Process) Written() (int64, error) {
	file, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	for line := range strings.Lines(string(file)) {
		if value, found := strings.CutPrefix(line, "write_bytes: "); found {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("proc: %w", err)
			}
			return n, nil
		}
	}
	return 0, fmt.Errorf("proc: %d: no write_bytes", p.cmd.Process.Pid)
}
