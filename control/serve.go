package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"isthmus/doctor"
)

// takeOver is how often a process looks whether the one that has the socket is gone.
const takeOver = 10 * time.Second

// Serve answers at a socket file until ctx ends. Who may open the file may do everything:
// it belongs to the gateway's user alone. While another process answers there it waits for
// its turn. A place where no socket can be is logged, and the gateway goes on without.
func Serve(ctx context.Context, path string, d Desk, log *slog.Logger) error {
	for {
		listener, err := listen(path)
		if err == nil {
			return serveAt(ctx, listener, d, log)
		}
		if !errors.Is(err, errTaken) {
			log.Warn("no control socket: the commands that ask the running gateway will not work; see [admin] socket", "path", path, "err", err)
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(takeOver):
		}
	}
}

var errTaken = errors.New("another process answers there")

func listen(path string) (net.Listener, error) {
	listener, err := net.Listen("unix", path)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return listener, err
	}
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return nil, errTaken
	}
	if err := os.Remove(path); err != nil { // left by one that was killed
		return nil, err
	}
	return net.Listen("unix", path)
}

func serveAt(ctx context.Context, listener net.Listener, d Desk, log *slog.Logger) error {
	server := &http.Server{Handler: Handler(d), BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control socket: %w", err)
	}
	return nil
}

// Handler gives a desk's answers as JSON, one address for each method.
func Handler(d Desk) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /state", ask(func(r *http.Request) (any, error) { return d.State(r.Context()) }))
	mux.Handle("GET /accounts", ask(func(r *http.Request) (any, error) { return d.Accounts(r.Context()) }))
	mux.Handle("GET /follows", ask(func(r *http.Request) (any, error) { return d.Follows(r.Context(), r.FormValue("who")) }))
	mux.Handle("GET /hosts", ask(func(r *http.Request) (any, error) { return d.Hosts(r.Context(), r.FormValue("all") != "") }))
	mux.Handle("GET /reports", ask(func(r *http.Request) (any, error) { return d.Reports(r.Context(), r.FormValue("closed") != "") }))
	mux.Handle("GET /jobs", ask(func(r *http.Request) (any, error) { return d.Jobs(r.Context()) }))
	mux.Handle("GET /recent", ask(func(r *http.Request) (any, error) { return d.Recent(r.Context()) }))
	mux.Handle("GET /rules", ask(func(r *http.Request) (any, error) { return d.Rules(r.Context()) }))
	mux.Handle("GET /history", ask(func(r *http.Request) (any, error) { return d.History(r.Context()) }))
	mux.Handle("GET /trace", ask(func(r *http.Request) (any, error) { return d.Trace(r.Context(), r.FormValue("what")) }))
	mux.Handle("POST /page-link", ask(func(r *http.Request) (any, error) { return d.PageLink(r.Context()) }))
	mux.Handle("POST /do", ask(func(r *http.Request) (any, error) {
		var doing Doing
		if err := json.NewDecoder(r.Body).Decode(&doing); err != nil {
			return nil, err
		}
		return d.Do(r.Context(), doing)
	}))
	mux.Handle("POST /checks", ask(func(r *http.Request) (any, error) {
		var about doctor.Ask
		if err := json.NewDecoder(r.Body).Decode(&about); err != nil {
			return nil, err
		}
		return d.Checks(r.Context(), about)
	}))
	mux.Handle("GET /echo", ask(func(r *http.Request) (any, error) { return d.Echo(r.Context()) }))
	mux.HandleFunc("POST /try-follow", func(w http.ResponseWriter, r *http.Request) {
		err := d.TryFollow(r.Context(), r.FormValue("account"), func(h Hop) { say(w, h) })
		if err != nil {
			say(w, Hop{State: failedStream, Seen: err.Error()})
		}
	})
	return mux
}

// failedStream is the state of a last line that says what went wrong.
const failedStream = "error"

// ask answers with JSON.
func ask(do func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := do(r)
		if err != nil {
			fail(w, err)
			return
		}
		say(w, v)
	})
}

// say writes a line of JSON and sends it.
func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if json.NewEncoder(w).Encode(v) == nil {
		http.NewResponseController(w).Flush()
	}
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, ErrAddress):
		status = http.StatusBadRequest
	}
	http.Error(w, err.Error(), status)
}
