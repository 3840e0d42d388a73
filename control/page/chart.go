package page

import (
	"fmt"
	"html/template"
	"strings"

	"isthmus/control"
)

// Size of a chart, in its own units.
const (
	chartWidth  = 720
	chartHeight = 120
	chartFoot   = 18 // for the hours
)

// chart draws a day: of delivered posts and failed attempts, or of what was received.
func chart(list []control.Minutes, of string) template.HTML {
	value := func(m control.Minutes) (int, int) { return m.Received, 0 }
	title := "Activities received during the last day"
	if of == "delivered" {
		value = func(m control.Minutes) (int, int) { return m.Delivered, m.Failed }
		title = "Deliveries during the last day"
	}
	highest, sum, failed := 1, 0, 0
	for _, m := range list {
		good, bad := value(m)
		highest, sum, failed = max(highest, good+bad), sum+good, failed+bad
	}
	var b strings.Builder
	label := fmt.Sprintf("%s: %d", title, sum)
	if of == "delivered" {
		label += fmt.Sprintf(" made, %d attempts failed", failed)
	}
	fmt.Fprintf(&b, `<figure><figcaption>%s</figcaption><svg class="chart" role="img" aria-label="%s" viewBox="0 0 %d %d">`, label, label, chartWidth, chartHeight+chartFoot)
	fmt.Fprintf(&b, `<line class="base" x1="0" x2="%d" y1="%d" y2="%d"/>`, chartWidth, chartHeight, chartHeight)
	step := float64(chartWidth) / float64(max(1, len(list)))
	height := func(n int) float64 { return float64(n) / float64(highest) * (chartHeight - 14) }
	for i, m := range list {
		good, bad := value(m)
		x, h := float64(i)*step, height(good)
		if good > 0 {
			fmt.Fprintf(&b, `<rect class="good" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x, chartHeight-h, step*.8, h)
		}
		if bad > 0 {
			fmt.Fprintf(&b, `<rect class="bad" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, x, chartHeight-h-height(bad), step*.8, height(bad))
		}
		if from := m.From.UTC(); from.Minute() == 0 && from.Hour()%6 == 0 && x < chartWidth-40 {
			fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`, x, chartHeight+14, from.Format("15:04"))
		}
	}
	fmt.Fprintf(&b, `<text x="2" y="11">%d in ten minutes</text></svg></figure>`, highest)
	return template.HTML(b.String())
}
