package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Usage is how much processor time the program has used, to the nanosecond, and how many
// bytes of memory it has.
func (p *Process) Usage() (cpu time.Duration, resident int64, err error) {
	// The clock of a process: its complement and the kind, CPUCLOCK_SCHED (clock_getcpuclockid(3)).
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid)<<3|2, &ts); err != nil {
		return 0, 0, fmt.Errorf("proc: clock of %d: %w", p.cmd.Process.Pid, err)
	}
	resident, _, err = p.Memory()
	return time.Duration(ts.Nano()), resident, err
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
