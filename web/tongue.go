package web

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"isthmus/words"
)

// tongue is the language of a page's own words, one of words.Languages.
type tongue string

// tongueOf is the language that a visitor would like best (RFC 9110 §12.5.4).
func tongueOf(r *http.Request) tongue { return tongue(words.Accept(r.Header.Get("Accept-Language"))) }

// say is a sentence; pairs are the names of its places and what stands there.
func (t tongue) say(key string, pairs ...any) string {
	return words.Say(string(t), "page."+key, pairs...)
}

// mark is a sentence some of whose places hold HTML; what is no template.HTML is escaped.
func (t tongue) mark(key string, pairs ...any) template.HTML {
	for i := 1; i < len(pairs); i += 2 {
		switch v := pairs[i].(type) {
		case template.HTML:
		case string:
			pairs[i] = template.HTMLEscapeString(v)
		}
	}
	return template.HTML(words.Fill(template.HTMLEscapeString(words.Say(string(t), "page."+key)), pairs...))
}

// number is a count, with its digits in threes.
func (t tongue) number(key string, n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return t.say(key, "number", s)
}

func (t tongue) date(at time.Time) string { return t.on("date", at) }

func (t tongue) day(at time.Time) string { return t.on("day", at) }

func (t tongue) on(key string, at time.Time) string {
	at = at.UTC()
	text := t.say(key)
	months := strings.Fields(t.say("months"))
	return words.Fill(text, "day", at.Day(), "month", months[at.Month()-1], "year", at.Year(), "time", at.Format("15:04"))
}

// heading names a post in a window's title, where an untitled one needs a name, too.
func (t tongue) heading(p Post) string {
	if p.Title != "" {
		return p.Title
	}
	if text := shorten(p.Excerpt, 60); text != "" && !p.Folded() {
		return p.Author.Display() + ": " + text
	}
	return t.say("post", "who", p.Author.Display(), "day", t.day(p.Published))
}

// templates are the pages in each language.
var templates = sync.OnceValue(func() map[tongue]*template.Template {
	all := map[tongue]*template.Template{}
	for _, lang := range words.Languages {
		t := tongue(lang)
		all[t] = template.Must(template.New("").Funcs(functions).Funcs(template.FuncMap{
			"say": t.say, "mark": t.mark, "number": t.number, "date": t.date, "day": t.day,
		}).ParseFS(templateFS, "templates/*.html"))
	}
	return all
})
