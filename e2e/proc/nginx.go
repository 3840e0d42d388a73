package proc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// StartNginx runs nginx as one process, with what is given inside its http block, and
// keeps its files in dir.
func StartNginx(dir, http string) (*Process, error) {
	conf := filepath.Join(dir, "nginx.conf")
	text := `daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 2048; }
http {
access_log off;
client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
` + http + "}\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	bin, err := exec.LookPath("nginx")
	if err != nil {
		bin = "/usr/sbin/nginx" // not in the path of everybody
	}
	return Start(Spec{Name: "nginx", Path: bin, Args: []string{"-p", dir, "-c", conf}})
}
