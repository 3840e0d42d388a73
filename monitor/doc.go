// Package monitor is how whoever runs the gateway looks into it without reading logs:
// numbers for Prometheus, two pages that say whether it lives and whether it is ready,
// and systemd's notifications. It counts what it is told and decides nothing.
package monitor
