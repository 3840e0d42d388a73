package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"time"
)

// set stores one value; a text means that it has the wrong type or form.
func set(field reflect.Value, key string, value any) (text, fix string) {
	wrong := func(want string) string { return fmt.Sprintf("is %s, expected %s", found(key, value), want) }
	s, isString := value.(string)
	switch field.Interface().(type) {
	case string, Secret:
		if !isString {
			return wrong("a string"), "put it in double quotes"
		}
		field.SetString(s)
	case bool:
		b, ok := value.(bool)
		if !ok {
			return wrong("true or false"), "write true or false, without quotes"
		}
		field.SetBool(b)
	case int:
		n, ok := value.(int64)
		if !ok || int64(int(n)) != n {
			return wrong("a whole number"), "write the number without quotes"
		}
		field.SetInt(n)
	case time.Duration:
		d, err := time.ParseDuration(s)
		if !isString || err != nil {
			return wrong("a duration"), `write a number and its unit in quotes: "30s", "10m", "6h" or "1h30m"`
		}
		field.SetInt(int64(d))
	case slog.Level:
		levels := []string{"debug", "info", "warn", "error"}
		if !isString || !slices.Contains(levels, s) {
			return wrong("a log level"), `write "debug", "info", "warn" or "error"`
		}
		var l slog.Level
		_ = l.UnmarshalText([]byte(s)) // one of the four
		field.Set(reflect.ValueOf(l))
	case []string:
		list, text := stringList(key, value)
		if text != "" {
			return text, `write it like ["example.org", "example.net"]`
		}
		field.Set(reflect.ValueOf(list))
	case []netip.Prefix:
		list, text := stringList(key, value)
		prefixes := make([]netip.Prefix, 0, len(list))
		for _, s := range list {
			p, err := netip.ParsePrefix(s)
			if err != nil {
				return fmt.Sprintf("%q is not a CIDR range", s), `write an address and its length, such as "127.0.0.0/8", "10.0.0.0/8" or "::1/128"`
			}
			prefixes = append(prefixes, p.Masked())
		}
		if text != "" {
			return text, `write it like ["10.0.0.0/8"]`
		}
		field.Set(reflect.ValueOf(prefixes))
	default:
		panic("config: no rule for a field of type " + field.Type().String())
	}
	return "", ""
}

func stringList(key string, value any) (list []string, text string) {
	items, ok := value.([]any)
	if !ok {
		return nil, fmt.Sprintf("is %s, expected a list of strings", found(key, value))
	}
	list = []string{} // an empty list in the file is not the same as no list
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return nil, fmt.Sprintf("has %s in its list, expected only strings", found(key, item))
		}
		list = append(list, s)
	}
	return list, ""
}

// found describes a value in words; a secret's value is never repeated.
func found(key string, value any) string {
	hide := key == "xmpp.secret"
	switch v := value.(type) {
	case string:
		if hide {
			return "a string"
		}
		return fmt.Sprintf("the string %q", v)
	case int64, float64:
		if hide {
			return "a number"
		}
		return fmt.Sprintf("the number %v", v)
	case bool:
		return fmt.Sprint(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a section"
	default:
		return "a date or time"
	}
}
