package xmppserver

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"isthmus/e2e/proc"
)

//go:embed ejabberd.yml.tmpl
var ejabberdConfig string

// startEjabberd runs Erlang without a node name: no distribution and no epmd,
// so nothing listens but the configured ports, and several can run at once.
func (s *Server) startEjabberd() (*proc.Process, error) {
	path, err := program("erl")
	if err != nil {
		return nil, err
	}
	libs, err := ejabberdLibs()
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{"mnesia", "log"} {
		if err := os.MkdirAll(filepath.Join(s.Dir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("xmppserver: %w", err)
		}
	}
	if err := s.render(ejabberdConfig, "ejabberd.yml"); err != nil {
		return nil, err
	}
	return proc.Start(proc.Spec{
		Name: string(s.Flavour), Path: path, Dir: s.Dir,
		Args: []string{
			"-noshell", "-noinput", "-boot", "start_sasl", "-kernel", "error_logger", "silent",
			"-sasl", "sasl_error_logger", "false", "+sbwt", "none", // an idle server must not spin
			"-mnesia", "dir", fmt.Sprintf("%q", filepath.Join(s.Dir, "mnesia")), "-s", "ejabberd",
		},
		Env: []string{
			"EJABBERD_CONFIG_PATH=" + filepath.Join(s.Dir, "ejabberd.yml"),
			"EJABBERD_LOG_PATH=" + filepath.Join(s.Dir, "log", "ejabberd.log"),
			"ERL_CRASH_DUMP=" + filepath.Join(s.Dir, "log", "crash.dump"),
			"ERL_LIBS=" + libs,
			"HOME=" + s.Dir,
		},
	})
}

// ejabberdLibs is the directory that holds ejabberd-VERSION/ebin.
func ejabberdLibs() (string, error) {
	for _, pattern := range []string{"/usr/lib/*/ejabberd-*/ebin", "/usr/lib/ejabberd-*/ebin", "/usr/lib/erlang/lib/ejabberd-*/ebin"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return filepath.Dir(filepath.Dir(found[0])), nil
		}
	}
	return "", fmt.Errorf("%w: ejabberd", ErrMissing)
}

func (s *Server) ejabberdAccount(user string) error {
	body, err := json.Marshal(map[string]string{"user": user, "host": s.Domain, "password": Password})
	if err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	// On a busy machine a request that comes while it starts may stay without an answer.
	client, tries := http.Client{Timeout: 20 * time.Second}, 3
	var resp *http.Response
	for range tries {
		resp, err = client.Post(fmt.Sprintf("http://127.0.0.1:%d/api/register", s.APIPort), "application/json", bytes.NewReader(body))
		if err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("xmppserver: register %s: %w", user, err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict { // 409: it exists
		return fmt.Errorf("xmppserver: register %s: %s: %s", user, resp.Status, answer)
	}
	return nil
}
