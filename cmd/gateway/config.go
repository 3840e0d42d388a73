package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"isthmus/bridge"
)

// Config is everything an administrator can set. The toml tags are the keys of
// config.toml; config.example.toml explains them and a test keeps the two in
// step. LoadConfig fills in defaults, so every field is ready for use.
type Config struct {
	XMPP        XMPPConfig        `toml:"xmpp"`
	HTTP        HTTPConfig        `toml:"http"`
	ActivityPub ActivityPubConfig `toml:"activitypub"`
	DB          DBConfig          `toml:"db"`
	Delivery    DeliveryConfig    `toml:"delivery"`
	Blog        BlogConfig        `toml:"blog"`
	Reader      ReaderConfig      `toml:"reader"`
	Admin       AdminConfig       `toml:"admin"`
	Log         LogConfig         `toml:"log"`
	Monitor     MonitorConfig     `toml:"monitor"`
	Gateway     GatewayConfig     `toml:"gateway"`

	Path     string       `toml:"-"` // the file this came from
	Roles    bridge.Roles `toml:"-"` // of this process, from the command line
	Warnings []Problem    `toml:"-"` // what works but should be looked at
}

// XMPPConfig is the component stream (XEP-0114) and whom it serves.
type XMPPConfig struct {
	Component  string   `toml:"component"`   // domain of the component, lower case
	Secret     Secret   `toml:"secret"`      // after loading also set when it came from SecretFile
	SecretFile string   `toml:"secret_file"` // after loading an absolute or working path
	Server     string   `toml:"server"`      // host:port
	Domains    []string `toml:"domains"`     // whose accounts may use the gateway, lower case
	PubSub     []string `toml:"pubsub"`      // services whose nodes may be enrolled, lower case
}

// HTTPConfig is the web side.
type HTTPConfig struct {
	Listen       string         `toml:"listen"`        // host:port, an empty host is every address
	PublicURL    string         `toml:"public_url"`    // https://host, never with a trailing slash
	AllowPrivate []netip.Prefix `toml:"allow_private"` // private ranges outgoing requests may reach
	Proxies      []netip.Prefix `toml:"proxies"`       // whose X-Forwarded-For is believed
	RateAddress  int            `toml:"rate_address"`  // requests a second of one address
	RateHost     int            `toml:"rate_host"`     // activities a second of one server
}

// ActivityPubConfig is what handles look like.
type ActivityPubConfig struct {
	HandleDomain    string `toml:"handle_domain"`    // host or host:port after the last @, lower case
	OnlyAllowed     bool   `toml:"only_allowed"`     // nobody whom no rule lets in
	AuthorizedFetch bool   `toml:"authorized_fetch"` // documents only for signed requests
}

// DBConfig is where the data is.
type DBConfig struct {
	URL  string `toml:"url"`
	Path string `toml:"-"` // the SQLite file, resolved against the config file's folder
}

// DeliveryConfig tunes outgoing requests (design §5).
type DeliveryConfig struct {
	Workers         int           `toml:"workers"`  // requests in flight
	PerHost         int           `toml:"per_host"` // of them to one host
	Timeout         time.Duration `toml:"timeout"`  // of one request
	RetryFirst      time.Duration `toml:"retry_first"`
	RetryMax        time.Duration `toml:"retry_max"`
	GiveUp          time.Duration `toml:"give_up"`
	BreakerFailures int           `toml:"breaker_failures"` // failures within BreakerWindow that rest a host
	BreakerWindow   time.Duration `toml:"breaker_window"`
	BreakerPause    time.Duration `toml:"breaker_pause"` // until a resting host is tried again
}

// BlogConfig is how blogs are watched and who decides about them.
type BlogConfig struct {
	Poll             time.Duration `toml:"poll"`         // slow catch-up
	PollMissing      time.Duration `toml:"poll_missing"` // first look for a node that does not exist yet; grows
	RetractHold      time.Duration `toml:"retract_hold"` // wait before a retract counts, ejabberd trims with it
	Likes            string        `toml:"likes"`        // where likes are shown in XMPP: attachments, comments or off
	Digest           time.Duration `toml:"digest"`       // how long likes and boosts are collected before their author is told
	AllowUsers       bool          `toml:"allow_users"`  // users may enrol themselves
	ApproveFollowers bool          `toml:"approve_followers"`
}

// ReaderConfig is how people on XMPP read the Fediverse.
type ReaderConfig struct {
	Open     bool          `toml:"open"`     // for everybody, and not only the accounts of xmpp.domains
	Media    string        `toml:"media"`    // how files are shown: link or proxy
	Backfill int           `toml:"backfill"` // posts that the first look brings
	Keep     int           `toml:"keep"`     // posts of one account
	Refresh  time.Duration `toml:"refresh"`  // how old what is known of a followed account may become
}

