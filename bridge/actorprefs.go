package bridge

import (
	"encoding/json"
	"strings"

	"isthmus/mapping"
)

// Preferences of a blog that its actor shows.
const (
	preferenceFields  = "fields"        // mapping.ProfileField, JSON
	preferenceAliases = "also-known-as" // ids of actors, one on a line
	preferenceMovedTo = "moved-to"      // id of an actor, "" for none
	preferenceMovedAt = "moved-at"      // Unix milliseconds of the last move
)

// fieldsOf are the lines of a profile that its owner wrote.
func fieldsOf(prefs map[string]string) []mapping.ProfileField {
	var out []mapping.ProfileField
	if json.Unmarshal([]byte(prefs[preferenceFields]), &out) != nil {
		return nil // none yet
	}
	return out[:min(len(out), mapping.MaxFields)]
}

func aliasesOf(prefs map[string]string) []string { return strings.Fields(prefs[preferenceAliases]) }
