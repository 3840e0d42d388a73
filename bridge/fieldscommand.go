package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"isthmus/db"
	"isthmus/mapping"
)

// errFields says that there are as many fields as there can be; errNoField, that
// there is none of that name.
var (
	errFields  = errors.New("too many fields")
	errNoField = errors.New("no such field")
)

// cmdFields shows and changes the lines of the profile that the Fediverse sees:
// “add NAME VALUE” and “remove NAME”, or all of them as lines “name: value”, as a
// form has them.
func (b *Bridge) cmdFields(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return answer{Text: b.say(ctx, "profile.off"), Next: []string{"start", "help"}}, ignoreNotFound(err)
	}
	var change func([]mapping.ProfileField) ([]mapping.ProfileField, error)
	switch strings.ToLower(a.word(0)) {
	case "":
	case "add":
		f, ok := fieldIn(a.after(1))
		if !ok {
			return answer{Text: b.say(ctx, "profile.fields.bad")}, nil
		}
		change = func(have []mapping.ProfileField) ([]mapping.ProfileField, error) {
			return addField(have, f)
		}
	case "remove":
		name := strings.TrimSuffix(a.after(1), ":")
		change = func(have []mapping.ProfileField) ([]mapping.ProfileField, error) {
			left := slices.DeleteFunc(have, func(f mapping.ProfileField) bool { return strings.EqualFold(f.Name, name) })
			if len(left) == len(have) {
				return nil, errNoField
			}
			return left, nil
		}
	default:
		var all []mapping.ProfileField
		for line := range strings.Lines(a.Rest) {
			if line = strings.TrimSpace(line); line == "" || line == "-" {
				continue
			}
			f, ok := fieldIn(line)
			if !ok || !strings.Contains(line, ":") {
				return answer{Text: b.say(ctx, "profile.fields.bad")}, nil
			}
			if all, err = addField(all, f); err != nil {
				return answer{Text: b.say(ctx, "profile.fields.many", "number", mapping.MaxFields)}, nil
			}
		}
		change = func([]mapping.ProfileField) ([]mapping.ProfileField, error) { return all, nil }
	}
	if change == nil {
		return b.fieldsShown(ctx, &blog, "profile.fields.list", "profile.fields.none")
	}
	err = b.changeActor(ctx, blog.ID, func(tx *db.Tx, now *db.Blog) (bool, error) {
		prefs, err := tx.Preferences(ctx, now.ID)
		if err != nil {
			return false, err
		}
		fields, err := change(fieldsOf(prefs))
		if err != nil {
			return false, err
		}
		text, _ := json.Marshal(fields) // strings
		if string(text) == prefs[preferenceFields] {
			return false, nil
		}
		now.ProfileAt = b.nowMS()
		if err := tx.SetPreference(ctx, now.ID, preferenceFields, string(text)); err != nil {
			return false, err
		}
		return true, tx.SetProfile(ctx, now.ID, now.Profile, now.ProfileAt)
	})
	switch {
	case errors.Is(err, errFields):
		return answer{Text: b.say(ctx, "profile.fields.many", "number", mapping.MaxFields)}, nil
	case errors.Is(err, errNoField):
		return answer{Text: b.say(ctx, "profile.fields.unknown", "name", clip(a.after(1), 100))}, nil
	case err != nil:
		return answer{}, err
	}
	return b.fieldsShown(ctx, &blog, "profile.fields.changed", "profile.fields.cleared")
}

// fieldIn reads “name: value”, or a name of one word and a value.
func fieldIn(s string) (mapping.ProfileField, bool) {
	name, value, ok := strings.Cut(s, ":")
	if first, rest, two := strings.Cut(s, " "); two && (!ok || strings.HasPrefix(value, "//")) {
		name, value = first, rest // the colon of an address
	}
	if strings.HasPrefix(value, "//") {
		return mapping.ProfileField{}, false
	}
	return mapping.NewField(name, value)
}

// addField puts a field behind the others, or in the place of one of its name.
func addField(have []mapping.ProfileField, f mapping.ProfileField) ([]mapping.ProfileField, error) {
	if i := slices.IndexFunc(have, func(x mapping.ProfileField) bool { return strings.EqualFold(x.Name, f.Name) }); i >= 0 {
		have[i] = f
		return have, nil
	}
	if len(have) >= mapping.MaxFields {
		return have, errFields
	}
	return append(have, f), nil
}

// fieldsShown is how the fields stand, below a sentence.
func (b *Bridge) fieldsShown(ctx context.Context, blog *db.Blog, some, none string) (answer, error) {
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return answer{}, err
	}
	lines := fieldLines(fieldsOf(prefs))
	if len(lines) == 0 {
		return answer{Text: b.say(ctx, none)}, nil
	}
	return answer{Text: b.say(ctx, some) + "\n  " + strings.Join(lines, "\n  ")}, nil
}

func fieldLines(fields []mapping.ProfileField) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name + ": " + f.Value
	}
	return out
}

func (b *Bridge) fillFields(ctx context.Context, a asking) map[string]string {
	blog, err := b.ownBlog(ctx, a)
	if err != nil {
		return nil
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return nil
	}
	return map[string]string{"fields": strings.Join(fieldLines(fieldsOf(prefs)), "\n")}
}
