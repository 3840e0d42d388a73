// Package e2e holds the scenarios that run the real gateway between real XMPP
// servers and a foreign Fediverse server. They are behind the build tag e2e,
// because they need what scripts/setup.sh installs. README.md tells how it all
// fits together.
package e2e
