//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// repository is the folder of the sources.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// asRoot runs a program as root, and gives what it says.
func asRoot(t *testing.T, name string, args ...string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		name, args = "sudo", append([]string{"-n", name}, args...)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// releases makes a release of the last commit in a clone of its own.
func releases(t *testing.T, dir string) string {
	t.Helper()
	root := repository(t)
	if out, err := exec.Command("git", "clone", "-q", root, dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v %s", err, out)
	}
	cmd := exec.Command("scripts/release.sh", "1.2.3")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ARCHES="+runtime.GOARCH, "TOOLS="+filepath.Join(root, "dist", "tools"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("release: %v\n%s", err, out)
	}
	return filepath.Join(dir, "dist", "release")
}

// The same commit gives the same release, wherever it is made; its package can be
// installed, and removed again without the loss of a key; and the six commands of the
// README lead to a gateway of which the doctor has nothing bad to say.
func TestRelease(t *testing.T) {
	t.Parallel()
	one := releases(t, filepath.Join(t.TempDir(), "one"))
	two := releases(t, filepath.Join(t.TempDir(), "another", "place"))
	sums, err := os.ReadFile(filepath.Join(one, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if other, err := os.ReadFile(filepath.Join(two, "SHA256SUMS")); err != nil || !bytes.Equal(sums, other) {
		t.Errorf("two releases of one commit: %v\n%s\n%s", err, sums, other)
	}
	check := exec.Command("sha256sum", "-c", "SHA256SUMS")
	check.Dir = one
	if out, err := check.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") != 3 {
		t.Errorf("%v %s", err, out)
	}
	sbom, err := filepath.Glob(filepath.Join(one, "*.sbom.json"))
	if err != nil || len(sbom) != 1 {
		t.Fatal(sbom, err)
	}
	if text, err := os.ReadFile(sbom[0]); err != nil || !strings.Contains(string(text), `"bomFormat": "CycloneDX"`) || !strings.Contains(string(text), "pkg:golang/modernc.org/sqlite@") {
		t.Errorf("SBOM: %v %.300s", err, text)
	}
	packages(t, filepath.Join(one, "isthmus_1.2.3_"+runtime.GOARCH+".deb"))
	newcomer(t, filepath.Dir(filepath.Dir(one)))
}

// packages installs a package below a folder that is a small root, and removes it.
func packages(t *testing.T, deb string) {
	t.Helper()
	root, err := os.MkdirTemp("", "isthmus-root-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { asRoot(t, "rm", "-rf", root) })
	for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	dpkg := func(args ...string) string {
		t.Helper()
		return asRoot(t, "dpkg", append([]string{"--root=" + root, "--force-script-chrootless", "--force-depends"}, args...)...)
	}
	stat := func(path, want string) {
		t.Helper()
		if got := strings.TrimSpace(asRoot(t, "stat", "-c", "%a", filepath.Join(root, path))); got != want {
			t.Errorf("%s has mode %s, want %s", path, got, want)
		}
	}
	if out := dpkg("-i", deb); !strings.Contains(out, "gateway setup --config /etc/isthmus/config.toml") {
		t.Errorf("after the installation it says\n%s", out)
	}
	stat("usr/bin/gateway", "755")
	stat("etc/isthmus", "750")
	stat("var/lib/isthmus", "750")
	users, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	if err != nil || !strings.Contains(string(users), "isthmus:") {
		t.Errorf("users: %v %s", err, users)
	}
	if out := asRoot(t, "chroot", root, "/usr/bin/gateway", "version"); !strings.HasPrefix(out, "gateway 1.2.3 (") {
		t.Errorf("version: %s", out)
	}
	for _, page := range []string{"gateway.1.gz", "gateway-doctor.1.gz"} {
		asRoot(t, "gzip", "-t", filepath.Join(root, "usr/share/man/man1", page))
	}
	unit := asRoot(t, "cat", filepath.Join(root, "usr/lib/systemd/system/isthmus.service"))
	if !strings.Contains(unit, "ExecStart=/usr/bin/gateway run --config /etc/isthmus/config.toml") {
		t.Errorf("the unit is\n%s", unit)
	}
	// What the package says comes next works with what it installed.
	asRoot(t, "chroot", root, "/usr/bin/gateway", "setup", "--config", "/etc/isthmus/config.toml", "--domains", "example.org", "--component", "ap.example.org")
	stat("etc/isthmus/config.toml", "640")
	if out := asRoot(t, "chroot", root, "/usr/bin/gateway", "check-config", "--config", "/etc/isthmus/config.toml"); !strings.Contains(out, "/var/lib/isthmus/isthmus.db") {
		t.Errorf("check-config: %s", out)
	}
	dpkg("-i", deb) // again, as an upgrade
	dpkg("-r", "isthmus")
	if _, err := os.Stat(filepath.Join(root, "usr/bin/gateway")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the program is still there: %v", err)
	}
	if out := dpkg("-P", "isthmus"); !strings.Contains(out, "etc/isthmus is kept") {
		t.Errorf("purged with a config it says %s", out)
	}
	stat("etc/isthmus/config.toml", "640")
	dpkg("-i", deb)
	asRoot(t, "rm", filepath.Join(root, "etc/isthmus/config.toml"))
	dpkg("-P", "isthmus")
	for _, dir := range []string{"etc/isthmus", "var/lib/isthmus", "usr/share/doc/isthmus"} {
		if _, err := os.Stat(filepath.Join(root, dir)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("purged, %s is still there: %v", dir, err)
		}
	}
}

// commandsOf are the commands of the first fenced block of shell below a heading of the README.
func commandsOf(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	_, rest, fenced := strings.Cut(rest, "\n```sh\n")
	commands, _, closed := strings.Cut(rest, "```\n")
	if !found || !fenced || !closed {
		t.Fatalf("the README has no commands below %q", heading)
	}
	return commands
}

// newcomer types the README's commands on a machine that has an XMPP server and a web
// server. dir is a clone in which the package was made.
func newcomer(t *testing.T, dir string) {
	t.Helper()
	commands := strings.Replace(commandsOf(t, "Run it"), "make release ARCHES=amd64 && ", "", 1)
	if n := strings.Count(commands, "\n"); n != 6 {
		t.Errorf("%d commands, the README promises six", n)
	}
	commands = strings.ReplaceAll(commands, "_amd64.deb", "_"+runtime.GOARCH+".deb")
	args := []string{"--mount", "--net", "--pid", "--fork", "--kill-child", filepath.Join(repository(t), "e2e", "newcomer", "machine.sh"), dir}
	name := "unshare"
	if os.Geteuid() != 0 {
		name, args = "sudo", append([]string{"-n", "unshare"}, args...)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(commands)
	out, err := cmd.CombinedOutput()
	for _, part := range []string{"✓ xmpp.link: connected to 127.0.0.1:5347 as ap.example.org", "✓ tls.days", "✓ http.reach: https://ap.example.org leads here",
		"✓ http.signature.draft", "✓ webfinger.host", "✓ xmpp.domains: example.org answer", ", 0 wrong,"} {
		if !strings.Contains(string(out), part) {
			t.Errorf("%q is not in what the commands say", part)
		}
	}
	if err != nil || t.Failed() {
		t.Errorf("the commands of the README: %v\n%s", err, out)
	}
}
