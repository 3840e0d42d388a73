package main

import (
	"strings"
	"testing"

	"isthmus/doctor"
)

func TestDiskSpace(t *testing.T) {
	for free, want := range map[int64]string{50 << 20: doctor.Fail, 500 << 20: doctor.Warn, 5 << 30: doctor.OK} {
		if r := spaceResult("/var/lib/isthmus", free); r.State != want || r.ID != "disk" {
			t.Errorf("%d bytes: %+v", free, r)
		}
	}
}

// Before anything runs, doctor says what comes first, and fails.
func TestDoctorBeforeTheStart(t *testing.T) {
	path := write(t, strings.Replace(minimal, "[http]", "server = \"127.0.0.1:9\"\n[http]\nlisten = \"127.0.0.1:9\"", 1))
	stdout, stderr, code := gateway(t, "doctor", "--config", path)
	for _, want := range []string{
		"! config.secret: the secret has 6 characters", "✗ process: the gateway is not running\n    fix: systemctl start isthmus", "✗ xmpp.port: nothing accepts connections at 127.0.0.1:9",
		"✗ http.listen: ", "see: docs/DOCTOR.md#httplisten", "fine, ", " wrong, ",
	} {
		if code != 1 || !strings.Contains(stdout, want) || stderr != "" {
			t.Errorf("exit %d, %q is not in:\n%s%s", code, want, stdout, stderr)
		}
	}
}

// Commands that need the running gateway say so.
func TestDeskNeedsTheGateway(t *testing.T) {
	path := write(t, minimal)
	for _, args := range []string{"accounts", "hosts", "queue", "jobs", "reports", "follows alice", "suspend alice@example.org", "trace x", "test follow @a@b.example", "page"} {
		_, stderr, code := gateway(t, append(strings.Fields(args), "--config", path)...)
		if code != 1 || !strings.Contains(stderr, "the gateway is not running") {
			t.Errorf("%s: exit %d, %s", args, code, stderr)
		}
	}
}

// The scripts for shells and the manual pages name every command.
func TestCompletionAndManual(t *testing.T) {
	for _, args := range []string{"completion bash", "completion zsh", "completion fish", "man"} {
		stdout, stderr, code := gateway(t, strings.Fields(args)...)
		if code != 0 || stderr != "" {
			t.Errorf("%s: exit %d, %s", args, code, stderr)
		}
		for _, c := range commands {
			if !strings.Contains(stdout, strings.ReplaceAll(c.name, "-", `\-`)) && !strings.Contains(stdout, c.name) {
				t.Errorf("%s lacks %s", args, c.name)
			}
		}
	}
	for _, c := range commands {
		stdout, _, code := gateway(t, "man", c.name)
		if code != 0 || !strings.HasPrefix(stdout, ".TH GATEWAY") || strings.Contains(stdout, "\n.\n") {
			t.Errorf("man %s: exit %d, %.80q", c.name, code, stdout)
		}
	}
}

// With --json there is JSON and nothing else.
func TestJSON(t *testing.T) {
	path := write(t, minimal)
	for args, want := range map[string]string{"status": `"gateway": "never"`, "check-config": `"warnings": []`, "domains list": "[]", "enrol alice@example.org": `"new": true`, "version": `"version":`} {
		stdout, stderr, code := gateway(t, append(strings.Fields(args), "--json", "--config", path)...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, want) || !strings.HasPrefix(stdout, "{") && !strings.HasPrefix(stdout, "[") {
			t.Errorf("%s: exit %d, %s%s", args, code, stdout, stderr)
		}
	}
}
