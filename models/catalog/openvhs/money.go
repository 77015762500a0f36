package openvhs

import (
	"regexp"
	"strings"
)

// reducedPrice finds the lower price in a remark such as "erm. Preis: 47,00 EUR".
var reducedPrice = regexp.MustCompile(`(?i)(?:^|\s)(?:erm\.|ermäßigt(?:e[rs]?)?|ermaessigt(?:e[rs]?)?)\s*(?:kurs)?(?:preis|entgelt|gebühr)?\s*:?\s*(\S*\d\S*?)\s*(?:EUR|€|Euro)(?:[\s;,.]+|$)`)

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
	reduced := ""
	for _, remark := range n.all("zusatz") {
		if found := c.remark(price, c.clean(remark, "zusatz", maxLine)); found != "" {
			reduced = found
		}
	}
	switch {
	case price.ReducedCents == nil:
	case *price.ReducedCents > cents:
		c.problems.add(ReducedAbovePrice, "Reduced", reduced, "Price", text)
		price.ReducedCents = nil
	case price.DiscountPossible != nil && !*price.DiscountPossible:
		c.problems.add(ReducedWithoutDiscount, "Reduced", reduced)
	}
	if c.FreeOfCharge && cents > 0 {
		c.problems.add(FreeButPrice, "Price", text)
	}
	c.Price = price
}

// remark takes the first reduced price out of a remark, returns it as it is spelt, and keeps the rest.
func (c *course) remark(price *Price, text string) (found string) {
	m := reducedPrice.FindStringSubmatchIndex(text)
	if m == nil {
		if reducedClaim.MatchString(text) {
			c.problems.add(UnreadablePrice, "Field", "zusatz", "Value", text)
		}
	} else if cents, ok := centsFrom(text[m[2]:m[3]]); !ok {
		c.problems.add(UnreadablePrice, "Field", "zusatz", "Value", text)
	} else if price.ReducedCents == nil {
		found, price.ReducedCents = text[m[2]:m[3]], &cents
		before, after := strings.TrimRight(text[:m[0]], " ;,"), strings.TrimSpace(text[m[1]:])
		text = strings.TrimSpace(before + " " + after)
	}
	if text != "" {
		price.Notes = append(price.Notes, text)
	}
	return found
}
