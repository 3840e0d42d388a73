package monitor

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// gatherFor is how long the numbers that are read at each look may take.
const gatherFor = 5 * time.Second

// Metrics counts what happens. All methods may be called on nil, which counts nothing.
// Labels are the caller's: they must be few, and never somebody else's words.
type Metrics struct {
	history    History
	registry   *prometheus.Registry
	deliveries *prometheus.HistogramVec
	requests   *prometheus.HistogramVec
	signatures *prometheus.HistogramVec
	received   *prometheus.CounterVec
	stanzas    *prometheus.CounterVec
	refused    *prometheus.CounterVec
}

// buckets are in seconds: what is local, what is over a network, what is stuck.
var buckets = []float64{.001, .005, .02, .1, .5, 2, 10, 60}

// NewMetrics makes counters of a program of this version.
func NewMetrics(version string) *Metrics {
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "isthmus", Name: name, Help: help, Buckets: buckets}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "isthmus", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		deliveries: histogram("delivery_seconds", "Attempts to deliver to an inbox, by what came of them: delivered, again, gone, refused (for good, or not to be sent any more).", "result"),
		requests:   histogram("http_request_seconds", "Requests answered, by what they are for and status.", "kind", "status"),
		signatures: histogram("signature_seconds", "Signatures looked at, with the time to get the key, by what came of it.", "result"),
		received:   counter("received_total", "Activities handled, by type and what came of it: handled, ignored, again.", "type", "result"),
		stanzas:    counter("stanza_errors_total", "Errors that XMPP services answered with, by condition.", "condition"),
		refused:    counter("refused_total", "What people were refused in words, by reason.", "reason"),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "isthmus", Name: "build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.deliveries, m.requests, m.signatures, m.received, m.stanzas, m.refused, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Delivered counts an attempt at an inbox.
func (m *Metrics) Delivered(result string, took time.Duration) {
	if m != nil {
		m.deliveries.WithLabelValues(result).Observe(took.Seconds())
		m.history.add(time.Now(), func(c *Counted) {
			if result == "delivered" {
				c.Delivered++
			} else {
				c.Failed++
			}
		})
	}
}

// Signature counts a signature that was looked at.
func (m *Metrics) Signature(result string, took time.Duration) {
	if m != nil {
		m.signatures.WithLabelValues(result).Observe(took.Seconds())
	}
}

// Received counts an activity that was handled.
func (m *Metrics) Received(typ, result string) {
	if m != nil {
		m.received.WithLabelValues(typ, result).Inc()
		if result == "handled" {
			m.history.add(time.Now(), func(c *Counted) { c.Received++ })
		}
	}
}

// StanzaError counts an error that an XMPP service answered with.
func (m *Metrics) StanzaError(condition string) {
	if m != nil {
		m.stanzas.WithLabelValues(condition).Inc()
	}
}

// Refused counts what somebody was refused, in words.
func (m *Metrics) Refused(reason string) {
	if m != nil {
		m.refused.WithLabelValues(reason).Inc()
	}
}

// Lately is what happened during the last day, each Span of it; nil when nothing is counted.
func (m *Metrics) Lately() []Counted {
	if m == nil {
		return nil
	}
	return m.history.Lately(time.Now())
}

// Requests counts what next answers; kind says what a request is for, in few words.
func (m *Metrics) Requests(next http.Handler, kind func(*http.Request) string) http.Handler {
	if m == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, of := time.Now(), kind(r)
		s := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { m.requests.WithLabelValues(of, strconv.Itoa(s.status)).Observe(time.Since(began).Seconds()) }()
		next.ServeHTTP(s, r)
	})
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Gauge is a number that is read when somebody looks. Labels are name, value, …
type Gauge struct {
	Name, Help string
	Value      float64
	Labels     []string
}

// Gather adds gauges that are read at each look. An error leaves them out of it.
func (m *Metrics) Gather(read func(context.Context) ([]Gauge, error)) {
	if m != nil {
		m.registry.MustRegister(gatherer(read))
	}
}

// gatherer is an unchecked collector: which labels there are depends on what is there.
type gatherer func(context.Context) ([]Gauge, error)

func (gatherer) Describe(chan<- *prometheus.Desc) {}

func (g gatherer) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherFor)
	defer cancel()
	list, err := g(ctx)
	if err != nil {
		return
	}
	for _, x := range list {
		var names, values []string
		for i := 0; i+1 < len(x.Labels); i += 2 {
			names, values = append(names, x.Labels[i]), append(values, x.Labels[i+1])
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("isthmus_"+x.Name, x.Help, names, nil), prometheus.GaugeValue, x.Value, values...)
	}
}

// handler serves the numbers.
func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}
