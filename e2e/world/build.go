package world

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

//go:embed resolver.go.txt
var resolver []byte

//go:embed profile.go.txt
var profile []byte

// root is the project's directory.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// build compiles cmd/gateway into dir, with a file laid over it that makes it resolve
// the lab's names, and one that writes profiles when it is told to. With ISTHMUS_RACE=1 it is built with the race
// detector, and a race ends the gateway and thereby the scenario.
func build(dir string) (string, error) {
	file, second := filepath.Join(dir, "resolver.go"), filepath.Join(dir, "profile.go")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root(), "cmd", "gateway", "zz_lab_resolver.go"): file,
		filepath.Join(root(), "cmd", "gateway", "zz_lab_profile.go"):  second,
	}})
	if err != nil {
		return "", fmt.Errorf("world: %w", err)
	}
	layer, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "gateway")
	for name, data := range map[string][]byte{file: resolver, second: profile, layer: overlay} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return "", fmt.Errorf("world: %w", err)
		}
	}
	args := []string{"build", "-buildvcs=false", "-overlay", layer, "-o", bin}
	if os.Getenv("ISTHMUS_RACE") == "1" {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "./cmd/gateway")...)
	cmd.Dir = root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("world: building the gateway: %w\n%s", err, out)
	}
	return bin, nil
}
