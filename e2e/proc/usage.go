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
