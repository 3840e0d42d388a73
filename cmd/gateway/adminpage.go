package main

import (
	"net/http"
	"strings"
	"sync/atomic"

	"isthmus/bridge"
	"isthmus/control/page"
)

// adminDoor is where the admin's page will be: the address is listened at before there is
// anything to show.
type adminDoor struct {
	page atomic.Pointer[http.Handler]
}

// before serves the page below its path, when it is open, and everything else by next.
func (d *adminDoor) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := d.page.Load(); p != nil && strings.HasPrefix(r.URL.Path, page.Path) {
			(*p).ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *adminDoor) open(cfg Config, b *bridge.Bridge) {
	if cfg.Admin.Page == pageOff {
		return
	}
	p := page.New(page.Config{Desk: b.Desk(), Name: cfg.Gateway.Name, Write: cfg.Admin.Page == pageWrite, Admit: b.AdmitAdmin,
		HTTPS: strings.HasPrefix(cfg.Admin.PageURL, "https:")})
	d.page.Store(&p)
}

// adminPage is where browsers find it, "" for nowhere.
func adminPage(a AdminConfig) string {
	if a.Page == pageOff {
		return ""
	}
	return a.PageURL
}
