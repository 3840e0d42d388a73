package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"isthmus/bridge"
)

// keys exports to the file args[1], or imports from it.
func keys(ctx context.Context, c *call) error {
	if c.args[0] == "export" {
		return exportKeys(ctx, c.cfg, c.args[1], c.out)
	}
	return importKeys(ctx, c.cfg, c.args[1], c.out)
}

// keysDone is what came of it.
type keysDone struct {
	File     string   `json:"file"`
	Accounts int      `json:"accounts"`
	New      []string `json:"new,omitempty"` // handles
}

func exportKeys(ctx context.Context, cfg Config, file string, out output) error {
	if err := hasDatabase(cfg.DB); err != nil {
		return err
	}
	store, err := openStore(ctx, cfg.DB)
	if err != nil {
		return err
	}
	defer store.Close()
	f, err := bridge.ExportKeys(ctx, store, cfg.HTTP.PublicURL)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if file == "-" {
		_, err := out.w.Write(text)
		return err
	}
	w, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: choose another name, or remove it", file)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	if err := errors.Join(err, w.Sync(), w.Close()); err != nil {
		return err
	}
	return out.result(keysDone{file, len(f.Accounts), nil}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: the keys of %d accounts. Who has it can speak for all of them: keep it secret.\n", file, len(f.Accounts))
	})
}

func importKeys(ctx context.Context, cfg Config, file string, out output) error {
	text, err := readInput(file)
	if err != nil {
		return err
	}
	f, err := bridge.ReadKeys(text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	store, done, err := openAlone(ctx, cfg.DB)
	if errors.Is(err, errRunning) {
		return errStop
	}
	if err != nil {
		return err
	}
	defer done()
	made, err := bridge.ImportKeys(ctx, store, f, cfg.HTTP.PublicURL, time.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("%w\nNothing was changed", err)
	}
	addr := bridgeConfig(cfg, nil).Addresses()
	came := keysDone{File: file, Accounts: len(f.Accounts)}
	for _, a := range made {
		came.New = append(came.New, addr.Acct(a.Handle))
	}
	return out.result(came, func(w io.Writer) {
		for _, a := range made {
			fmt.Fprintf(w, "%s %s @%s %s\n", a.JID, a.Node, addr.Acct(a.Handle), a.State)
		}
		fmt.Fprintf(w, "%d keys are there now; %d accounts are new here. Their followers have to follow again.\n", len(f.Accounts), len(made))
	})
}
