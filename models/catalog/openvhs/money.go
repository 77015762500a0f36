package openvhs

import (
	"fmt"
	"regexp"
	"strings"
)

// reduced finds the lower price in a remark such as "erm. Preis: 47,00 EUR".
var reduced = regexp.MustCompile(`(?i)(?:^|\s)(?:erm\.|ermäßigt(?:e[rs]?)?|ermaessigt(?:e[rs]?)?)\s*(?:kurs)?(?:preis|entgelt|gebühr)?\s*:?\s*(\S*\d\S*?)\s*(?:EUR|€|Euro)(?:[\s;,.]+|$)`)

var reducedClaim = regexp.MustCompile(`(?i)^erm\. ?preis`)

func (c *course) money() {
	n := c.node.first("preis")
	text := c.in(n, "betrag", maxLine)
	if text == "" {
		c.problems.add(MissingPrice)
		return
	}
	cents, ok := centsFrom(text)
	if !ok {
		c.problems.add(UnreadablePrice, "Field", "betrag", "Value", text)
		return
	}
	price := &Price{Cents: cents, DiscountPossible: c.boolean(n, "rabatt_moeglich")}
	for _, remark := range n.all("zusatz") {
		c.remark(price, c.clean(remark, "zusatz", maxLine))
	}
	if price.ReducedCents != nil {
		c.checkReduced(price, text)
	}
	if c.FreeOfCharge && cents > 0 {
		c.problems.add(FreeButPrice, "Price", text)
	}
	c.Price = price
}

// remark takes the first reduced price out of a remark and keeps the rest.
func (c *course) remark(price *Price, text string) {
	m := reduced.FindStringSubmatchIndex(text)
	if m == nil {
		if reducedClaim.MatchString(text) {
			c.problems.add(UnreadablePrice, "Field", "zusatz", "Value", text)
		}
	} else if cents, ok := centsFrom(text[m[2]:m[3]]); !ok {
		c.problems.add(UnreadablePrice, "Field", "zusatz", "Value", text)
	} else if price.ReducedCents == nil {
		price.ReducedCents = &cents
		before, after := strings.TrimRight(text[:m[0]], " ;,"), strings.TrimSpace(text[m[1]:])
		text = strings.TrimSpace(before + " " + after)
	}
	if text != "" {
		price.Notes = append(price.Notes, text)
	}
}

func (c *course) checkReduced(price *Price, full string) {
	amount := euros(*price.ReducedCents)
	if *price.ReducedCents > price.Cents {
		c.problems.add(ReducedAbovePrice, "Reduced", amount, "Price", full)
		price.ReducedCents = nil
		return
	}
	if price.DiscountPossible != nil && !*price.DiscountPossible {
		c.problems.add(ReducedWithoutDiscount, "Reduced", amount)
	}
}

// euros spells an amount as German catalogues do.
func euros(cents int) string { return fmt.Sprintf("%d,%02d", cents/100, cents%100) }
