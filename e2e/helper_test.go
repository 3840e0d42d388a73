//go:build e2e

package e2e

import (
	"strings"

	"isthmus/e2e/sink"
	"isthmus/e2e/world"
)

func containsText(d sink.Delivery, text string) bool {
	return strings.Contains(world.Flat(d.Activity), text)
}
