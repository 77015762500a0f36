package ui

import "strconv"

// step is the distance of two lines: 1, 2 or 5 times a power of ten, at most four lines.
func (c BarChart) step() int {
	highest := 1
	for _, b := range c.Bars {
		highest = max(highest, b.Value)
	}
	for power := 1; ; power *= 10 {
		for _, n := range []int{1, 2, 5} {
			if n*power*4 >= highest {
				return n * power
			}
		}
	}
}

func (c BarChart) top() int {
	highest := 1
	for _, b := range c.Bars {
		highest = max(highest, b.Value)
	}
	step := c.step()
	return (highest + step - 1) / step * step
}

func (c BarChart) ticks() []int {
	var ticks []int
	for t := 0; t <= c.top(); t += c.step() {
		ticks = append(ticks, t)
	}
	return ticks
}

func (c BarChart) slot() float64 {
	return float64(chartWidth-chartLeft) / float64(max(len(c.Bars), 1))
}

func (c BarChart) barWidth() float64 { return min(c.slot()*0.62, 40) }

func (c BarChart) rise(v int) float64 {
	return float64(v) / float64(c.top()) * (chartBase - chartTop)
}

func (c BarChart) x(i int) string {
	return px(chartLeft + c.slot()*(float64(i)+0.5) - c.barWidth()/2)
}

func (c BarChart) middle(i int) string { return px(chartLeft + c.slot()*(float64(i)+0.5)) }
func (c BarChart) y(v int) string      { return px(chartBase - c.rise(v)) }
func (c BarChart) width() string       { return px(c.barWidth()) }
func (c BarChart) height(v int) string { return px(c.rise(v)) }

// labelled drops labels that would run into one another.
func (c BarChart) labelled(i int) bool { return c.fromLast(i)%c.every() == 0 }

// odd is every second of the labels, for which phones have no room.
func (c BarChart) odd(i int) bool { return c.fromLast(i)/c.every()%2 == 1 }

func (c BarChart) fromLast(i int) int { return len(c.Bars) - 1 - i }
func (c BarChart) every() int         { return max((len(c.Bars)+11)/12, 1) }

func px(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