// AdminConfig is who runs the gateway from their XMPP client.
type AdminConfig struct {
	JIDs    []string `toml:"jids"`     // bare addresses, lower case
	Socket  string   `toml:"socket"`   // after loading a path, "" for none
	Page    string   `toml:"page"`     // off, read or write
	PageURL string   `toml:"page_url"` // where browsers find it, without a slash at its end
}

// MonitorConfig is where the gateway tells how it is.
type MonitorConfig struct {
	Listen string `toml:"listen"` // host:port of /livez, /readyz and /metrics; "" is nowhere
}

// LogConfig is what is logged, and how.
type LogConfig struct {
	Level  slog.Level `toml:"level"`
	Format string     `toml:"format"` // text or json
}

// GatewayConfig is how the gateway presents itself.
type GatewayConfig struct {
	Name        string   `toml:"name"`
	Description string   `toml:"description"`
	Contact     string   `toml:"contact"`    // mailto:, xmpp: or https: address of who runs it, "" for none
	Rules       []string `toml:"rules"`      // sentences, plain text
	Stylesheet  string   `toml:"stylesheet"` // file, "" for the one that is built in
	Style       []byte   `toml:"-"`          // what is in the file
}

// Secret is a string that neither fmt nor slog prints. Use string(s) to send it.
type Secret string

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides it from %#v, too.
func (Secret) GoString() string { return "(secret)" }

// LogValue hides it from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// DefaultConfig is what holds for every key that a file leaves out.
func DefaultConfig() Config {
	return Config{
		XMPP: XMPPConfig{Server: "127.0.0.1:5347"},
		HTTP: HTTPConfig{
			Listen: "127.0.0.1:8080", RateAddress: 20, RateHost: 50,
			Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		},
		DB: DBConfig{URL: "sqlite:isthmus.db"},
		Delivery: DeliveryConfig{
			Workers: 64, PerHost: 1, Timeout: 30 * time.Second,
			RetryFirst: 30 * time.Second, RetryMax: 6 * time.Hour, GiveUp: 168 * time.Hour,
			BreakerFailures: 5, BreakerWindow: 10 * time.Minute, BreakerPause: 30 * time.Minute,
		},
		Blog: BlogConfig{
			Poll: 10 * time.Minute, PollMissing: 30 * time.Second, RetractHold: 3 * time.Second,
			Likes: bridge.LikesAttachments, Digest: time.Hour,
			AllowUsers: true,
		},
		Reader:  ReaderConfig{Media: bridge.MediaLink, Backfill: 20, Keep: 5000, Refresh: 24 * time.Hour},
		Admin:   AdminConfig{Page: pageOff},
		Log:     LogConfig{Level: slog.LevelInfo, Format: "text"},
		Gateway: GatewayConfig{Name: "Isthmus", Description: "Blogs from XMPP, readable in the Fediverse."},
	}
}

// maxConfig bounds a config file; the example is about 6 kB.
const maxConfig = 1 << 20

// LoadConfig reads, fills in and checks a config file. The error is a
// *ConfigError that lists everything wrong with it, not only the first thing.
func LoadConfig(path string) (Config, error) {
	data, err := readConfigFile(path)
	if err != nil {
		return Config{}, &ConfigError{Path: path, Err: err, Problems: []Problem{unreadable(path, err)}}
	}
	return decodeConfig(path, data)
}

func decodeConfig(path string, data []byte) (Config, error) {
	cfg := DefaultConfig()
	cfg.Path = path
	doc, problems := parseConfig(data, &cfg)
	if doc == nil { // not TOML: nothing below would make sense
		return Config{}, &ConfigError{Path: path, Problems: problems}
	}
	c := checker{doc: doc, dir: filepath.Dir(path), problems: problems}
	c.check(&cfg)
	if len(c.problems) > 0 {
		sortProblems(c.problems)
		return Config{}, &ConfigError{Path: path, Problems: c.problems}
	}
	sortProblems(c.warnings)
	cfg.Warnings = c.warnings
	return cfg, nil
}

func readConfigFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(data) > maxConfig {
		err = errors.New("larger than 1 MiB")
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), err // editors on Windows write a byte order mark
}

func unreadable(path string, err error) Problem {
	p := Problem{Text: fmt.Sprintf("cannot be read: %v", cause(err))}
	switch {
	case errors.Is(err, os.ErrNotExist):
		p.Text, p.Fix = "there is no such file", "copy config.example.toml to "+path+" and edit it, or name yours with --config"
	case errors.Is(err, os.ErrPermission):
		p.Fix = "run the command as the gateway's user (sudo -u isthmus gateway …), and let that user read the file"
	}
	return p
}

// cause is the operating system's part of err, without the path that the
// message around it names already.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
