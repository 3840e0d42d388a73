package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// serveConfig is read from standard input.
type serveConfig struct {
	Header http.Header // of every answer
	Body   string
}

// runServe is net/http and nothing behind it: one answer to everything, with the deadlines
// of a server on the open net. It prints its address and serves until it is killed.
func runServe() error {
	var cfg serveConfig
	if err := json.NewDecoder(os.Stdin).Decode(&cfg); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	cfg.Header.Set("Content-Length", strconv.Itoa(len(cfg.Body)))
	cfg.Header.Del("Date") // the server makes its own
	body := []byte(cfg.Body)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	fmt.Println(ln.Addr())
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			header := w.Header()
			for name, values := range cfg.Header {
				header[name] = values
			}
			w.Write(body)
		})}
	return srv.Serve(ln)
}
